"""The ways into the device itself, and the VPNs that end on it.

Defaults as the init scripts have them: Dropbear listens on port 22 of every interface, with
passwords (dropbear.init: ``Port``, ``PasswordAuth``); uHTTPd listens where it is told to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from assessor.devices.device import Reach, Service, Topic, Vpn
from assessor.devices.openwrt.firewall import reach
from assessor.devices.openwrt.said import LISTENING, STARTED, Said
from assessor.devices.openwrt.uci import Section
from assessor.devices.openwrt.wall import Wall

_WAYS = (Topic.MANAGEMENT,)
_LISTEN = re.compile(r"(?:(?P<host>\[[0-9a-fA-F:.%\w]*\]|[^\s:\[\]]*):)?(?P<port>\d{1,5})")
_EVERY_HOST = frozenset({"", "0.0.0.0", "[::]", "*"})  # noqa: S104 - the device's, not ours
_LOOPBACK = re.compile(r"127\.|\[?::1\]?$|localhost")
MOST_INSTANCES = 40
"""Of one service; each is held against the whole firewall."""
_ODD_PORTS = {21: "ftp", 23: "telnet", 7681: "ttyd"}
"""Services without a package of their own here, told by the port on which something listens."""
_UNREAD_SERVICES = (
    *("sshd", "nginx", "lighttpd", "telnet", "cockpit", "openssh-server"),
    *("frpc", "ngrokc", "cloudflared", "vsftpd", "proftpd", "easycwmpd"),
)
_UNREAD_VPNS = ("xl2tpd", "strongswan", "swanctl", "libreswan", "softethervpnserver", "accel-ppp")
_STARTED_VPNS = {"ocserv": "ssl-vpn", "zerotier": "zerotier", "tailscale": "tailscale"}
_OLD_CIPHER = re.compile(r"\b(?:bf|des|3des|rc2|rc4|cast5|none)\b|des-|bf-|cast", re.I)
_OLD_IPSEC = re.compile(r"des|3des|md5|sha1|modp(?:768|1024|1536)|blowfish", re.I)


def read_services(said: Said, wall: Wall | None) -> tuple[Service, ...]:
    """The services."""
    found = [*_ssh(said, wall), *_web(said, wall), *_snmp(said, wall), *_upnp(said)]
    known = {one.port for one in found}
    for host, port in _listening(said):
        name = _ODD_PORTS.get(port)
        if name and port not in known and not _LOOPBACK.match(host):
            known.add(port)
            found.append(Service(name, True, False, reach(wall, "tcp", port), port))
    for name in _UNREAD_SERVICES:
        if said.started(name):
            said.note(_WAYS, f"{name} is started; its settings are not read")
    if STARTED not in said.other and not said.from_file:
        said.note(_WAYS, f"{STARTED}: not answered")
    return tuple(found)


def _listening(said: Said) -> Iterator[tuple[str, int]]:
    for line in said.other.get(LISTENING, "").splitlines():
        match = re.match(r"tcp6?\s+\d+\s+\d+\s+(\S+):(\d{1,5})\s", line)
        if match:
            yield match[1], int(match[2])


def _ssh(said: Said, wall: Wall | None) -> Iterator[Service]:
    started = said.started("dropbear")
    sections = said.of("dropbear", "dropbear")
    if said.has("dropbear") and not sections and started is not False:
        yield Service("ssh", reach=reach(wall, "tcp", 22), port=22)
    if len(sections) > MOST_INSTANCES:
        said.note(_WAYS, f"dropbear: more than {MOST_INSTANCES} instances")
    for section in sections[:MOST_INSTANCES]:
        if not said.on(section, "enable", _WAYS) or started is False:
            continue
        port = section.get("Port", "22")
        if not re.fullmatch(r"\d{1,5}", port):
            said.note(_WAYS, f"dropbear.{section.key}.Port: {port}")
            continue
        for option in ("PasswordAuth", "RootPasswordAuth"):
            said.flag(section, option, _WAYS, otherwise=True)
        on = section.words("DirectInterface") or section.words("Interface")
        place = reach(wall, "tcp", int(port), bound_inside=_inside(wall, on))
        yield Service("ssh", reach=place, port=int(port))


def _inside(wall: Wall | None, interfaces: tuple[str, ...]) -> bool:
    """Whether a service listens on inner interfaces only."""
    if wall is None or not interfaces:
        return False
    inner = {one.name for one, zone in wall.placed if zone not in (*wall.outside, *wall.unclear)}
    return set(interfaces) <= inner


def _web(said: Said, wall: Wall | None) -> Iterator[Service]:
    if said.started("uhttpd") is False:
        return
    sections = said.of("uhttpd", "uhttpd")
    if len(sections) > MOST_INSTANCES:
        said.note(_WAYS, f"uhttpd: more than {MOST_INSTANCES} instances")
    for section in sections[:MOST_INSTANCES]:
        secure = list(_places(said, section, "listen_https"))
        plain = list(_places(said, section, "listen_http"))
        if secure and said.flag(section, "redirect_https", _WAYS):
            plain = []  # it only sends people on to the encrypted one
        for name, places in (("http", plain), ("https", secure)):
            for port in dict.fromkeys(port for _, port in places):
                hosts = {host for host, one in places if one == port}
                inner = wall is not None and hosts <= _addresses_inside(wall)
                found = reach(wall, "tcp", port, bound_inside=inner)
                yield Service(name, encrypted=name == "https", reach=found, port=port)


def _addresses_inside(wall: Wall) -> set[str]:
    inner = [one for one, zone in wall.placed if zone not in (*wall.outside, *wall.unclear)]
    return {each.split("/")[0] for one in inner for each in one.addresses}


def _places(said: Said, section: Section, option: str) -> Iterator[tuple[str, int]]:
    for word in section.words(option):
        match = _LISTEN.fullmatch(word)
        if match is None:
            said.note(_WAYS, f"uhttpd.{section.key}.{option}: {word}")
        elif not _LOOPBACK.match(match["host"] or ""):
            host = match["host"] or ""
            yield ("" if host in _EVERY_HOST else host.strip("[]")), int(match["port"])


def _snmp(said: Said, wall: Wall | None) -> Iterator[Service]:
    for package in ("snmpd", "mini_snmpd"):
        if said.of(package) and said.started(package) is not False:
            yield Service("snmp", encrypted=False, reach=reach(wall, "udp", 161), port=161)


def _upnp(said: Said) -> Iterator[Service]:
    for section in said.of("upnpd", "upnpd"):
        started = said.started("miniupnpd") is not False
        if started and said.flag(section, "enabled", _WAYS, otherwise=False):
            yield Service("upnp", reach=Reach.INSIDE)


def read_vpns(said: Said, wall: Wall | None) -> tuple[Vpn, ...] | None:
    """The VPNs; ``None`` where the network's settings are not told."""
    if not said.has("network"):
        return None
    found = [*_of_network(said, wall), *_openvpn(said), *_ipsec(said), *_pptp(said)]
    for name, kind in _STARTED_VPNS.items():
        if said.started(name):
            found.append(Vpn(kind))
    for name in _UNREAD_VPNS:
        if said.started(name) and not said.of("ipsec"):
            said.note([Topic.VPN], f"{name} is started; its settings are not read")
    return tuple(found)


