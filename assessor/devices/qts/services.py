"""The ways into a QTS, and what leads there from the internet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from assessor.devices.device import Reach, Service, Topic, Vpn
from assessor.devices.dsm.unread import Unread
from assessor.devices.qts.ini import Section, read_ini, truth
from assessor.devices.qts.parts import Parts
from assessor.devices.qts.questions import Ask

# The state of a NAS that is registered with myQNAPcloud.
_REGISTERED = "3"


def read_services(parts: Parts, unread: Unread) -> tuple[Service, ...] | None:
    """The services; ``None`` where nothing was told of them.

    QTS' own firewall (QuFirewall) and access lists are not read: from where a service may be
    reached is told only where QTS itself opened it to the internet.
    """
    text = parts.text(Ask.SETTINGS)
    if text is None:
        return None
    sections, unknown = read_ini(text)
    for line in unknown:
        unread.note(Topic.MANAGEMENT, line)
    upnp = truth((parts.text(Ask.UPNP) or "").strip())
    if upnp is None:
        unread.note(Topic.MANAGEMENT, f"UPnP: {parts.text(Ask.UPNP)}")
    return (
        *_login(sections, unread),
        *_web(sections, unread, forwarded=upnp is not False),
        *_files(sections, unread),
        *_snmp(sections),
        *((Service("upnp", reach=Reach.INSIDE),) if upnp else ()),
        *_cloud(parts, unread),
    )


def _number(section: Section, name: str, usual: int) -> int:
    value = section.get(name, "")
    return int(value) if value.isdigit() and 0 < int(value) < 65536 else usual


def _login(sections: Mapping[str, Section], unread: Unread) -> Iterator[Service]:
    section = sections.get("login", {})
    for name, port, encrypted in (("ssh", 22, True), ("telnet", 13131, False)):
        # "FALSE" is what QTS' own login.sh takes where the setting is missing.
        said = section.get(f"{name} enable", "FALSE" if section else None)
        enabled = truth(said)
        if enabled is None:
            unread.note(Topic.MANAGEMENT, f"{name} enable: {said}")
            continue
        yield Service(
            name,
            enabled=enabled,
            encrypted=encrypted,
            port=_number(section, f"{name} port", port),
        )


def _files(sections: Mapping[str, Section], unread: Unread) -> Iterator[Service]:
    said = sections.get("ftp", {}).get("enable")
    if said is None:
        return
    enabled = truth(said)
    if enabled is None:
        unread.note(Topic.MANAGEMENT, f"FTP enable: {said}")
    else:
        yield Service("ftp", enabled=enabled, encrypted=False, port=21)


def _web(sections: Mapping[str, Section], unread: Unread, *, forwarded: bool) -> Iterator[Service]:
    """The web interface; the defaults are those of QTS' own scripts (avahi, redirect.php)."""
    system, tls = sections.get("system", {}), sections.get("stunnel", {})
    https, forced = truth(tls.get("enable", "1")), truth(system.get("force ssl", "0"))
    if https is None or forced is None:
        unread.note(Topic.MANAGEMENT, f"Stunnel: {dict(tls)}, Force SSL: {system.get('force ssl')}")
        return

    def reach(outer: str | None) -> Reach:
        # The port of the router that leads to the NAS, once the NAS has set that up.
        opened = forwarded and outer is not None and outer.isdigit() and int(outer) > 0
        return Reach.ANYWHERE if opened else Reach.UNKNOWN

    yield Service(
        "https",
        enabled=https,
        port=_number(tls, "port", 443),
        reach=reach(tls.get("extsslport")),
    )
    yield Service(
        "http",
        enabled=not (https and forced),
        encrypted=False,
        port=_number(system, "web access port", 8080),
        reach=reach(system.get("extport")),
    )


def _snmp(sections: Mapping[str, Section]) -> Iterator[Service]:
    enabled = truth(sections.get("snmp", {}).get("service enable"))
    if enabled is not None:
        yield Service("snmp", enabled=enabled, encrypted=False, port=161)


def _cloud(parts: Parts, unread: Unread) -> Iterator[Service]:
    """myQNAPcloud, by whose relay (CloudLink) QNAP's servers lead to the NAS from anywhere."""
    said = (parts.text(Ask.CLOUD) or "").strip()
    if not said.isdigit():
        unread.note(Topic.MANAGEMENT, f"myQNAPcloud: {said or 'not told'}")
        return
    if said != _REGISTERED:
        yield Service("cloud", enabled=False)
        return
    link = parts.section(Ask.PACKAGES, "cloudlink")
    relayed = link is not None and truth(link.get("enable")) is not False
    yield Service("cloud", reach=Reach.ANYWHERE if relayed else Reach.UNKNOWN)


def read_vpns(parts: Parts, unread: Unread) -> tuple[Vpn, ...] | None:
    """None, where QVPN is not installed; its settings are not read."""
    text = parts.text(Ask.PACKAGES)
    if text is None:
        if parts.document is None:
            unread.note(Topic.VPN, "which packages are installed is not told")
        return None
    names = {"qvpn", "qvpnservice", "qvpn service"}
    if any(name in names for name in read_ini(text)[0]):
        unread.note(Topic.VPN, "QVPN is installed; its settings are not read")
        return None
    return ()
