"""From where, and how, can a device be managed, and which VPNs end on it?"""

from __future__ import annotations

from collections.abc import Iterable

from assessor.api import (
    Captures,
    Check,
    Device,
    Fact,
    Judgement,
    Message,
    Parameters,
    Reach,
    Service,
    Told,
    Topic,
    Vpn,
    failed,
    nothing_told,
    passed,
    told_of_device,
    unknown,
)

MEASURE = "remote-access"
# What is offered to a network without being a way to manage the device.
NOT_MANAGEMENT = frozenset({"dns", "ntp", "dhcp", "upnp", "vpn"})
# PPTP is broken by design (Schneier and Mudge 1999; Microsoft Security Advisory 2743314, 2012);
# L2TP without IPsec encrypts nothing (RFC 3193, 1).
BROKEN = frozenset({"pptp", "l2tp"})


def observe(captures: Captures) -> Told[Device]:
    return told_of_device(captures)


def evaluate(told: Told[Device], parameters: Parameters) -> list[Judgement]:
    return [_judge(told.answer) if told.answer is not None else nothing_told(MEASURE, told)]


def _judge(device: Device) -> Judgement:
    services = [
        one for one in device.services or () if one.enabled and one.name not in NOT_MANAGEMENT
    ]
    vpns = [vpn for vpn in device.vpns or () if vpn.enabled]
    advice = tuple(_advice(services, vpns))
    if anywhere := [one for one in services if one.reach is Reach.ANYWHERE]:
        return failed(MEASURE, "open_to_internet", {"services": _names(anywhere)}, advice=advice)
    plain = [one for one in services if not one.encrypted]
    if outside := [one for one in plain if one.reach is Reach.NAMED]:
        return failed(MEASURE, "plain_outside", {"services": _names(outside)}, advice=advice)
    if telnet := [one for one in plain if one.name == "telnet"]:
        return failed(MEASURE, "plain_inside", {"services": _names(telnet)}, advice=advice)
    if broken := [vpn for vpn in vpns if vpn.kind in BROKEN]:
        return failed(MEASURE, "broken_vpn", {"vpns": _kinds(broken)}, advice=advice)
    unread = [
        *device.unread.get(Topic.MANAGEMENT, ()),
        *device.unread.get(Topic.VPN, ()),
        *device.unread.get(Topic.FIREWALL, ()),
    ]
    if unread:
        return unknown(MEASURE, "unread", {"lines": " / ".join(unread[:4])}, advice=advice)
    if device.services is None:
        return unknown(MEASURE, "not_told", advice=advice)
    if unclear := [one for one in services if one.reach is Reach.UNKNOWN]:
        return unknown(MEASURE, "reach_unknown", {"services": _names(unclear)}, advice=advice)
    observed: dict[str, Fact] = {"services": tuple(f"{one.name} ({one.reach})" for one in services)}
    if named := [one for one in services if one.reach is Reach.NAMED]:
        facts = {"services": _names(named)}
        return passed(MEASURE, "named_only", facts, observed=observed, advice=advice)
    return passed(MEASURE, "inside_only", observed=observed, advice=advice)


def _names(services: Iterable[Service]) -> str:
    return ", ".join(
        f"{one.name} ({one.port})" if one.port is not None else one.name for one in services
    )


def _kinds(vpns: Iterable[Vpn]) -> str:
    return ", ".join(dict.fromkeys(f"{vpn.kind} {vpn.name}".strip() for vpn in vpns))


def _advice(services: list[Service], vpns: list[Vpn]) -> Iterable[Message]:
    plain = [
        one
        for one in services
        if not one.encrypted and one.reach is Reach.INSIDE and one.name != "telnet"
    ]
    if plain:
        yield Message("plain_advice", {"services": _names(plain)})
    if old := [f"{one.name}: {', '.join(one.weak)}" for one in services if one.weak]:
        yield Message("old_service", {"services": "; ".join(old)})
    if weak := [vpn for vpn in vpns if vpn.weak]:
        details = "; ".join(f"{vpn.kind} {vpn.name}: {', '.join(vpn.weak)}" for vpn in weak)
        yield Message("old_vpn", {"vpns": details})
    if single := [vpn for vpn in vpns if vpn.second_factor is False]:
        yield Message("vpn_without_mfa", {"vpns": _kinds(single)})


CHECK = Check(observe=observe, evaluate=evaluate)
