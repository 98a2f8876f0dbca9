"""Does the router refuse what comes from outside and was not asked for?

Two ways in are judged for each family of addresses: to the device itself, and through it to the
networks behind. A configuration of which a part about the firewall was not understood can break
the promise, but never keep it.
"""

from __future__ import annotations

from assessor.api import (
    Captures,
    Check,
    Device,
    Fact,
    Firewall,
    Hole,
    Judgement,
    Message,
    Parameters,
    Policy,
    Told,
    Topic,
    failed,
    nothing_told,
    passed,
    told_of_device,
    unknown,
)

MEASURE = "firewall"
FAMILIES = {"ipv4": "IPv4", "ipv6": "IPv6"}
MOST = 8


def observe(captures: Captures) -> Told[Device]:
    return told_of_device(captures)


def evaluate(told: Told[Device], parameters: Parameters) -> list[Judgement]:
    return [_judge(told.answer) if told.answer is not None else nothing_told(MEASURE, told)]


def _judge(device: Device) -> Judgement:
    firewall = device.firewall
    if firewall is None:
        return unknown(MEASURE, "not_told")
    advice = _advice(device)
    to_device, forwarded = _families(firewall, Policy.ALLOWED)
    if to_device:
        return failed(MEASURE, "open_to_device", {"families": to_device}, advice=advice)
    if forwarded:
        return failed(MEASURE, "open_forwarded", {"families": forwarded}, advice=advice)
    wide = [hole for hole in firewall.holes if hole.wide]
    if wide:
        return failed(MEASURE, "wide_hole", {"rules": _named(wide)}, advice=advice)
    if lines := device.unread.get(Topic.FIREWALL):
        return unknown(MEASURE, "unread", {"lines": " / ".join(lines)}, advice=advice)
    to_device, forwarded = _families(firewall, Policy.UNKNOWN)
    if to_device or forwarded:
        return unknown(MEASURE, "policy_unknown", {"families": to_device or forwarded})
    observed: dict[str, Fact] = {
        "outside": ", ".join(firewall.outside),
        "holes": tuple(_text(hole) for hole in firewall.holes[:MOST]),
    }
    message = "closed_but" if firewall.holes else "closed"
    facts: dict[str, Fact] = {"rules": _named(firewall.holes)} if firewall.holes else {}
    return passed(MEASURE, message, facts, observed=observed, advice=advice)


def _families(firewall: Firewall, policy: Policy) -> tuple[str, str]:
    """The families with ``policy``, to the device and through it; one not told is unknown."""

    def having(found: dict[str, Policy]) -> str:
        return ", ".join(
            title
            for family, title in FAMILIES.items()
            if found.get(family, Policy.UNKNOWN) is policy
        )

    return having(dict(firewall.to_device)), having(dict(firewall.forwarded))


def _text(hole: Hole) -> str:
    sources = f" ({', '.join(hole.sources[:3])})" if hole.sources else ""
    rule = f" [{hole.rule}]" if hole.rule else ""
    return f"{hole.service} > {hole.to}{sources}{rule}"


def _named(holes: tuple[Hole, ...] | list[Hole]) -> str:
    texts = [_text(hole) for hole in holes[:MOST]]
    return "; ".join([*texts, *(["..."] if len(holes) > MOST else [])])


def _advice(device: Device) -> tuple[Message, ...]:
    upnp = [one for one in device.services or () if one.name == "upnp" and one.enabled]
    return (Message("upnp_on"),) if upnp else ()


CHECK = Check(observe=observe, evaluate=evaluate)