def _of_network(said: Said, wall: Wall | None) -> Iterator[Vpn]:
    outside = {one.name for one, zone in (wall.placed if wall else ()) if one.outside}
    kinds = {"wireguard", "pptp", "l2tp", "openconnect", "vpnc", "sstp", "openfortivpn"}
    for section in said.of("network", "interface"):
        proto = section.get("proto")
        # As the way to the provider PPTP and L2TP are a line, and no tunnel for people.
        if proto in kinds and not said.flag(section, "disabled", [Topic.VPN]):
            if proto in {"pptp", "l2tp"} and section.name in outside:
                continue
            yield Vpn(proto, section.name)


def _openvpn(said: Said) -> Iterator[Vpn]:
    for section in said.of("openvpn", "openvpn"):
        if not said.flag(section, "enabled", [Topic.VPN]):
            continue
        if section.get("config"):
            said.note([Topic.VPN], f"openvpn.{section.key}.config: {section.get('config')}")
        ciphers = (*section.words("cipher"), *section.words("data_ciphers"))
        weak = [each for each in ciphers if _OLD_CIPHER.search(each)]
        weak += [each for each in section.words("auth") if each.upper() in {"MD5", "NONE"}]
        if section.get("secret"):
            weak.append("static key")  # without forward secrecy; deprecated since OpenVPN 2.6
        yield Vpn("openvpn", section.name, weak=tuple(dict.fromkeys(weak)))


def _ipsec(said: Said) -> Iterator[Vpn]:
    proposals = said.of("ipsec", "crypto_proposal")
    words = [word for one in proposals for values in one.options.values() for word in values]
    weak = tuple(dict.fromkeys(word for word in words if _OLD_IPSEC.fullmatch(word)))
    for section in said.of("ipsec", "remote"):
        if said.on(section, "enabled", [Topic.VPN]):
            aggressive = ("aggressive mode",) if section.flag("aggressive") else ()
            yield Vpn("ipsec", section.name, weak=(*weak, *aggressive))


def _pptp(said: Said) -> Iterator[Vpn]:
    for section in said.of("pptpd", "service"):
        if said.flag(section, "enabled", [Topic.VPN]):
            yield Vpn("pptp", section.name)
