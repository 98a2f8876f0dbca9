"""Judges whether mail to a domain is encrypted on its way, and whether that is compelled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    NotCaptured,
    Parameters,
    UnparsedError,
    failed,
    not_applicable,
    not_observed,
    passed,
    unknown,
)

from .answers import (
    Host,
    Met,
    Names,
    Policy,
    Servers,
    read_names,
    read_policy,
    read_servers,
)
from .dane import Dane, dane_of
from .policy import Sts, read_sts

MEASURE = "mail-encryption"

_SHORT_DAYS = 7
"""RFC 8461, 3.2 speaks of weeks: a policy that is soon forgotten can be waited out."""

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class Mail:
    """What was answered, and when; or why there is nothing to read, by the probe's name."""

    at: datetime
    names: Names | None = None
    servers: Servers | None = None
    policy: Policy | None = None
    gaps: Mapping[str, NotCaptured] = field(default_factory=dict)
    unparsed: Mapping[str, str] = field(default_factory=dict)


def observe(captures: Captures) -> Mail:
    gaps: dict[str, NotCaptured] = {}
    unparsed: dict[str, str] = {}

    def read(probe: str, reader: Callable[[str], _Read]) -> _Read | None:
        capture = captures.answered(probe)
        if capture is None:
            gap = captures.gap(probe)
            if gap is not None:
                gaps[probe] = gap
            return None
        try:
            return reader(capture.stdout)
        except UnparsedError as error:
            unparsed[probe] = str(error)
            return None

    names = read("names", read_names)
    servers = read("servers", read_servers)
    policy = read("policy", read_policy)
    return Mail(captures.at, names, servers, policy, gaps, unparsed)


def evaluate(mail: Mail, parameters: Parameters) -> list[Judgement]:
    return [_missing(mail, "names") or _no_mail(mail) or _judge(mail, parameters)]


def _missing(mail: Mail, probe: str) -> Judgement | None:
    if probe in mail.gaps:
        return not_observed(MEASURE, mail.gaps[probe])
    if probe in mail.unparsed:
        return unknown(MEASURE, "unparsed", {"part": mail.unparsed[probe]})
    return None


def _no_mail(mail: Mail) -> Judgement | None:
    """Where there is nothing to encrypt, or nothing is known of where mail goes."""
    names = mail.names
    assert names is not None  # noqa: S101 - else it is missing
    if not names.domain:
        return unknown(MEASURE, "no_domain_name")
    facts = {"domain": names.domain}
    mx = names.mx
    if mx is None or mx.outcome == "failed" or mx.cut or mx.security == "indeterminate":
        return unknown(MEASURE, "no_answer", facts)
    if mx.security == "bogus":
        return unknown(MEASURE, "bogus", facts)
    if names.null_mx:
        return not_applicable(MEASURE, "takes_no_mail", facts)
    if mx.outcome == "no-name":
        return unknown(MEASURE, "no_such_name", facts)
    if mx.void and all(one.void for host in names.hosts for one in (host.ipv4, host.ipv6)):
        return not_applicable(MEASURE, "takes_no_mail", facts)
    return None


@dataclass(frozen=True, slots=True)
class _State:
    """All that is known of a domain's mail servers, put together."""

    domain: str
    hosts: tuple[tuple[Host, Met | None, Dane], ...]
    sts: Sts

    def named(self, chosen: Callable[[Met], bool]) -> tuple[str, ...]:
        """The servers that were met and are as ``chosen`` says."""
        return tuple(host.name for host, met, _ in self.hosts if met is not None and chosen(met))

    def with_dane(self, *wanted: Dane) -> tuple[str, ...]:
        """The servers of which DANE says one of these."""
        return tuple(host.name for host, _, dane in self.hosts if dane in wanted)


def _judge(mail: Mail, parameters: Parameters) -> Judgement:
    missing = _missing(mail, "servers")
    if missing is not None:
        return missing
    names, servers = mail.names, mail.servers
    assert names is not None and servers is not None  # noqa: S101 - else they are missing
    assert names.mta_sts is not None and names.tls_rpt is not None  # noqa: S101 - read together
    hosts = tuple(
        (host, met, dane_of(names, host, met, mail.at))
        for host in names.hosts
        for met in [servers.by_name.get(host.name)]
    )
    state = _State(names.domain, hosts, read_sts(names.mta_sts, mail.policy))
    enforced = parameters.boolean("enforced")
    message, outcome = _verdict(state, servers, enforced=enforced)
    advice = _advice(state, names, message.id)
    expected: Facts = {"starttls": True, "enforced": enforced}
    judge = {"pass": passed, "fail": failed, "unknown": unknown}[outcome]
    return judge(
        MEASURE,
        message.id,
        {"domain": names.domain, **message.facts},
        expected=expected,
        observed=_observed(state),
        advice=advice,
    )


