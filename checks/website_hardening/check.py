"""Judges how a website is secured beyond its encryption, as far as any visitor can see."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import datetime

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    Parameters,
    Told,
    failed,
    nothing_told,
    passed,
    told,
    unknown,
)

from .advice import advice, mixed, security_txt_state
from .answer import FAMILIES, PATHS, Answer, Step, Visit, read_visit
from .headers import hsts_seconds

MEASURE = "web-hardening"

DAY_S = 86_400
# The first address that is asked in clear must lead to the same name in HTTPS before anything else
# (internet.nl, forced HTTPS); a port that is closed to plain HTTP is as good.
NO_HTTPS = frozenset({"unreachable", "no-tls"})
CLOSED = frozenset({"unreachable", "filtered"})
GIVEN_AWAY = ("settings", "backup", "repository", "internals")
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
CLIENT_ERROR = 400


def observe(captures: Captures) -> Told[Answer]:
    return told(captures, "visit", read_visit)


def evaluate(site: Told[Answer], parameters: Parameters) -> list[Judgement]:
    if site.answer is None:
        return [nothing_told(MEASURE, site)]
    return [_judge(site.answer, site.at, parameters.integer("min_hsts_days"))]


def _judge(answer: Answer, at: datetime, min_hsts_days: int) -> Judgement:
    expected: Facts = {"https_forced": True, "min_hsts_days": min_hsts_days, "given_away": ()}
    observed = _observed(answer, at)
    better = advice(answer, at)
    wrong = list(_wrong(answer, min_hsts_days))
    if wrong:
        first, *more = wrong
        return failed(
            MEASURE,
            first.id,
            first.facts,
            expected=expected,
            observed=observed,
            advice=(*more, *better),
        )
    unsure = next(_unsure(answer), None)
    if unsure is not None:
        return unknown(
            MEASURE, unsure.id, unsure.facts, expected=expected, observed=observed, advice=better
        )
    return passed(
        MEASURE,
        "secured" if answer.http_asked else "secured_own_port",
        {"name": answer.name, "days": _hsts_days(answer) or 0},
        expected=expected,
        observed=observed,
        advice=better,
    )


def _wrong(answer: Answer, min_hsts_days: int) -> Iterator[Message]:
    """What makes the promise untrue, the gravest first."""
    for kind in GIVEN_AWAY:
        if paths := [one.path for one in answer.paths if one.shown and one.kind == kind]:
            yield Message(f"gives_{kind}", {"name": answer.name, "paths": ", ".join(paths)})
    if answer.page is not None and answer.page.scheme == "https":
        for form in answer.page.forms:
            if form.scheme == "http" and (form.method == "post" or form.password):
                yield Message("form_in_clear", {"url": form.url})
                break
    # Of equal messages for IPv4 and IPv6 one is enough.
    said: set[str] = set()
    for message in _wrong_visits(answer, min_hsts_days):
        if message.id not in said:
            said.add(message.id)
            yield message


def _wrong_visits(answer: Answer, min_hsts_days: int) -> Iterator[Message]:
    encrypted = {visit.family: visit for visit in answer.visits_of("https")}
    for visit in answer.visits_of("http"):
        beside = encrypted.get(visit.family)
        if visit.first.status is not None and beside is not None:
            if beside.first.outcome in NO_HTTPS:
                yield Message("no_https", {"name": answer.name})
            else:
                yield from _wrong_redirect(answer, visit.first)
    for visit in encrypted.values():
        if (seconds := _hsts(answer, visit)) is None:
            continue
        if seconds == 0:
            yield Message("no_hsts", {"name": answer.name})
        elif seconds < min_hsts_days * DAY_S:
            days = seconds // DAY_S
            yield Message("short_hsts", {"name": answer.name, "days": days, "least": min_hsts_days})


def _wrong_redirect(answer: Answer, first: Step) -> Iterator[Message]:
    if first.location is None:
        if (first.status or 0) < SERVER_ERROR:
            yield Message("not_redirected", {"name": answer.name})
    elif first.location != "malformed" and not _leads_to_https(first, answer.name):
        yield Message("redirected_elsewhere", {"name": answer.name, "location": first.location})


def _leads_to_https(first: Step, name: str) -> bool:
    scheme, _, rest = (first.location or "").partition("://")
    authority = rest.partition("/")[0]
    host = authority.rpartition("]")[0].lstrip("[") or authority.partition(":")[0]
    return scheme == "https" and host == name


def _hsts(answer: Answer, visit: Visit) -> int | None:
    """Seconds of HSTS; 0 where there is none, ``None`` where that could not be seen."""
    first = visit.first
    if first.status is None or _is_address(answer.name):
        return None  # for IP addresses there is no HSTS (RFC 6797, 8.1.1)
    seconds = hsts_seconds(first.value("strict-transport-security"))
    if seconds is None:
        # A server's own page about an error often lacks what the site's pages have.
        return None if first.status >= CLIENT_ERROR else 0
    return seconds


def _hsts_days(answer: Answer) -> int | None:
    found = [_hsts(answer, visit) for visit in answer.visits_of("https")]
    known = [seconds for seconds in found if seconds is not None]
    return min(known) // DAY_S if known else None


def _unsure(answer: Answer) -> Iterator[Message]:
    """What has to be known for the promise to be seen kept, and is not."""
    name = {"name": answer.name}
    encrypted = answer.visits_of("https")
    answered = [visit for visit in encrypted if visit.first.status is not None]
    if any(visit.first.outcome == "not-trusted" for visit in encrypted):
        yield Message("not_trusted", name)
    # Where nobody listens over IPv6 (or this machine has none), a visitor takes IPv4.
    silent = [v for v in encrypted if v.first.status is None and v.first.outcome not in CLOSED]
    if silent or not answered:
        outcomes = dict.fromkeys(visit.first.outcome for visit in silent or answer.visits)
        yield Message("silent", {**name, "outcomes": ", ".join(outcomes)})
    visited = {visit.family for visit in encrypted}
    if any(answer.addresses[family] and family not in visited for family in FAMILIES):
        yield Message("stopped", name)
    for visit in answer.visits:
        if visit.end == "elsewhere" and visit.last.location is not None:
            yield Message("elsewhere", {**name, "location": visit.last.location})
        elif visit.end in ("loop", "too-many", "malformed"):
            yield Message("endless", {**name, "url": visit.first.url})
    if answer.http_asked:
        yield from _unsure_http(answer, {visit.family for visit in answered})
    for visit in answered:
        if _hsts(answer, visit) is None and not _is_address(answer.name):
            yield Message("error_page", {**name, "status": visit.first.status})
    yield from _unsure_rest(answer)


def _unsure_http(answer: Answer, families: set[str]) -> Iterator[Message]:
    plain = {visit.family: visit for visit in answer.visits_of("http")}
    for family in sorted(families):
        visit = plain.get(family)
        if visit is None:
            yield Message("stopped", {"name": answer.name})
        elif visit.first.status is None and visit.first.outcome not in CLOSED:
            yield Message("http_silent", {"name": answer.name, "outcomes": visit.first.outcome})
        elif visit.first.location is None and (visit.first.status or 0) >= SERVER_ERROR:
            yield Message("error_page", {"name": answer.name, "status": visit.first.status})


def _unsure_rest(answer: Answer) -> Iterator[Message]:
    name = {"name": answer.name}
    if answer.page is None:
        yield Message("no_page", {**name, "reason": answer.no_page or ""})
    elif not answer.page.whole:
        yield Message("page_not_whole", name)
    known = {one.path: one for one in answer.paths}
    missing = [
        path
        for path in PATHS
        if path not in known
        or known[path].outcome != "answered"
        or known[path].status in (None, TOO_MANY_REQUESTS)
    ]
    if missing:
        yield Message("paths_not_seen", {**name, "paths": ", ".join(missing[:3])})
    if answer.stopped is not None:
        yield Message("stopped", name)


def _observed(answer: Answer, at: datetime) -> Facts:
    front = next((v for v in answer.visits_of("https") if v.end == "answer"), None)
    facts: Facts = {
        "name": answer.name,
        "ipv4": answer.addresses["ipv4"],
        "ipv6": answer.addresses["ipv6"],
        "ends": tuple(f"{v.family} {v.scheme}: {v.last.url} {v.end}" for v in answer.visits),
        "hsts_days": _hsts_days(answer),
        "given_away": tuple(o.path for o in answer.paths if o.shown and o.kind in GIVEN_AWAY),
        "admin_pages": tuple(o.path for o in answer.paths if o.shown and o.kind == "admin"),
        "security_txt": security_txt_state(answer.security_txt, at)
        if answer.security_txt
        else None,
        "own_authority": answer.own_authority,
        "stopped": answer.stopped,
    }
    if front is not None:
        facts = {
            **facts,
            "headers": tuple(sorted(front.last.headers)),
            "server": front.last.value("server"),
            "cookies": tuple(cookie.name for cookie in front.last.cookies),
        }
    if answer.page is not None:
        facts = {**facts, "cms": answer.page.generator, "mixed_content": mixed(answer.page)}
    return facts


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


CHECK = Check(observe=observe, evaluate=evaluate)
