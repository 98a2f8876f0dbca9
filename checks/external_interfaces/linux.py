"""Whether something that is plugged in to a Linux machine can be used.

Three ways keep a USB stick out, and one of them will do:

* the driver for USB storage cannot be loaded, is not loaded, and is not built in;
* USBGuard runs and refuses what its rules do not name;
* the kernel does not authorise new devices (``authorized_default`` 0, or 2: those built in only).

Rules for udev that may do so are named, but no ground for a pass. FireWire, Thunderbolt, card
readers and optical drives are advice: the promise is about storage that everybody carries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assessor.api import (
    Captures,
    Fact,
    Facts,
    Judgement,
    Message,
    NotCaptured,
    Record,
    failed,
    not_applicable,
    not_observed,
    passed,
    records,
    unknown,
)

from .modules import Driver, Modules, driver, read_modules, still_pulled_in
from .usbguard import Policy, read_policy

MEASURE = "interface-lock"
_REFUSED = ("0", "2")


@dataclass(frozen=True, slots=True)
class Guard:
    """USBGuard on this machine.

    Attributes:
        runs: ``None`` when neither systemd nor the processes could be seen.
        at_boot: whether it starts by itself; ``None`` when not known.
        policy: ``None`` when its settings could not be read, for the reason ``gap``.
    """

    installed: bool
    runs: bool | None
    at_boot: bool | None
    policy: Policy | None
    gap: NotCaptured | None


@dataclass(frozen=True, slots=True)
class Linux:
    """What was seen of a Linux machine.

    Attributes:
        containers: marks of a container.
        hubs: the USB controllers in use, with their ``authorized_default``.
        controllers: kinds of controllers on the PCI bus: ``usb``, ``firewire``, ``sd``.
        lasting: the kernel's command line says not to authorise new devices.
        switched_off: the kernel's command line switches USB off.
        thunderbolt: domains that let any device read the memory.
    """

    containers: tuple[str, ...]
    buses: frozenset[str]
    hubs: tuple[tuple[str, str], ...]
    controllers: frozenset[str]
    lasting: bool
    switched_off: bool
    modules: Modules
    guard: Guard
    udev: tuple[str, ...]
    thunderbolt: tuple[str, ...]
    optical: tuple[str, ...]

    def facts(self) -> Facts:
        """The facts for a finding."""
        facts: dict[str, Fact] = {
            "controllers": tuple(name for name, _ in self.hubs),
            "driver": driver(self.modules).value,
            "usbguard": self.guard.installed,
        }
        if self.guard.runs is not None:
            facts["usbguard_runs"] = self.guard.runs
        if self.hubs:
            facts["authorized_default"] = tuple(value for _, value in self.hubs)
        return facts


def observe(captures: Captures) -> Linux | NotCaptured | None:
    """What the probes saw; ``None`` when the script's output is damaged."""
    answer = captures.answered("interfaces")
    if answer is None:
        return captures.gap("interfaces")
    found = records(answer.stdout)
    if found is None:
        return None
    kernel = dict(word.partition("=")[::2] for kind, word in found if kind == "kernel")
    off = [kernel[name] for name in ("nousb", "usbcore.nousb") if name in kernel]
    return Linux(
        containers=_all(found, "container"),
        buses=frozenset(_all(found, "bus")),
        hubs=tuple(hub for text in _all(found, "hub") if (hub := _hub(text))),
        controllers=frozenset(_all(found, "controller")),
        lasting=kernel.get("usbcore.authorized_default") in _REFUSED,
        switched_off=any(value in ("", "1", "y", "Y", "on") for value in off),
        modules=read_modules(found),
        guard=_guard(captures, found),
        udev=_all(found, "udev"),
        thunderbolt=tuple(
            text.split(" ")[0]
            for text in _all(found, "thunderbolt")
            if re.search(r" security=none dma=0?$", text)
        ),
        optical=_all(found, "optical"),
    )


def _all(found: tuple[Record, ...], kind: str) -> tuple[str, ...]:
    return tuple(text for name, text in found if name == kind)


def _hub(text: str) -> tuple[str, str]:
    name, _, value = text.partition(" ")
    return name, value


def _guard(captures: Captures, found: tuple[Record, ...]) -> Guard:
    unit = dict(
        word.partition("=")[::2] for text in _all(found, "usbguard_unit") for word in text.split()
    )
    runs: bool | None = None
    if any(kind == "usbguard_process" for kind, _ in found):
        runs = True
    elif "seen" in _all(found, "processes"):
        runs = False
    elif "ActiveState" in unit:
        runs = unit["ActiveState"] == "active"
    state = unit.get("UnitFileState", "")
    settings = captures.answered("usbguard_settings")
    counts = captures.answered("usbguard_counts")
    policy = None
    if settings is not None and counts is not None:
        policy = read_policy(settings.stdout, counts.stdout)
    return Guard(
        installed=bool(_all(found, "usbguard")),
        runs=runs,
        at_boot=state.startswith("enabled") if state else None,
        policy=policy,
        gap=captures.gap("usbguard_settings", "usbguard_counts"),
    )


