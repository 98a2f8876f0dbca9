"""Writes FortiOS configurations for tests."""

from __future__ import annotations

from assessor.devices.answers import FILE
from assessor.devices.device import Device
from assessor.devices.fortios import read
from tests.devices.cases import REDACTOR

HEAD = "#config-version=FGT60F-7.4.11-FW-build2878-260126:opmode=0:vdom=0:user=admin\n"


def _settings(settings: dict[str, str]) -> str:
    """``set`` lines; an underscore stands for a hyphen, and an empty value for none at all."""
    return "".join(
        f"set {name.replace('_', '-')} {value}\n" for name, value in settings.items() if value
    )


def section(name: str, /, *inner: str, **settings: str) -> str:
    """A section with its settings and what is within."""
    return f"config {name}\n{_settings(settings)}{''.join(inner)}end\n"


def entry(name: object, /, *inner: str, **settings: str) -> str:
    """An entry of a table."""
    return f'edit "{name}"\n{_settings(settings)}{"".join(inner)}next\n'


def policy(number: int = 1, /, **settings: str) -> str:
    """An entry of "firewall policy": from outside to the LAN, all of it, unless said otherwise."""
    chosen = {
        "srcintf": "wan1",
        "dstintf": "lan",
        "srcaddr": "all",
        "dstaddr": "all",
        "action": "accept",
        "schedule": "always",
        "service": "ALL",
    } | settings
    return entry(number, **chosen)


def interfaces(*more: str, wan: str = "", lan: str = "", wan_inner: str = "") -> str:
    """Three interfaces; ``wan`` and ``lan`` are what two of them allow."""
    return section(
        "system interface",
        entry("wan1", wan_inner, ip="198.51.100.2 255.255.255.248", role="wan", allowaccess=wan),
        entry("lan", ip="10.0.0.1 255.255.255.0", role="lan", allowaccess=lan),
        entry("dmz", ip="10.0.1.1 255.255.255.0", role="dmz"),
        *more,
    )


OBJECTS = (
    section(
        "firewall address",
        entry("all"),
        entry("office", subnet="203.0.113.0 255.255.255.0"),
        entry("server", subnet="10.0.1.5 255.255.255.255"),
        entry("whole", type="iprange", start_ip="0.0.0.0", end_ip="255.255.255.255"),  # noqa: S104
        entry("land", type="geography", country="NL"),
    )
    + section(
        "firewall addrgrp",
        entry("mixed", member="office nested"),
        entry("nested", member="server whole"),
    )
    + section(
        "firewall service custom",
        entry("ALL", protocol="IP"),
        entry("ALL_TCP", tcp_portrange="1-65535"),
        entry("HTTPS", tcp_portrange="443"),
        entry("both", tcp_portrange="53 853:1024-65535", udp_portrange="53"),
    )
    + section("firewall service group", entry("web", member="HTTPS both"))
    + section(
        "firewall vip",
        entry("whole-host", mappedip="10.0.1.5", extintf="wan1"),
        entry(
            "one-port",
            mappedip="10.0.1.6",
            extintf="wan1",
            portforward="enable",
            extport="8443",
            mappedport="443",
        ),
        entry("off", status="disable", mappedip="10.0.1.7"),
    )
    + section("firewall vipgrp", entry("vips", member="one-port off"))
)
PASSWORD = "ENC SH2pQ7vT3mZk9rWb1xLcY6nHd2sGfJ8uEaC5oVi0="


def administrator(name: str = "admin", /, **settings: str) -> str:
    """An entry of "system admin"."""
    return entry(name, **({"accprofile": "super_admin", "password": PASSWORD} | settings))


def admins(*entries: str) -> str:
    """The administrators; one who may do all unless said otherwise."""
    return section("system admin", *(entries or (administrator(),)))


def device(*parts: str, version: str = "7.4.11") -> Device:
    """What is read of an export with these parts."""
    text = HEAD.replace("7.4.11", version) + "".join(parts)
    return read({FILE: REDACTOR.redact(text).text})
