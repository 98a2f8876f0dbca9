"""The virtual private networks that end on the device."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from assessor.devices.device import Hole, Storage, Vpn
from assessor.devices.fortios.accounts import reversible, stored
from assessor.devices.fortios.configuration import ZERO, Configuration
from assessor.devices.fortios.grammar import Block
from assessor.devices.fortios.network import Network
from assessor.devices.fortios.objects import Objects

# Below today's state: NIST SP 800-77 rev. 1 (2020) has no DES, 3DES, MD5 or group below 14.
_WEAK_PARTS = frozenset({"des", "3des", "md5", "null"})
_WEAK_GROUPS = frozenset({"1", "2", "5", "22"})
_OLD_TLS = {"tls1-0", "tls1-1"}


@dataclass(frozen=True, slots=True)
class Vpns:
    """The VPNs, and where they let strangers knock."""

    vpns: tuple[Vpn, ...]
    holes: tuple[Hole, ...]


def vpns(config: Configuration, nets: Mapping[str, Network], found: Mapping[str, Objects]) -> Vpns:
    """The VPNs of all domains."""
    every: list[Vpn] = []
    holes: list[Hole] = []
    storage = reversible(config)
    for domain, block in config.domains.items():
        outside = nets[domain].outside
        for table in ("vpn ipsec phase1-interface", "vpn ipsec phase1"):
            for entry in block.part(table).entries.values():
                every.append(_ipsec(block, entry, storage))
                if entry.one("interface") in outside:
                    holes.append(_ike(entry))
        every += _dialled(block)
        if portal := _portal(block):
            every.append(portal)
            holes += _knocking(block, nets[domain], found[domain])
    unique = {(hole.service, hole.sources, hole.rule): hole for hole in holes}
    return Vpns(tuple(every), tuple(unique.values()))


def _ike(entry: Block) -> Hole:
    peer = entry.one("remote-gw", ZERO)
    dialled = entry.one("type", "static") != "static" or peer == ZERO
    return Hole("ipv4", "device", "udp/500", () if dialled else (peer,), f"ipsec {entry.name}")


def _ipsec(block: Block, entry: Block, storage: Storage) -> Vpn:
    dialled = entry.one("type", "static") == "dynamic"
    factor = None
    if dialled and (entry.one("xauthtype", "disable") != "disable" or entry.on("eap")):
        factor = _second_factor(block, entry.all("authusrgrp"), ())
    return Vpn(
        kind="ipsec",
        name=entry.name,
        weak=tuple(dict.fromkeys(_weak(entry))),
        secret=stored(entry, "psksecret", storage),
        second_factor=factor,
    )


def _weak(entry: Block) -> Iterator[str]:
    for proposal in entry.all("proposal"):
        if _WEAK_PARTS & {*proposal.split("-")}:
            yield proposal
    yield from (f"dhgrp {group}" for group in entry.all("dhgrp") if group in _WEAK_GROUPS)
    if entry.one("ike-version", "1") == "1":
        yield "ike-version 1"
        if entry.one("mode") == "aggressive":
            yield "mode aggressive"


def _dialled(block: Block) -> Iterator[Vpn]:
    l2tp = block.part("vpn l2tp")
    if l2tp.on("status"):
        phases = [
            entry
            for table in ("vpn ipsec phase2-interface", "vpn ipsec phase2")
            for entry in block.part(table).entries.values()
        ]
        inner = l2tp.on("enforce-ipsec") or any(
            entry.one("encapsulation") == "transport-mode" or entry.on("l2tp") for entry in phases
        )
        factor = _second_factor(block, l2tp.all("usrgrp"), ())
        yield Vpn("l2tp-ipsec" if inner else "l2tp", second_factor=factor)
    pptp = block.part("vpn pptp")
    if pptp.on("status"):
        yield Vpn("pptp", second_factor=_second_factor(block, pptp.all("usrgrp"), ()))


def _portal(block: Block) -> Vpn | None:
    """The SSL VPN; without an interface it is off, whatever else is set."""
    settings = block.part("vpn ssl settings")
    if not settings.all("source-interface") or settings.one("status") == "disable":
        return None
    factors = []
    for rule in settings.part("authentication-rule").entries.values():
        certificate = rule.on("client-cert") or settings.on("reqclientcert")
        people = _second_factor(block, rule.all("groups"), rule.all("users"))
        factors.append(True if certificate else people)
    factor = False if False in factors else None if None in factors or not factors else True
    weak = [one for one in ("sslv3", "tlsv1-0", "tlsv1-1") if settings.on(one)]
    if settings.one("ssl-min-proto-ver") in _OLD_TLS:
        weak.append(settings.one("ssl-min-proto-ver"))
    if settings.one("algorithm") == "low":
        weak.append("algorithm low")
    return Vpn("ssl-vpn", weak=tuple(weak), second_factor=factor)


def _knocking(block: Block, network: Network, found: Objects) -> Iterator[Hole]:
    settings = block.part("vpn ssl settings")
    # "any" stands for every interface.
    if not network.behind(settings.all("source-interface")) & network.outside:
        return
    sources: tuple[str, ...] = ()
    if not settings.on("source-address-negate"):
        sources = found.addresses(settings.all("source-address") or ("all",), "ipv4")
    yield Hole("ipv4", "device", f"tcp/{settings.one('port', '443')}", sources, "ssl-vpn")


def _second_factor(block: Block, groups: Iterable[str], users: Iterable[str]) -> bool | None:
    """Whether all of these people need a second factor; ``None`` where a server decides."""
    local = block.part("user local").entries
    members = [*users]
    for group in groups:
        entry = block.part("user group").entries.get(group)
        members += entry.all("member") if entry is not None else [""]
    answers: set[bool | None] = set()
    for name in members:
        user = local.get(name)
        if user is None:
            answers.add(None)
        elif user.one("status") != "disable":
            factor = user.one("two-factor", "disable") != "disable"
            remote = user.one("type", "password") != "password"
            answers.add(True if factor else None if remote else False)
    return False if False in answers else None if None in answers or not answers else True
