"""Checks the parameters that a profile or an assessment gives to checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from assessor.inputs.problems import Problems, did_you_mean, shown
from assessor.model.check import ParameterInfo
from assessor.model.facts import Fact, Facts
from assessor.yamlfile import Located

KnownChecks = Mapping[str, Mapping[str, ParameterInfo] | None]
"""The parameters of each check that was found; ``None`` for a check that is broken."""

ChecksOf = Callable[[Sequence[str]], KnownChecks]
"""Finds the checks, given the installed packages that the profile names."""


def check_parameters(
    check: str,
    values: Mapping[str, object] | None,
    known: Mapping[str, ParameterInfo] | None,
    located: Located,
    problems: Problems,
) -> Facts:
    """The parameter values of ``check``, plain and frozen; faults are noted.

    Args:
        check: the check's id.
        values: name to value, as the file says.
        known: the check's parameters, or ``None`` to take every name and type.
        located: where the values stand.
        problems: takes the faults.
    """
    facts: dict[str, Fact] = {}
    for name, value in (values or {}).items():
        if known is not None and name not in known:
            problems.add(
                f"the check {check!r} has no parameter {name!r}",
                located,
                name,
                mend=did_you_mean(name, known) or "leave it out: this check has no parameters",
            )
            continue
        wanted = _fault(value, known[name].default if known is not None else None)
        if wanted:
            problems.add(f"must be {wanted}, not {shown(value)}", located, name)
            continue
        fact, _ = _fact(value)
        facts[name] = fact
    return MappingProxyType(facts)


def _fact(value: object) -> tuple[Fact, bool]:
    """The value as a fact, and whether it can be one."""
    if value is None or isinstance(value, str | bool | int | float):
        return value, True
    if isinstance(value, list):
        items = [_fact(item) for item in value]
        return tuple(fact for fact, _ in items), all(plain for _, plain in items)
    return None, False


def _fault(value: object, default: Fact) -> str:
    """What a value must be, where it is something else than the default's kind."""
    _, plain = _fact(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match default:
        case bool():
            wanted = "" if isinstance(value, bool) else "true or false"
        case int():
            wanted = "" if isinstance(value, int) and number else "a whole number"
        case float():
            wanted = "" if number else "a number"
        case str():
            wanted = "" if isinstance(value, str) else "a text"
        case tuple():
            wanted = "" if isinstance(value, list) and plain else "a list of plain values"
        case None:
            wanted = "" if plain else "a number, a text, true, false or a list of these"
    if not wanted and _negative(value) and not _negative(default):
        return "0 or more"
    return wanted


def _negative(value: object) -> bool:
    return isinstance(value, int | float) and value < 0
