"""Encryption and hardening of web and mail servers, as their settings have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from assessor.api import (
    Capture,
    Captures,
    Check,
    Fact,
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

from . import apache, caddy, haproxy, nginx, sites
from .mail import NAMES as MAIL_NAMES
from .mail import Mail, judge_dovecot, judge_exim, judge_postfix, read_mail
from .settings import Settings, Web, read_web
from .sites import Server, Unread

WEB, MAIL = "web-hardening", "mail-encryption"
READERS: dict[str, Callable[[Settings], Server | Unread]] = {
    "nginx": nginx.read_nginx,
    "apache": apache.read_apache,
    "caddy": caddy.read_caddy,
    "haproxy": haproxy.read_haproxy,
}
WEB_NAMES = {
    "nginx": nginx.NAME,
    "apache": apache.NAME,
    "caddy": caddy.NAME,
    "haproxy": haproxy.NAME,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the judgements rest on.

    Attributes:
        web: ``None`` when the script's output was not whole; so ``mail``.
        web_gap: why the script gave nothing; so ``mail_gap``.
        servers: the web servers that run, as their settings have them.
        exim: what Exim said of its settings.
    """

    web: Web | None
    web_gap: NotCaptured | None
    servers: tuple[Server | Unread, ...]
    mail: Mail | None
    mail_gap: NotCaptured | None
    exim: Capture


def observe(captures: Captures) -> Facts:
    """Reads which servers run, and their settings."""
    found, mails = captures.answered("web"), captures.answered("mail")
    web = None if found is None else read_web(found.stdout)
    servers = () if web is None else tuple(READERS[n](s) for n, s in web.running.items())
    return Facts(
        web,
        captures.gap("web"),
        servers,
        None if mails is None else read_mail(mails.stdout),
        captures.gap("mail"),
        captures["exim"],
    )


def evaluate(facts: Facts, parameters: Parameters) -> list[Judgement]:
    """One judgement on websites, one on mail."""
    return [_web(facts, parameters.texts("plain_sites")), _mail(facts)]


def _web(facts: Facts, plain_sites: tuple[str, ...]) -> Judgement:
    web = facts.web
    if web is None:
        gap = facts.web_gap
        return unknown(WEB, "unparsed") if gap is None else not_observed(WEB, gap)
    faults: list[Message] = []
    gaps = _unseen([WEB_NAMES.get(n, n) for n in web.contained], web.others, hidden=web.hidden)
    advice: list[Message] = []
    names: list[str] = []
    for server in facts.servers:
        if isinstance(server, Unread):
            said: dict[str, Fact] = {"engine": server.engine, "file": server.file}
            gaps.insert(0, Message("settings_unseen", said))
            continue
        broken, unclear = sites.judge(server, plain_sites)
        faults += broken
        gaps += unclear
        advice += sites.wishes(server)
        names += [site.name for site in server.sites]
    observed: dict[str, Fact] = {
        "servers": tuple(server.engine for server in facts.servers),
        "sites": tuple(dict.fromkeys(names)),
    }
    if faults or gaps:
        return _broken(WEB, faults, gaps, advice, observed)
    if names:
        facts_said: dict[str, Fact] = {"sites": ", ".join(dict.fromkeys(names))}
        return passed(WEB, "hardened", facts_said, observed=observed, advice=tuple(advice))
    if facts.servers:
        return not_applicable(WEB, "no_site")
    if web.installed:
        return unknown(WEB, "web_not_running", {"engine": ", ".join(web.installed)})
    return not_applicable(WEB, "no_web_server")


def _mail(facts: Facts) -> Judgement:
    mail = facts.mail
    if mail is None:
        gap = facts.mail_gap
        return unknown(MAIL, "unparsed") if gap is None else not_observed(MAIL, gap)
    verdicts = []
    if "postfix" in mail.running:
        verdicts.append(judge_postfix(mail))
    if "dovecot" in mail.running:
        verdicts.append(judge_dovecot(mail))
    if "exim" in mail.running:
        verdicts.append(judge_exim(facts.exim))
    faults = [fault for verdict in verdicts for fault in verdict.faults]
    gaps = [gap for verdict in verdicts for gap in verdict.gaps]
    gaps += _unseen([MAIL_NAMES.get(n, n) for n in mail.contained], mail.others, hidden=mail.hidden)
    advice = [wish for verdict in verdicts for wish in verdict.advice]
    observed: dict[str, Fact] = {"servers": tuple(verdict.engine for verdict in verdicts)}
    missing = next((v.missing for v in verdicts if v.missing is not None), None)
    if missing is not None and not faults:
        return not_observed(MAIL, missing)
    if faults or gaps:
        return _broken(MAIL, faults, gaps, advice, observed)
    if verdicts:
        said: dict[str, Fact] = {"engine": ", ".join(verdict.engine for verdict in verdicts)}
        return passed(MAIL, "mail_encrypted", said, observed=observed, advice=tuple(advice))
    if mail.installed:
        names = ", ".join(MAIL_NAMES.get(name, name) for name in mail.installed)
        return unknown(MAIL, "mail_not_running", {"engine": names})
    return not_applicable(MAIL, "no_mail_server")


def _unseen(contained: list[str], others: tuple[str, ...], *, hidden: bool) -> list[Message]:
    gaps = [Message("in_container", {"engine": name}) for name in dict.fromkeys(contained)]
    if others:
        gaps.append(Message("not_judged", {"engine": ", ".join(others)}))
    if hidden:
        gaps.append(Message("processes_hidden", {}))
    return gaps


def _broken(
    measure: str,
    faults: list[Message],
    gaps: list[Message],
    advice: list[Message],
    observed: dict[str, Fact],
) -> Judgement:
    """The first of what is wrong leads; what else is wrong or unseen stands beside it."""
    first, *rest = faults or gaps
    judge = failed if faults else unknown
    return judge(measure, first.id, first.facts, observed=observed, advice=(*rest, *advice))


CHECK = Check(observe=observe, evaluate=evaluate)
