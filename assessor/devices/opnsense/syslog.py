"""Where OPNsense's log goes (Syslog.xml)."""

from __future__ import annotations

from assessor.devices.device import Logging, Topic
from assessor.devices.pfsense.grammar import (
    Element,
    Unread,
    check,
    child,
    children,
    flag,
    listed,
    on,
    text,
)
from assessor.devices.pfsense.names import SYSLOG, words

_SYSLOG = words("general destinations")
_GENERAL = words("enabled loglocal maxpreserve maxfilesize")
_DESTINATION = words(
    "enabled transport program level facility hostname certificate port rfc5424 description"
)
_TRANSPORTS = words("udp udp4 udp6 tcp tcp4 tcp6 tls tls4 tls6")
_DAYS = 31
"""The model's default of ``maxpreserve``."""
_PROGRAMS = words("audit opnsense configd.py")
"""What log-ins are written by; nobody in particular is everybody."""


def read_logging(root: Element, unread: Unread) -> Logging:
    """Other machines that are told of log-ins, and how many days are kept here."""
    holder = child(root, "OPNsense", "Syslog")
    check(holder, (_SYSLOG,), unread, Topic.LOGGING)
    check(child(holder, "general"), (_GENERAL,), unread, Topic.LOGGING)
    legacy = child(root, "syslog")
    check(legacy, (SYSLOG,), unread, Topic.LOGGING)
    remote: list[str] = []
    encrypted: list[bool] = []
    destinations = child(holder, "destinations")
    check(
        destinations,
        (frozenset({"destination"}),),
        unread,
        Topic.LOGGING,
        many=frozenset({"destination"}),
    )
    if on(holder, "general", "enabled", default=True):
        for each in children(destinations, "destination"):
            check(each, (_DESTINATION,), unread, Topic.LOGGING)
            transport = text(each, "transport")
            if transport not in _TRANSPORTS or text(each, "enabled") not in {"", "0", "1"}:
                unread.add(f"<destination> <transport> {transport}", Topic.LOGGING)
            elif on(each, "enabled", default=True) and _whole(each):
                remote.append(text(each, "hostname"))
                encrypted.append(transport.startswith("tls"))
    if flag(legacy, "enable"):  # before 20.7
        sent = [text(legacy, name) for name in ("remoteserver", "remoteserver2", "remoteserver3")]
        if flag(legacy, "logall") or flag(legacy, "system"):
            remote += [said for said in sent if said]
            encrypted.append(False)
    return Logging(
        remote=tuple(remote),
        days=_days(holder, legacy),
        encrypted=all(encrypted) if remote else None,
    )


def _whole(each: Element) -> bool:
    """Whether a destination gets what tells of log-ins."""
    programs = listed(text(each, "program"))
    facilities = set(listed(text(each, "facility")))
    levels = set(listed(text(each, "level")))
    return (
        (not programs or bool(_PROGRAMS.intersection(programs)))
        and (not facilities or bool(facilities & {"auth", "authpriv", "user", "local0"}))
        and (not levels or bool(levels & {"info", "notice"}))
    )


def _days(holder: Element | None, legacy: Element | None) -> int | None:
    if holder is None and text(legacy, "preservelogs") == "":
        return None
    if not on(holder, "general", "loglocal", default=True):
        return 0
    said = text(holder, "general", "maxpreserve") or text(legacy, "preservelogs")
    return int(said) if said.isdecimal() and len(said) < 6 else _DAYS
