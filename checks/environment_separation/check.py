"""Whether machines for production and for testing are separate, as far as machines can show it.

Which is which, the inventory's tags say. A shared host key, a shared key to an account, a key of
one that opens the other, and a database that both use are failures; a shared network is only
advised against (NIST SP 800-53 CM-4(1): separation may be physical or logical). The key that the
assessment logs in with is on all machines, so the account that it uses is left out.
"""

from __future__ import annotations

from collections.abc import Iterable

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    failed,
    not_applicable,
    not_observed,
    passed,
    unknown,
)

from .host import Host, read_host
from .together import Common, Machine, Partner, Sharing, compare

SEPARATION = "environment-separation"
_BREAKS = (
    Sharing.SAME_MACHINE,
    Sharing.HOST_KEY,
    Sharing.ENTERS,
    Sharing.KEY,
    Sharing.DATABASE,
)
_ADVISED_AGAINST = (Sharing.NETWORK, Sharing.CLONED, Sharing.KERNEL)


def observe(captures: Captures) -> Machine:
    """The machine by itself; ``compare`` adds the others."""
    tags = frozenset(tag.lower() for tag in captures.target.tags)
    answer = captures.answered("identity")
    if answer is None:
        return Machine(tags, captures.gap("identity"))
    return Machine(tags, read_host(answer.stdout, captures.answered("root_keys")))


def evaluate(machine: Machine, parameters: Parameters) -> Iterable[Judgement]:
    return [_judge(machine, parameters)]


def _judge(machine: Machine, parameters: Parameters) -> Judgement:
    production, test = (
        frozenset(tag.lower() for tag in parameters.texts(name))
        for name in ("production_tags", "test_tags")
    )
    is_production, is_test = bool(machine.tags & production), bool(machine.tags & test)
    if is_production and is_test:
        return failed(SEPARATION, "tagged_both", {"tags": tuple(sorted(machine.tags))})
    if not is_production and not is_test:
        tagged = [bool(partner.tags & (production | test)) for partner in machine.partners]
        return (
            not_applicable(SEPARATION, "not_tagged")
            if any(tagged)
            else unknown(SEPARATION, "nothing_tagged")
        )
    against = tuple(p for p in machine.partners if p.tags & (test if is_production else production))
    if not against:
        return unknown(SEPARATION, "no_test_tagged" if is_production else "no_production_tagged")
    if isinstance(machine.host, NotCaptured):
        return not_observed(SEPARATION, machine.host)
    if machine.host is None:
        return unknown(SEPARATION, "not_understood")
    return _compared(machine.host, against)


def _compared(host: Host, against: tuple[Partner, ...]) -> Judgement:
    observed: Facts = {
        "compared_with": tuple(partner.name for partner in against if partner.seen),
        "common": tuple(
            f"{partner.name}: {common.sharing.value} {common.thing}".strip()
            for partner in against
            for common in partner.common
        ),
        "own_account": host.account,
        "keys_unseen_of": host.closed,
        "root_keys_seen": host.root_seen,
    }
    advice = [_message(kind, against) for kind in _ADVISED_AGAINST if _with(kind, against)]
    broken = [_message(kind, against) for kind in _BREAKS if _with(kind, against)]
    if broken:
        return failed(
            SEPARATION,
            broken[0].id,
            broken[0].facts,
            observed=observed,
            advice=(*broken[1:], *advice),
        )
    if _with(Sharing.DATABASE_PERHAPS, against):
        doubt = _message(Sharing.DATABASE_PERHAPS, against)
        return unknown(SEPARATION, doubt.id, doubt.facts, observed=observed, advice=tuple(advice))
    unseen = tuple(partner.name for partner in against if not partner.seen)
    if unseen:
        return unknown(SEPARATION, "partner_not_observed", {"partners": unseen}, observed=observed)
    if not host.enough:
        what: Facts = {"partners": tuple(partner.name for partner in against)}
        return unknown(SEPARATION, "too_little_seen", what, observed=observed)
    if host.closed or not (host.root_seen or host.is_root):
        advice.append(Message("keys_unseen"))
    return passed(
        SEPARATION,
        "nothing_shared",
        {"partners": observed["compared_with"], "account": host.account},
        observed=observed,
        advice=tuple(advice),
    )


def _with(sharing: Sharing, against: Iterable[Partner]) -> list[tuple[Partner, Common]]:
    return [
        (partner, common)
        for partner in against
        for common in partner.common
        if common.sharing is sharing
    ]


def _message(sharing: Sharing, against: Iterable[Partner]) -> Message:
    """What is shared, with whom, by name."""
    found = _with(sharing, against)
    return Message(
        sharing.value,
        {
            "partners": tuple(dict.fromkeys(partner.name for partner, _ in found)),
            "things": tuple(dict.fromkeys(common.thing for _, common in found if common.thing)),
        },
    )


CHECK = Check(observe=observe, evaluate=evaluate, compare=compare)
