"""Judges a DMARC record (RFC 9989, and what receivers still heed of RFC 7489)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from assessor.api import Facts, LookedUp, Message

from .verdict import Part

_POLICIES = ("none", "quarantine", "reject")
_URI = re.compile(r"(mailto:[^@\s]+@[^@\s]+|https?://\S+)\Z", re.IGNORECASE)
_FULL = 100


def judge_dmarc(
    found: tuple[LookedUp, ...], permissions: tuple[tuple[str, LookedUp | None], ...], domain: str
) -> Part:
    """What the record that holds for ``domain`` is worth.

    Args:
        found: the look-up at the domain, then those at the domains above it, up to a record.
        permissions: the other domains that reports go to, and what they say of that.
        domain: the domain.
    """
    facts: Facts = {"domain": domain}
    holds, own = _holding(found)
    records = _records(holds)
    observed: Facts = {"dmarc": records[0] if records else None}
    unusable = next((one for one in found if not one.usable), None)
    if unusable is not None:
        return Part(unsure=Message("dmarc_not_resolved", facts), observed=observed)
    if not records:
        return Part(wrong=Message("no_dmarc", facts), observed=observed)
    if len(records) > 1:
        return Part(wrong=Message("several_dmarc", facts), observed=observed)
    tags = _tags(records[0])
    if tags is None:
        return Part(wrong=Message("dmarc_syntax", facts), observed=observed)
    policy = _policy(tags, own=own)
    observed = {
        **observed,
        "dmarc_policy": policy,
        "dmarc_alignment": f"adkim={tags.get('adkim', 'r')} aspf={tags.get('aspf', 'r')}",
        "dmarc_reports": tags.get("rua"),
    }
    wrong = _wrong(tags, policy)
    if wrong is not None:
        return Part(wrong=Message(wrong, facts), observed=observed)
    return Part(advice=tuple(_advice(tags, permissions, facts, own=own)), observed=observed)


def _holding(found: tuple[LookedUp, ...]) -> tuple[LookedUp, bool]:
    """The look-up that counts, and whether it is the domain's own (RFC 9989, 4.10).

    Without a record of its own, that of the organisation's domain holds: the highest one that is
    not a public suffix.
    """
    if _records(found[0]) or len(found) == 1:
        return found[0], True
    chosen = found[0]
    for above in found[1:]:
        for text in _records(above):
            suffix = (_tags(text) or {}).get("psd", "u").lower()
            if suffix == "n":
                return above, False
            if suffix != "y":
                chosen = above
    return chosen, False


def _records(found: LookedUp) -> list[str]:
    return [text for text in found.records if _is_dmarc(text)]


def _is_dmarc(text: str) -> bool:
    return text.partition(";")[0].replace(" ", "").lower() == "v=dmarc1"


def _tags(text: str) -> dict[str, str] | None:
    """The tags by name; ``None`` where a receiver would pass the record over."""
    tags: dict[str, str] = {}
    for word in text.split(";"):
        if not word.strip():
            continue
        name, equals, value = word.partition("=")
        name = name.strip().lower()
        if not equals or name in tags:
            return None
        tags[name] = value.strip()
    if any(tags.get(name, "none").lower() not in _POLICIES for name in ("p", "sp", "np")):
        return None
    return tags


def _policy(tags: dict[str, str], *, own: bool) -> str:
    """Without ``p`` it is as ``none``; below the record's own domain ``sp`` holds (RFC 9989)."""
    policy = tags.get("p", "none").lower()
    return policy if own else tags.get("sp", policy).lower()


def _wrong(tags: dict[str, str], policy: str) -> str | None:
    if policy == "none":
        return "dmarc_none"
    if tags.get("t", "n").lower() == "y":  # in testing, one step less is done (RFC 9989)
        return "dmarc_testing" if policy == "quarantine" else None
    return "dmarc_testing" if _share(tags) == 0 else None


def _share(tags: dict[str, str]) -> int:
    """Percent of mail that the policy is for (RFC 7489, ``pct``; RFC 9989 dropped it)."""
    text = tags.get("pct", str(_FULL))
    return int(text) if text.isdigit() and len(text) <= len(str(_FULL)) else _FULL


def _advice(
    tags: dict[str, str],
    permissions: tuple[tuple[str, LookedUp | None], ...],
    facts: Facts,
    *,
    own: bool,
) -> Iterable[Message]:
    if _share(tags) < _FULL:
        yield Message("dmarc_partly", {**facts, "percent": _share(tags)})
    if tags.get("t", "n").lower() == "y":
        yield Message("dmarc_softened", facts)
    if own and tags.get("sp", "").lower() == "none":
        yield Message("dmarc_subdomains", facts)
    addresses = [one.strip() for one in tags.get("rua", "").split(",") if one.strip()]
    if not any(_URI.match(one.partition("!")[0]) for one in addresses):
        yield Message("no_dmarc_reports", facts)
    for place, said in permissions:
        if said is not None and said.usable and not any(map(_is_dmarc, said.records)):
            yield Message("dmarc_reports_refused", {**facts, "place": place})
