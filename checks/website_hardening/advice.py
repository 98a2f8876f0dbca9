"""What the site could do better: good practice beside the promise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from assessor.api import Message

from .answer import Answer, Cookie, Page, SecurityTxt, Step, Visit
from .headers import (
    FRAMING_DENIED,
    careful_referrer,
    csp_directives,
    runs_any_script,
    versions_told,
)

_OK, _ERROR = 200, 400
_REFUSED = frozenset({401, 403, 429})
_SERVER_ERROR = 500


def advice(answer: Answer, at: datetime) -> tuple[Message, ...]:
    """All advice, what matters most first."""
    found: list[Message] = []
    for visit in (*answer.visits_of("https"), *answer.visits_of("http")):
        # A server's own page about an error often lacks what the site's pages have.
        if visit.end == "answer" and (visit.last.status or 0) < _ERROR:
            found += _on_headers(visit.last, answer.page)
            found += _on_cookies(visit.last)
            break
    if answer.page is not None:
        found += _on_page(answer.page)
    if admin := tuple(one.path for one in answer.paths if one.shown and one.kind == "admin"):
        found.append(Message("admin_page", {"paths": ", ".join(admin)}))
    if answer.security_txt is not None:
        found += _on_security_txt(answer.security_txt, at)
    for family in ("ipv4", "ipv6"):
        visits = [visit for visit in answer.visits if visit.family == family]
        others = [visit for visit in answer.visits if visit.family != family]
        if visits and _all_silent(visits) and others and not _all_silent(others):
            spoken = {"ipv4": "IPv4", "ipv6": "IPv6"}[family]
            found.append(Message("family_silent", {"name": answer.name, "family": spoken}))
    return tuple(found)


def _all_silent(visits: list[Visit]) -> bool:
    return all(visit.first.status is None for visit in visits)


def _on_headers(step: Step, page: Page | None) -> Iterator[Message]:
    header = step.value("content-security-policy")
    policies = [csp_directives(one) for one in (header, page.csp if page else None) if one]
    if not policies:
        yield Message("no_csp", {"host": step.host})
    elif all(runs_any_script(policy) for policy in policies):
        yield Message("csp_weak", {"host": step.host})
    framing = (step.value("x-frame-options") or "").split(",")[0].strip().lower()
    # In a meta element, frame-ancestors counts for nothing (CSP 3, 3.3).
    if "frame-ancestors" not in csp_directives(header) and framing not in FRAMING_DENIED:
        yield Message("framing_allowed", {"host": step.host})
    options = (step.value("x-content-type-options") or "").split(",")[0].strip().lower()
    if options != "nosniff":
        yield Message("sniffing_allowed", {"host": step.host})
    told = ", ".join(step.headers.get("referrer-policy", ()))
    referrer = told or (page.referrer if page else None)
    if not careful_referrer(referrer):
        yield Message("referrer_told", {"host": step.host, "policy": (referrer or "")[:100]})
    elif not referrer:
        yield Message("no_referrer_policy", {"host": step.host})
    if not step.headers.get("permissions-policy"):
        yield Message("no_permissions_policy", {"host": step.host})
    if versions := versions_told(dict(step.headers)):
        yield Message("version_told", {"host": step.host, "versions": ", ".join(versions)})


def _on_cookies(step: Step) -> Iterator[Message]:
    if step.scheme == "https" and (open_ := [one for one in step.cookies if not one.secure]):
        yield Message("cookie_not_secure", {"cookies": _names(open_)})
    if readable := [one for one in step.cookies if _is_session(one) and not one.http_only]:
        yield Message("cookie_readable", {"cookies": _names(readable)})
    if foreign := [one for one in step.cookies if one.same_site not in ("lax", "strict")]:
        yield Message("cookie_same_site", {"cookies": _names(foreign)})


def _is_session(cookie: Cookie) -> bool:
    name = cookie.name.lower()
    return "csrf" not in name and ("sess" in name or name.endswith(("sid", "auth", "token")))


def _names(cookies: list[Cookie]) -> str:
    return ", ".join(dict.fromkeys(one.name or "?" for one in cookies))


def _on_page(page: Page) -> Iterator[Message]:
    if page.scheme == "https" and (hosts := mixed(page)):
        yield Message("mixed_content", {"hosts": ", ".join(hosts[:5])})


def mixed(page: Page) -> tuple[str, ...]:
    """The hosts that an encrypted page loads something from without encryption."""
    return tuple(dict.fromkeys(host for scheme, host in page.loaded if scheme == "http"))


def _on_security_txt(txt: SecurityTxt, at: datetime) -> Iterator[Message]:
    state = security_txt_state(txt, at)
    if state not in ("good", "not-seen"):
        yield Message(f"security_txt_{state}", {})


def security_txt_state(txt: SecurityTxt, at: datetime) -> str:
    """``good``, ``missing``, ``incomplete`` (RFC 9116, 2.5.3, 2.5.5), ``expired``, ``not-seen``."""
    status = txt.status or 0
    if txt.end != "answer" or status in _REFUSED or status >= _SERVER_ERROR:
        return "not-seen"  # or kept in one place for several sites
    names = [name for name, _ in txt.fields]
    if status != _OK or txt.media_type != "text/plain" or not names:
        return "missing"
    if "contact" not in names or names.count("expires") != 1 or txt.cut:
        return "incomplete"
    ends = _moment(dict(txt.fields)["expires"])
    if ends is None:
        return "incomplete"
    return "good" if ends > at else "expired"


def _moment(text: str) -> datetime | None:
    """A moment as RFC 3339 writes it."""
    try:
        moment = datetime.fromisoformat(text.strip().upper().replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
