"""Judges whether a spam filter stands before a domain's mail, as far as that shows from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    LookedUp,
    Parameters,
    Told,
    failed,
    not_applicable,
    nothing_told,
    passed,
    read_answer,
    read_lookup,
    told,
    unknown,
)

from .products import product_of, service_of

MEASURE = "spam-filter"


@dataclass(frozen=True, slots=True)
class Mail:
    """Where a domain's mail goes.

    Attributes:
        domain: empty where the target is an IP address.
        mx: the look-up of its mail servers.
        null_mx: it says that it takes no mail (RFC 7505).
        complete: all of its mail servers were met.
        banners: the greeting of each mail server, by its name; empty where there was none.
    """

    domain: str
    mx: LookedUp | None = None
    null_mx: bool = False
    complete: bool = False
    banners: Mapping[str, str] = field(default_factory=dict)


def observe(captures: Captures) -> Told[Mail]:
    return told(captures, "servers", _read)


def _read(text: str) -> Mail:
    answer = read_answer(text, "smtp")
    domain = answer.optional_text("domain")
    if domain is None:
        return Mail("")
    hosts = answer.parts("hosts")
    return Mail(
        domain,
        read_lookup(answer.part("mx")),
        answer.boolean("null_mx"),
        len(hosts) == answer.integer("hosts_count"),
        {host.text("name"): host.text("banner") for host in hosts},
    )


def evaluate(seen: Told[Mail], parameters: Parameters) -> list[Judgement]:
    if seen.answer is None:
        return [nothing_told(MEASURE, seen)]
    return [_judge(seen.answer, parameters.texts("filter_servers"))]


def _judge(mail: Mail, named: tuple[str, ...]) -> Judgement:
    facts: Facts = {"domain": mail.domain}
    if not mail.domain:
        return unknown(MEASURE, "no_domain_name")
    if mail.mx is None or not mail.mx.usable:
        return unknown(MEASURE, "no_answer", facts)
    if mail.null_mx:
        return not_applicable(MEASURE, "takes_no_mail", facts)
    if mail.mx.outcome == "no-name":
        return unknown(MEASURE, "no_such_name", facts)
    filters = {
        name: service_of(name) or product_of(banner) for name, banner in mail.banners.items()
    }
    observed: Facts = {
        "servers": tuple(f"{name}: {banner}" for name, banner in mail.banners.items()),
        "filters": tuple(sorted({one for one in filters.values() if one})),
    }
    expected: Facts = {"filter": "before every mail server"}
    if named and mail.complete and filters:
        expected = {"filter": named}
        strangers = [name for name in filters if not _is_one_of(name, named)]
        facts = {**facts, "filter": ", ".join(named), "servers": ", ".join(strangers)}
        judge, message = (failed, "past_the_filter") if strangers else (passed, "filtered")
        return judge(MEASURE, message, facts, expected=expected, observed=observed)
    bare = [name for name, one in filters.items() if one is None]
    seen = ", ".join(sorted({one for one in filters.values() if one}))
    if not seen:
        return unknown(MEASURE, "not_seen", facts, expected=expected, observed=observed)
    facts = {**facts, "filter": seen, "servers": ", ".join(bare)}
    if bare or not mail.complete:
        return unknown(MEASURE, "partly", facts, expected=expected, observed=observed)
    return passed(MEASURE, "filtered", facts, expected=expected, observed=observed)


def _is_one_of(server: str, named: tuple[str, ...]) -> bool:
    name = server.lower().rstrip(".")
    ends = [one.lower().strip(".") for one in named]
    return any(name == end or name.endswith(f".{end}") for end in ends)


CHECK = Check(observe=observe, evaluate=evaluate)