def _verdict(state: _State, servers: Servers, *, enforced: bool) -> tuple[Message, str]:
    wrong = _wrong(state)
    if wrong is not None:
        return wrong, "fail"
    unsure = _unsure(state, servers)
    if unsure is not None:
        return unsure, "unknown"
    if len(state.with_dane(Dane.MATCH)) == len(state.hosts):
        return Message("dane", _servers(host.name for host, _, _ in state.hosts)), "pass"
    compelled = _by_policy(state)
    if compelled is not None:
        return compelled
    if enforced:
        without = tuple(host.name for host, _, dane in state.hosts if dane is not Dane.MATCH)
        return Message("not_enforced", _servers(without)), "fail"
    return Message("opportunistic", _servers(host.name for host, _, _ in state.hosts)), "pass"


def _wrong(state: _State) -> Message | None:
    """What makes the promise untrue, whatever else there is."""
    for message, guilty in (
        ("no_starttls", state.named(lambda met: met.starttls in ("not-offered", "refused"))),
        (
            "outdated_only",
            state.named(lambda met: met.modern_error is not None and met.protocol is not None),
        ),
        ("dane_mismatch", state.with_dane(Dane.MISMATCH)),
        ("dane_broken", state.with_dane(Dane.BROKEN)),
    ):
        if guilty:
            return Message(message, _servers(guilty))
    return None


def _unsure(state: _State, servers: Servers) -> Message | None:
    if not servers.complete or not state.hosts:
        return Message("too_many_servers")
    unmet = []
    for host, met, dane in state.hosts:
        if met is None or met.outcome != "spoken":
            said = (met.detail or met.outcome) if met else "-"
            unmet.append(f"{host.name} ({said})")
        elif met.protocol is None:
            unmet.append(f"{host.name} ({met.modern_error or met.verify_error or 'TLS'})")
        elif dane is Dane.UNKNOWN:
            unmet.append(f"{host.name} (TLSA)")
    return Message("not_met", _servers(unmet)) if unmet else None


def _by_policy(state: _State) -> tuple[Message, str] | None:
    """What MTA-STS makes of it; ``None`` where it compels nothing."""
    sts = state.sts
    if sts.state == "unknown":
        return Message("policy_unknown", {"detail": sts.detail}), "unknown"
    if sts.state == "broken":
        return Message("policy_broken", {"detail": sts.detail}), "fail"
    if sts.state == "none" or sts.mode != "enforce":
        return None
    strangers = tuple(host.name for host, _, _ in state.hosts if not sts.allows(host.name))
    if strangers:
        return Message("policy_names_others", _servers(strangers)), "fail"
    invalid = state.named(lambda met: not met.verified)
    if invalid:
        errors = {met.verify_error or "" for _, met, _ in state.hosts if met and not met.verified}
        facts = {**_servers(invalid), "error": ", ".join(sorted(errors))}
        return Message("certificate", facts), "fail"
    return Message("mta_sts", _servers(host.name for host, _, _ in state.hosts)), "pass"


def _advice(state: _State, names: Names, message: str) -> tuple[Message, ...]:
    advice = []
    facts: Facts = {"domain": state.domain}
    sts = state.sts
    if message == "opportunistic":
        advice.append(Message("not_compelled", facts))
    if message == "mta_sts":
        advice.append(Message("no_dane", facts))
        if sts.max_age < _SHORT_DAYS * 86_400:
            advice.append(Message("policy_short", {**facts, "days": sts.max_age // 86_400}))
    if sts.state == "usable" and sts.mode == "testing":
        advice.append(Message("policy_testing", facts))
    if sts.state == "broken" and message == "dane":
        advice.append(Message("policy_broken", {**facts, "detail": sts.detail}))
    unsigned, unusable = state.with_dane(Dane.NOT_SIGNED), state.with_dane(Dane.UNUSABLE)
    if unsigned:
        advice.append(Message("dane_unsigned", {**facts, **_servers(unsigned)}))
    if unusable:
        advice.append(Message("dane_unusable", {**facts, **_servers(unusable)}))
    reports = names.tls_rpt
    if reports is not None and reports.usable and not any(map(_reports, reports.records)):
        advice.append(Message("no_tls_rpt", facts))
    return tuple(advice)


def _reports(text: str) -> bool:
    """RFC 8460, 3."""
    words = [word.strip() for word in text.split(";")]
    return words[0].lower() == "v=tlsrptv1" and any(
        word.startswith(("rua=mailto:", "rua=https://")) for word in words[1:]
    )


def _observed(state: _State) -> Facts:
    return {
        "servers": tuple(_in_short(host, met, dane) for host, met, dane in state.hosts),
        "mta_sts": f"{state.sts.state} {state.sts.mode}".strip(),
    }


def _in_short(host: Host, met: Met | None, dane: Dane) -> str:
    said = [f"DANE {dane.name.lower()}"]
    if met is not None:
        starttls = met.starttls and f"STARTTLS {met.starttls}"
        seen = (met.outcome, starttls, met.protocol, met.verify_error, met.modern_error)
        said = [*(word for word in seen if word), *said]
    return f"{host.name}: {', '.join(said)}"


def _servers(names: Iterable[str]) -> Facts:
    listed = tuple(names)
    shown = ", ".join(listed[:5])
    return {"servers": f"{shown}, …" if len(listed) > 5 else shown}


CHECK = Check(observe=observe, evaluate=evaluate)
