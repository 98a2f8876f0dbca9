"""Are the wireless networks that a device offers secured, and with a password worth the name?"""

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
    Protection,
    Secret,
    Told,
    Topic,
    WifiNetwork,
    failed,
    not_applicable,
    nothing_told,
    passed,
    told_of_device,
    unknown,
)

MEASURE = "wifi-security"
BROKEN = frozenset({Protection.WEP, Protection.WPA, Protection.WPA_WPA2})
OPEN = frozenset({Protection.OPEN, Protection.OWE})


def observe(captures: Captures) -> Told[Device]:
    return told_of_device(captures)


def evaluate(told: Told[Device], parameters: Parameters) -> list[Judgement]:
    if told.answer is None:
        return [nothing_told(MEASURE, told)]
    return [_judge(told.answer, parameters.integer("min_length"))]


def _judge(device: Device, wanted: int) -> Judgement:
    networks = [one for one in device.wifi or () if one.enabled]
    advice = tuple(_advice(networks))
    expected: dict[str, Fact] = {"security": ("WPA2", "WPA3"), "min_length": wanted}
    observed: dict[str, Fact] = {"networks": tuple(_shown(networks))}

    def broken(message: str, guilty: Iterable[WifiNetwork], **more: Fact) -> Judgement:
        facts: dict[str, Fact] = {"networks": ", ".join(_shown(guilty)), **more}
        return failed(MEASURE, message, facts, expected=expected, observed=observed, advice=advice)

    if open_ := [one for one in networks if one.protection in OPEN and not one.guest]:
        return broken("open", open_)
    if old := [one for one in networks if one.protection in BROKEN or one.tkip]:
        return broken("outdated", old)
    if common := [one for one in networks if _any(one, 8)]:
        return broken("easy_password", common)
    if short := [one for one in networks if _any(one, wanted)]:
        return broken("short_password", short, wanted=wanted)
    if lines := device.unread.get(Topic.WIFI):
        facts: dict[str, Fact] = {"lines": " / ".join(lines)}
        return unknown(MEASURE, "unread", facts, expected=expected, observed=observed)
    if device.wifi is None:
        return unknown(MEASURE, "not_told", expected=expected)
    if unclear := [one for one in networks if one.protection is Protection.UNKNOWN]:
        names: dict[str, Fact] = {"networks": ", ".join(_shown(unclear))}
        return unknown(MEASURE, "protection_unseen", names, expected=expected, observed=observed)
    if not networks:
        return not_applicable(MEASURE, "no_wifi")
    if all(one.protection in OPEN for one in networks):
        return broken("open", networks)
    secured: dict[str, Fact] = {"networks": ", ".join(_shown(networks))}
    return passed(MEASURE, "secured", secured, expected=expected, observed=observed, advice=advice)


def _any(network: WifiNetwork, wanted: int) -> bool:
    """Whether a password of the network is surely shorter than ``wanted``, or too well known."""
    return any(_least(secret) < wanted for secret in network.secrets)


def _least(secret: Secret) -> int:
    if secret.factory:
        return 0
    return 63 if secret.strength is None else secret.strength.least


def _shown(networks: Iterable[WifiNetwork]) -> Iterable[str]:
    return (f"{one.ssid or one.label} ({one.protection})" for one in networks)


def _advice(networks: list[WifiNetwork]) -> Iterable[Message]:
    def naming(message: str, some: list[WifiNetwork]) -> Iterable[Message]:
        if some:
            yield Message(message, {"networks": ", ".join(one.ssid or one.label for one in some)})

    yield from naming("open_guests", [n for n in networks if n.guest and n.protection in OPEN])
    yield from naming("wps_on", [n for n in networks if n.wps])
    yield from naming("guests_inside", [n for n in networks if n.guest and n.isolated is False])
    yield from naming(
        "length_unseen",
        [n for n in networks if n.secrets and all(each.strength is None for each in n.secrets)],
    )


CHECK = Check(observe=observe, evaluate=evaluate)
