"""Whether storage that is plugged in to a Windows machine can be used.

One of these ways will do:

* the drivers for USB storage are disabled, that for fast disks (UAS) as well;
* the policies on removable storage deny all access to removable disks, or writing to them;
* new devices are not installed unless somebody allowed them;
* Defender's device control denies what no rule allows;
* only the organisation's own disks, encrypted with BitLocker, can be written to.

What other programs of security do is not to be seen: where one is there and Windows itself refuses
nothing, that is unknown. Policies of people who are logged in say nothing of those who are not.
"""

from __future__ import annotations

from dataclasses import dataclass

from assessor.api import (
    Captures,
    Fact,
    Facts,
    Judgement,
    Message,
    Told,
    failed,
    not_applicable,
    nothing_told,
    passed,
    told,
    unknown,
)

from .windows_policies import (
    Access,
    People,
    Policies,
    read_controllers,
    read_device_control,
    read_earlier,
    read_people,
    read_policies,
    read_products,
)

MEASURE = "interface-lock"


@dataclass(frozen=True, slots=True)
class Windows:
    """What was seen of a Windows machine."""

    policies: Told[Policies]
    people: Told[People]
    earlier: Told[tuple[str, ...]]
    controllers: Told[tuple[str, ...]]
    device_control: Told[str]
    products: Told[tuple[str, ...]]

    def facts(self) -> Facts:
        """The facts for a finding."""
        facts: dict[str, Fact] = {}
        policies = self.policies.answer
        if policies is not None:
            facts |= {
                "usb_storage_driver_off": policies.driver_off,
                "fast_usb_storage_driver_off": policies.fast_driver_off,
                "removable_disks": policies.access.name.lower(),
                "phones": policies.phones.name.lower(),
                "programs_denied": policies.run_denied,
                "write_encrypted_only": policies.encrypted_only,
                "new_devices_refused": policies.restrictions.refuse,
            }
        if self.controllers.answer is not None:
            facts["controllers"] = len(self.controllers.answer)
        if self.device_control.answer is not None:
            facts["device_control"] = self.device_control.answer or "off"
        if self.products.answer is not None:
            facts["products"] = self.products.answer
        if self.people.answer is not None:
            facts["people"] = len(self.people.answer.names)
            facts["people_restricted"] = len(self.people.answer.restricted)
        return facts


def observe(captures: Captures) -> Windows:
    """What the probes saw."""
    return Windows(
        told(captures, "policies", read_policies),
        told(captures, "users", read_people),
        told(captures, "earlier", read_earlier),
        told(captures, "usb", read_controllers),
        told(captures, "defender", read_device_control),
        told(captures, "products", read_products),
    )


def evaluate(seen: Windows) -> Judgement:
    """One way that holds is enough; a doubt counts only where none holds."""
    if seen.controllers.answer == ():
        return not_applicable(MEASURE, "no_usb")
    policies = seen.policies.answer
    if policies is None:
        return nothing_told(MEASURE, seen.policies)
    return (
        _holds(seen, policies)
        or _installing(seen, policies)
        or _in_doubt(seen, policies)
        or _open(seen, policies)
    )


def _holds(seen: Windows, policies: Policies) -> Judgement | None:
    """The ways that refuse any stick, whichever was plugged in before."""
    observed = seen.facts()
    advice = _advice(policies)
    if policies.access is Access.NONE:
        return passed(MEASURE, "windows_refused", observed=observed, advice=advice)
    if policies.driver_off and policies.fast_driver_off:
        more = (Message("driver_may_return"), *advice)
        return passed(MEASURE, "driver_blocked", observed=observed, advice=more)
    if policies.defender and seen.device_control.answer == "DefaultDeny":
        more = (Message("device_control_rules_unseen"), *advice)
        return passed(MEASURE, "device_control", observed=observed, advice=more)
    if policies.access is Access.READ:
        more = advice if policies.run_denied else (Message("programs_may_run"), *advice)
        return passed(MEASURE, "windows_read_only", observed=observed, advice=more)
    if policies.encrypted_only and policies.own_only:
        more = advice if policies.run_denied else (Message("programs_may_run"), *advice)
        return passed(MEASURE, "own_encrypted_only", observed=observed, advice=more)
    return None


def _installing(seen: Windows, policies: Policies) -> Judgement | None:
    """New devices are refused; what was installed before works on, unless that is refused too."""
    rules = policies.restrictions
    if not rules.refuse:
        return None
    observed = seen.facts()
    if rules.wide:
        facts: Facts = {"rules": rules.wide}
        return unknown(MEASURE, "allowed_too_wide", facts, observed=observed)
    advice = _advice(policies)
    if rules.admins:
        advice = (Message("admins_may_install"), *advice)
    if rules.retroactive:
        return passed(MEASURE, "new_devices_refused", observed=observed, advice=advice)
    if seen.earlier.answer is None:
        return nothing_told(MEASURE, seen.earlier)
    if seen.earlier.answer:
        known: Facts = {"devices": seen.earlier.answer[:5], "count": len(seen.earlier.answer)}
        return unknown(MEASURE, "earlier_devices", known, observed=observed)
    return passed(MEASURE, "new_devices_refused", observed=observed, advice=advice)


def _in_doubt(seen: Windows, policies: Policies) -> Judgement | None:
    observed = seen.facts()
    if policies.managed:
        return unknown(MEASURE, "management_unclear", observed=observed)
    if seen.device_control.answer is None:
        return nothing_told(MEASURE, seen.device_control)
    if seen.device_control.answer:
        state: Facts = {"default": seen.device_control.answer}
        return unknown(MEASURE, "device_control_unseen", state, observed=observed)
    if seen.products.answer is None:
        return nothing_told(MEASURE, seen.products)
    if seen.products.answer:
        facts: Facts = {"products": seen.products.answer}
        return unknown(MEASURE, "product_may_refuse", facts, observed=observed)
    people = seen.people.answer
    if people is None:
        return nothing_told(MEASURE, seen.people)
    if people.names and people.names == people.restricted:
        return unknown(MEASURE, "only_these_people", observed=observed)
    return None


def _open(seen: Windows, policies: Policies) -> Judgement:
    observed = seen.facts()
    message = "windows_open"
    if policies.driver_off:
        message = "fast_disks_open"
    elif policies.encrypted_only:
        message = "any_encrypted"
    return failed(MEASURE, message, observed=observed, advice=_advice(policies))


def _advice(policies: Policies) -> tuple[Message, ...]:
    return tuple(
        Message(message)
        for message, holds in (
            ("phones_open", policies.phones is Access.ALL),
            ("autorun", policies.autorun),
            ("dma_open", policies.dma_open),
        )
        if holds
    )
