"""What the router offers, and from where it can be reached."""

from __future__ import annotations

from collections.abc import Iterator

from assessor.devices.device import Community, Reach, Service, Storage
from assessor.devices.secrets import secret
from assessor.devices.vyatta.firewall import Walls
from assessor.devices.vyatta.grammar import Node

# What OpenSSH itself has turned off over the years (openssh.com/releasenotes.html, 6.7 to 9.8).
_WEAK_SSH = ("cbc", "arcfour", "3des", "blowfish", "md5", "sha1", "umac-64", "ripemd", "ssh-dss")


def read_services(root: Node, walls: Walls) -> tuple[Service, ...]:
    """Every way in."""
    return tuple(_services(root, walls))


def _services(root: Node, walls: Walls) -> Iterator[Service]:
    node = root.at("service")
    yield _ssh(node, walls)
    telnet = node.at("telnet")
    on = node.has("telnet")
    yield _offered("telnet", telnet, 23, walls, on=on, encrypted=False)
    if node.has("gui"):
        # Its plain port only answers with the address of the other.
        gui = node.at("gui")
        port = _port(gui, "https-port", 443)
        weak = () if gui.has("older-ciphers", "disable") else ("older-ciphers",)
        reach = walls.reach("tcp", port, gui.values("listen-address"))
        yield Service("https", reach=reach, port=port, weak=weak)
    yield from _https(node, walls)
    if node.has("snmp"):
        yield _snmp(node.at("snmp"), walls)
    for name in ("upnp", "upnp2"):
        if node.has(name):
            yield Service("upnp", encrypted=False, reach=Reach.INSIDE)
    for name, port in (("ftp", 21), ("tftp-server", 69)):
        if node.has(name):
            protocol = "udp" if port == 69 else "tcp"
            reach = walls.reach(protocol, port, node.values(name, "listen-address"))
            yield Service(name.removesuffix("-server"), encrypted=False, reach=reach, port=port)
    if node.has("dns", "forwarding"):
        reach = walls.reach("udp", 53, node.values("dns", "forwarding", "listen-address"))
        yield Service("dns", encrypted=False, reach=reach, port=53)
    yield from _managed(node)


def _ssh(node: Node, walls: Walls) -> Service:
    ssh = node.at("ssh")
    weak = [f"protocol {version}" for version in ssh.values("protocol-version") if version != "v2"]
    for word in (
        "ciphers",
        "mac",
        "key-exchange",
        "hostkey-algorithm",
        "pubkey-accepted-algorithm",
    ):
        names = ",".join(ssh.values(word)).split(",")
        weak += [name for name in names if any(old in name for old in _WEAK_SSH)]
    return _offered("ssh", ssh, 22, walls, on=node.has("ssh"), weak=tuple(weak))


def _offered(
    name: str,
    node: Node,
    port: int,
    walls: Walls,
    *,
    on: bool,
    encrypted: bool = True,
    weak: tuple[str, ...] = (),
) -> Service:
    if not on:
        return Service(name, enabled=False, encrypted=encrypted)
    ports = [int(text) for text in node.values("port") if text.isdecimal() and len(text) < 6]
    ports = ports or [port]
    reaches = [walls.reach("tcp", each, node.values("listen-address")) for each in ports]
    worst = min(range(len(ports)), key=lambda index: list(Reach).index(reaches[index]))
    if Reach.UNKNOWN in reaches and reaches[worst] is not Reach.ANYWHERE:
        worst = reaches.index(Reach.UNKNOWN)
    return Service(name, True, encrypted, reaches[worst], ports[worst], weak)


def _https(node: Node, walls: Walls) -> Iterator[Service]:
    """VyOS' API over HTTPS: ``virtual-host`` up to 1.3, one host since."""
    if not node.has("https"):
        return
    https = node.at("https")
    places = [https] if https.has("listen-address") or not https.has("virtual-host") else []
    places += [below for _, below in https.items("virtual-host")]
    for place in places:
        port = _port(place, "port", _port(place, "listen-port", 443))
        reach = walls.reach(
            "tcp", port, tuple(a for a in place.values("listen-address") if a != "*")
        )
        allowed = place.values("allow-client", "address")
        if allowed and reach is Reach.ANYWHERE and not {"0.0.0.0/0", "::/0"} & set(allowed):
            reach = Reach.NAMED
        yield Service("https", reach=reach, port=port)


def _snmp(node: Node, walls: Walls) -> Service:
    encrypted = not node.has("community")
    listening = tuple(node.values("listen-address"))
    reach = walls.reach("udp", 161, listening)
    if reach is Reach.ANYWHERE and all(_clients(one) for _, one in node.items("community")):
        reach = Reach.NAMED if node.has("community") and not node.has("v3") else reach
    return Service("snmp", encrypted=encrypted, reach=reach, port=161)


def _managed(node: Node) -> Iterator[Service]:
    """Managers that the router itself calls: nothing listens for them."""
    unms = node.at("unms")
    if node.has("unms"):
        on = unms.has("connection") and not unms.has("disable")
        yield Service("cloud", enabled=on, reach=Reach.NAMED)
    if node.has("salt-minion"):
        yield Service("cloud", reach=Reach.NAMED)
    for number, (_, device) in enumerate(node.items("console-server", "device")):
        if device.has("ssh") and number < 32:
            yield Service("console-server", reach=Reach.UNKNOWN)


def _port(node: Node, word: str, default: int) -> int:
    text = node.value(word) or ""
    return int(text) if text.isdecimal() and len(text) < 6 else default


def read_snmp(root: Node) -> tuple[Community, ...]:
    """Communities and users of SNMP; none where it is off."""
    node = root.at("service", "snmp")
    return (*_communities(node), *_users(node))


def _clients(community: Node) -> tuple[str, ...]:
    return (*community.values("client"), *community.values("network"))


def _communities(node: Node) -> Iterator[Community]:
    for name, below in node.items("community"):
        writable = below.value("authorization") == "rw"
        yield Community("2c", writable, False, secret(name, Storage.CLEAR), _clients(below))


def _users(node: Node) -> Iterator[Community]:
    for _, user in node.items("v3", "user"):
        writable = user.value("mode") == "rw" or node.has(
            "v3", "group", user.value("group") or "", "mode", "rw"
        )
        found = None
        for word, storage in (
            ("plaintext-password", Storage.CLEAR),
            ("plaintext-key", Storage.CLEAR),
            ("encrypted-password", Storage.HASH),
            ("encrypted-key", Storage.HASH),
        ):
            text = user.value("auth", word)
            if text and found is None:
                found = secret(text, storage)
        yield Community("3", writable, user.has("privacy"), found)