def evaluate(seen: Linux) -> Judgement:
    """One way that holds is enough; a doubt counts only where none holds."""
    if seen.containers:
        return not_applicable(MEASURE, "container", {"mark": seen.containers[0]})
    if not seen.hubs and "usb" not in seen.controllers:
        if seen.buses.intersection(("pci", "platform")):
            return not_applicable(MEASURE, "no_usb")
        return unknown(MEASURE, "sys_unseen", observed=seen.facts())
    return _holds(seen) or _in_doubt(seen) or _open(seen)


def _holds(seen: Linux) -> Judgement | None:
    advice = _advice(seen)
    observed = seen.facts()
    match driver(seen.modules):
        case Driver.BLOCKED:
            return passed(MEASURE, "driver_blocked", observed=observed, advice=advice)
        case Driver.NONE:
            return passed(MEASURE, "no_driver", observed=observed, advice=advice)
        case Driver.UNLISTED:
            more = (Message("only_listed"), *advice)
            return passed(MEASURE, "driver_unlisted", observed=observed, advice=more)
        case _:
            pass
    guard = seen.guard
    if guard.runs and guard.policy is not None and guard.policy.refuses:
        extra = []
        if guard.policy.groups:
            extra.append(Message("groups_may_allow", {"groups": guard.policy.groups}))
        if guard.at_boot is False:
            extra.append(Message("guard_not_at_boot"))
        return passed(MEASURE, "usbguard", observed=observed, advice=(*extra, *advice))
    # USBGuard has the kernel refuse devices as well, and then lets them in by its own rules.
    alone = guard.runs is False or not guard.installed
    if alone and seen.hubs and all(value in _REFUSED for _, value in seen.hubs):
        more = advice if seen.lasting else (Message("not_lasting"), *advice)
        return passed(MEASURE, "not_authorised", observed=observed, advice=more)
    if seen.switched_off and not seen.hubs:
        return passed(MEASURE, "usb_off", observed=observed, advice=advice)
    return None


def _in_doubt(seen: Linux) -> Judgement | None:
    observed = seen.facts()
    guard = seen.guard
    if guard.installed and guard.runs is None:
        return unknown(MEASURE, "guard_unseen", observed=observed)
    if guard.runs and guard.policy is None:
        if guard.gap is not None:
            return not_observed(MEASURE, guard.gap)
        return unknown(MEASURE, "guard_unread", observed=observed)
    if guard.runs and guard.policy is not None and not guard.policy.wide and guard.policy.unclear:
        rules: Facts = {"rules": guard.policy.unclear[:3]}
        return unknown(MEASURE, "rules_unclear", rules, observed=observed)
    if seen.modules.unreadable:
        files: Facts = {"files": seen.modules.unreadable}
        return unknown(MEASURE, "settings_unread", files, observed=observed)
    if driver(seen.modules) is Driver.UNSEEN:
        return unknown(MEASURE, "driver_unseen", observed=observed)
    if seen.udev:
        return unknown(MEASURE, "udev_rules", {"files": seen.udev}, observed=observed)
    return None


def _open(seen: Linux) -> Judgement:
    observed = seen.facts()
    advice = _advice(seen)
    guard = seen.guard
    if guard.runs and guard.policy is not None:
        policy = guard.policy
        if policy.wide:
            facts: Facts = {"rule": policy.wide[0]}
            return failed(MEASURE, "rule_too_wide", facts, observed=observed, advice=advice)
        return failed(MEASURE, "guard_allows", observed=observed, advice=advice)
    match driver(seen.modules):
        case Driver.STILL_LOADED:
            return failed(MEASURE, "still_loaded", observed=observed, advice=advice)
        case Driver.BUILT_IN:
            return failed(MEASURE, "built_in", observed=observed, advice=advice)
        case Driver.PULLED_IN:
            pulling: Facts = {"modules": still_pulled_in(seen.modules)}
            return failed(MEASURE, "pulled_in", pulling, observed=observed, advice=advice)
        case _:
            message = "guard_not_running" if guard.installed else "open"
            return failed(MEASURE, message, observed=observed, advice=advice)


def _advice(seen: Linux) -> tuple[Message, ...]:
    advice = []
    if seen.thunderbolt:
        advice.append(Message("thunderbolt_open", {"domains": seen.thunderbolt}))
    if "firewire" in seen.controllers and seen.modules.firewire:
        advice.append(Message("firewire_open"))
    if "sd" in seen.controllers:
        advice.append(Message("card_reader"))
    if seen.optical:
        advice.append(Message("optical", {"drives": seen.optical}))
    return tuple(advice)
