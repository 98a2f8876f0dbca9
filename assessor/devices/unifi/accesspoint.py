"""An access point by itself: ``/tmp/system.cfg``, lines of ``key=value``.

The keys as published renders of them have it (``aaa.1.ssid``, ``aaa.1.wpa``,
``aaa.1.wpa.key.1.mgmt``, ``aaa.1.wpa.1.pairwise``, ``wireless.1.ssid``, ``users.1.name``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from assessor.devices.device import (
    Account,
    Device,
    Firmware,
    Logging,
    Protection,
    Reach,
    Secret,
    Service,
    Storage,
    Topic,
    WifiNetwork,
)
from assessor.devices.secrets import secret
from assessor.devices.unifi.wifi import GUESTS
from assessor.devices.vyatta.accounts import hashed
from assessor.devices.vyatta.known import MOST_LINES, shortened

_LINE = re.compile(r"^(?P<key>[a-z][\w.-]{1,120})=(?P<value>[^\n]*)$", re.MULTILINE)
_BY_WPA = {"1": Protection.WPA, "2": Protection.WPA2, "3": Protection.WPA_WPA2}
_MANAGED = {"WPA-PSK": None, "WPA-EAP": None, "SAE": Protection.WPA3, "OWE": Protection.OWE}
_MANAGED |= {"WPA-PSK SAE": Protection.WPA2_WPA3, "SAE WPA-PSK": Protection.WPA2_WPA3}
_MANAGED |= {"FT-PSK WPA-PSK": None, "WPA-PSK FT-PSK": None, "WPA-EAP FT-EAP": None}


def read_settings(text: str) -> Mapping[str, str]:
    """The settings; empty where there are none."""
    return {found["key"]: found["value"].strip() for found in _LINE.finditer(text)}


def read_access_point(settings: Mapping[str, str], firmware: Firmware | None, name: str) -> Device:
    """The device that has these settings."""
    unread: dict[Topic, list[str]] = {}
    wifi = tuple(_networks(settings, unread))
    remote = settings.get("syslog.remote.ip", "")
    sends = bool(remote) and settings.get("syslog.remote.status") == "enabled"
    servers = tuple(
        v for k, v in settings.items() if re.fullmatch(r"ntpclient\.\d+\.server", k) and v
    )
    ssh = settings.get("sshd.status") == "enabled"
    return Device(
        name=name or settings.get("resolv.host.1.name", ""),
        firmware=firmware,
        accounts=tuple(_accounts(settings)),
        services=(Service("ssh", ssh, True, Reach.UNKNOWN, _port(settings)),),
        wifi=wifi,
        logging=Logging((remote,) if sends else (), None, False if sends else None),
        ntp=servers if settings.get("ntpclient.status") == "enabled" else (),
        unread={topic: tuple(lines) for topic, lines in unread.items()},
    )


def _port(settings: Mapping[str, str]) -> int | None:
    text = settings.get("sshd.port", "")
    return int(text) if text.isdecimal() and len(text) < 6 else None


def _numbers(settings: Mapping[str, str], section: str) -> list[str]:
    pattern = re.compile(rf"{section}\.(\d{{1,3}})\.")
    return list(dict.fromkeys(m[1] for key in settings if (m := pattern.match(key))))


def _accounts(settings: Mapping[str, str]) -> Iterator[Account]:
    for number in _numbers(settings, "users"):
        yield Account(
            settings.get(f"users.{number}.name", "?"),
            enabled=settings.get(f"users.{number}.status") == "enabled",
            secret=hashed(settings.get(f"users.{number}.password")),
            second_factor=False,
        )


def _networks(settings: Mapping[str, str], unread: dict[Topic, list[str]]) -> Iterator[WifiNetwork]:
    keyed = {
        settings.get(f"aaa.{number}.devname", ""): number for number in _numbers(settings, "aaa")
    }
    for number in _numbers(settings, "wireless"):
        own = f"wireless.{number}."
        if settings.get(f"{own}mode") not in ("master", None) or not settings.get(f"{own}ssid"):
            continue
        device, name = settings.get(f"{own}devname", ""), settings[f"{own}ssid"]
        aaa = keyed.get(device)
        protection = Protection.UNKNOWN
        found: tuple[Secret, ...] = ()
        managed = settings.get(f"aaa.{aaa}.wpa.key.1.mgmt", "") if aaa else ""
        if aaa is None:
            protection = Protection.OPEN if settings.get(f"{own}security") == "none" else protection
        elif managed in _MANAGED:
            wpa = settings.get(f"aaa.{aaa}.wpa", settings.get(f"aaa.{aaa}.wpa.mode", ""))
            protection = _MANAGED[managed] or _BY_WPA.get(wpa, Protection.UNKNOWN)
            # Networks with names and passwords carry a key that is not used.
            key = (
                ""
                if "EAP" in managed or managed == "OWE"
                else settings.get(f"aaa.{aaa}.wpa.psk", "")
            )
            found = (secret(key, Storage.CLEAR),) if key else ()
        if protection is Protection.UNKNOWN:
            lines = unread.setdefault(Topic.WIFI, [])
            if len(lines) < MOST_LINES:
                lines.append(shortened(f"{own}ssid={name}: {managed or 'its protection'}"))
        ciphers = settings.get(f"aaa.{aaa}.wpa.1.pairwise", "") if aaa else ""
        guest = settings.get(f"{own}is_guest") == "true" or bool(GUESTS.search(name))
        yield WifiNetwork(
            name,
            device or f"wireless {number}",
            enabled=settings.get(f"{own}status") != "disabled",
            protection=protection,
            enterprise="EAP" in managed,
            tkip="TKIP" in ciphers if ciphers else None,
            guest=guest,
            secrets=found,
        )
