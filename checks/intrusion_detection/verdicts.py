"""What is concluded of each program that watches for attacks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from assessor.api import Captures, Fact, Message, NotCaptured, Outcome

from .answers import read_agent, read_files, read_jails, read_watched
from .host import Host
from .products import CROWDSEC, CROWDSEC_BOUNCER, FAIL2BAN, OSQUERY, WAZUH, Product

_DAY = timedelta(days=1)
_SILENT = timedelta(days=2)
"""A Wazuh agent tells its last sign of life in its machine's own zone: up to 14 hours off."""
_REPORTS = {"AIDE": "/var/log/aide/aide.log", "Tripwire": "/var/lib/tripwire/report"}
_AIDE_DATABASES = ("/var/lib/aide/aide.db", "/var/lib/aide/aide.db.gz")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is concluded of one program.

    Attributes:
        gap: why nothing can be concluded, where that is for lack of an answer.
    """

    product: str
    outcome: Outcome
    message: Message
    gap: NotCaptured | None = None
    advice: tuple[Message, ...] = ()


def _said(product: str, outcome: Outcome, message: str, **facts: Fact) -> Verdict:
    return Verdict(product, outcome, Message(message, {"product": product, **facts}))


def _unanswered(product: str, gap: NotCaptured) -> Verdict:
    return Verdict(product, Outcome.UNKNOWN, Message("state_unseen", {"product": product}), gap)


def _stopped(product: Product, host: Host) -> Verdict | None:
    """The verdict on a program that was not seen to run; ``None`` when it was."""
    running = host.runs(product)
    if running is None:
        return _said(product.name, Outcome.UNKNOWN, "state_unseen")
    return None if running else _said(product.name, Outcome.FAIL, "not_running")


def plain(product: Product, host: Host, at: datetime, max_age: int) -> Verdict:
    """A program that does its work whenever it runs, if its rules are not too old."""
    stopped = _stopped(product, host)
    if stopped is not None:
        return stopped
    if product.rules:
        written = host.newest.get(product.rules)
        if written is None:
            return _said(product.name, Outcome.UNKNOWN, "rules_unseen")
        days = _days(at, written)
        if days > max_age:
            return _said(product.name, Outcome.FAIL, "rules_old", days=days, limit=max_age)
    return _said(product.name, Outcome.PASS, product.message)


def fail2ban(host: Host, captures: Captures) -> Verdict:
    """It starts no jail without a log to read; so the jails that run are what counts."""
    stopped = _stopped(FAIL2BAN, host)
    if stopped is not None:
        return stopped
    name = FAIL2BAN.name
    if host.jails_seen and not any(host.jails.values()):
        return _said(name, Outcome.FAIL, "no_jails")
    gap = captures.gap("fail2ban_jails")
    if gap is not None:
        return _unanswered(name, gap)
    answer = captures.answered("fail2ban_jails")
    jails = read_jails(answer.stdout) if answer is not None and not answer.exit_status else None
    if jails is None:
        return _said(name, Outcome.UNKNOWN, "answer_not_understood")
    if not jails:
        return _said(name, Outcome.FAIL, "no_jails")
    read = _read_by_sshd(captures) if "sshd" in jails else ()
    gone = [log for log in read if log.startswith("/var/log/") and _usual(log, host) is False]
    if jails == ("sshd",) and gone and len(gone) == len(read):
        return _said(name, Outcome.FAIL, "log_gone", log=gone[0])
    advice = []
    if "sshd" not in jails:
        advice.append(Message("ssh_not_watched", {"product": name}))
    dead = tuple(jail for jail, on in host.jails.items() if on and jail not in jails)
    if dead:
        advice.append(Message("jails_not_running", {"jails": dead}))
    message = Message(FAIL2BAN.message, {"product": name})
    return Verdict(name, Outcome.PASS, message, advice=tuple(advice))


def _read_by_sshd(captures: Captures) -> tuple[str, ...]:
    """The files that the guard of SSH reads; empty when it reads the journal, or was not asked."""
    answer = captures.answered("fail2ban_logs")
    return (read_watched(answer.stdout) or ()) if answer is not None else ()


def _usual(log: str, host: Host) -> bool | None:
    """Whether one of the usual logs exists; ``None`` for a log that was not looked for."""
    usual = ("/var/log/auth.log", "/var/log/secure", "/var/log/messages", "/var/log/syslog")
    return log in host.logs if log in usual else None


def crowdsec(host: Host, at: datetime, max_age: int) -> Verdict:
    """It needs logs to read, and scenarios by which it knows an attack."""
    stopped = _stopped(CROWDSEC, host)
    if stopped is not None:
        return stopped
    name = CROWDSEC.name
    for kind, lacking in (("scenarios", "no_rules"), ("acquisitions", "reads_no_logs")):
        if kind not in host.counts:
            return _said(name, Outcome.UNKNOWN, "rules_unseen")
        if not host.counts[kind]:
            return _said(name, Outcome.FAIL, lacking)
    advice = []
    written = host.newest.get("hub")
    if written is not None and _days(at, written) > max_age:
        advice.append(Message("rules_not_renewed", {"product": name, "days": _days(at, written)}))
    if not host.runs(CROWDSEC_BOUNCER):
        advice.append(Message("nothing_blocks", {"product": name}))
    message = Message(CROWDSEC.message, {"product": name})
    return Verdict(name, Outcome.PASS, message, advice=tuple(advice))


def wazuh(host: Host, captures: Captures) -> Verdict:
    """An agent watches only together with its server."""
    stopped = _stopped(WAZUH, host)
    if stopped is not None:
        return stopped
    name = WAZUH.name
    gap = captures.gap("wazuh_state")
    if gap is not None:
        return _unanswered(name, gap)
    answer = captures.answered("wazuh_state")
    agent = read_agent(answer.stdout) if answer is not None and not answer.exit_status else None
    if agent is None:
        return _said(name, Outcome.UNKNOWN, "answer_not_understood")
    if not agent.connected or captures.at - agent.kept_alive > _SILENT:
        return _said(name, Outcome.FAIL, "no_contact")
    return _said(name, Outcome.PASS, WAZUH.message)


def osquery(host: Host) -> Verdict:
    """It only answers questions; a server that asks them, or gets the answers, makes it watch."""
    stopped = _stopped(OSQUERY, host)
    if stopped is not None:
        return stopped
    if "tls" in (host.osquery.get("config_plugin"), host.osquery.get("logger_plugin")):
        return _said(OSQUERY.name, Outcome.PASS, OSQUERY.message)
    return _said(OSQUERY.name, Outcome.UNKNOWN, "only_records")


def integrity(product: str, host: Host, captures: Captures, max_age: int) -> Verdict:
    """A program that compares files: it must have done so lately, against a stored state."""
    answer = captures.answered("integrity_files")
    files = read_files(answer.stdout) if answer is not None else {}
    report = files.get(_REPORTS[product])
    moments = [report.written] if report is not None and report.size else []
    if product == "AIDE" and host.compared is not None:
        moments.append(host.compared)
    compared = max((moment for moment in moments if moment <= captures.at + _DAY), default=None)
    if compared is not None and _days(captures.at, compared) <= max_age:
        return _said(
            product,
            Outcome.PASS,
            "files_compared",
            days=_days(captures.at, compared),
            limit=max_age,
        )
    gap = captures.gap("integrity_files")
    if gap is not None:
        return _unanswered(product, gap)
    if product == "AIDE" and not any(path in files for path in _AIDE_DATABASES):
        return _said(product, Outcome.FAIL, "no_database")
    if compared is None:
        return _said(product, Outcome.FAIL, "never_compared")
    days = _days(captures.at, compared)
    return _said(product, Outcome.FAIL, "compared_long_ago", days=days, limit=max_age)


def _days(at: datetime, then: datetime) -> int:
    return max(0, (at - then) // _DAY)
