"""The sites of IIS: which can be visited without encryption.

Bindings are ``protocol/address:port:name`` (Microsoft, "Bindings <bindings>"). What sends visitors
on to HTTPS: HSTS with ``redirectHttpToHttps``, ``httpRedirect``, or a rule of URL Rewrite for every
address whose only condition is ``{HTTPS}``. ``sslFlags`` of ``access`` with ``Ssl`` refuses a visit
without. A program may do the same itself; that cannot be seen.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from assessor.api import Fields, UnparsedError, read_object

_EVERYTHING = frozenset({"(.*)", ".*", "^(.*)$", "^.*$", "*", "^(.*)", "(.*)$"})
_NOT_OF_THE_WEB = frozenset({"net.tcp", "net.pipe", "net.msmq", "msmq.formatname", "ftp"})
_HERE = re.compile(r"127\.\d+\.\d+\.\d+|\[::1\]")
_CONDITIONS = frozenset({"{https}", "{server_port}", "{server_port_secure}"})


class Plain(Enum):
    """How a site stands to visits without encryption."""

    NO = "no"
    YES = "yes"
    UNSEEN = "unseen"
    """It has both kinds of bindings, and nothing was seen that sends visitors on."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site of IIS that starts by itself; ``https`` are the ports with a certificate."""

    name: str
    plain: Plain
    https: frozenset[str]


def read_sites(text: str) -> tuple[Site, ...] | None:
    """Reads the answer of ``windows_sites.ps1``; ``None`` where there are no settings of IIS.

    Raises:
        UnparsedError: it is no whole answer, or a binding has another form than IIS gives it.
    """
    answer = read_object(text)
    rows = answer.rows("sites")
    if answer.integer("count") != len(rows):
        raise UnparsedError("count")
    if not answer.boolean("there"):
        return None
    return tuple(_site(row) for row in rows if _flag(row, "auto_start") is not False)


def _site(row: Fields) -> Site:
    name, http, https = row.text("name"), False, set()
    for binding in row.text("bindings").split(","):
        protocol, _, at = binding.partition("/")
        if protocol.lower() in _NOT_OF_THE_WEB:
            continue
        shape = re.fullmatch(r"(\[[^\]]*\]|[^:]*):([0-9]+):(.*)", at)
        if shape is None or protocol.lower() not in ("http", "https"):
            raise UnparsedError(f"binding {binding[:60]}")
        if protocol.lower() == "https":
            https.add(shape[2])
        elif not _HERE.fullmatch(shape[1]) and shape[3].lower() != "localhost":
            http = True
    redirects = row.rows("redirects")
    sent_on = [_sends_on(one) for one in redirects]
    hsts = _flag(row, "hsts") and _flag(row, "hsts_redirect")
    if not http or hsts or any(sent_on):
        return Site(name, Plain.NO, frozenset(https))
    # A file of settings that was not to be seen, or a rule that is not understood, may send on.
    unclear = not row.boolean("seen") or any(_to_https(one) for one in redirects)
    return Site(name, Plain.UNSEEN if https or unclear else Plain.YES, frozenset(https))


def _flag(row: Fields, name: str) -> bool | None:
    """A truth value of IIS; ``None`` where it is not set."""
    try:
        return {"": None, "true": True, "false": False}[row.text(name).lower()]
    except KeyError:
        raise UnparsedError(name) from None


def _to_https(one: Fields) -> bool:
    return one.text("to").lower() == "https://" and _flag(one, "enabled") is not False


def _sends_on(one: Fields) -> bool:
    to_https = _to_https(one)
    match one.text("kind"):
        case "access":
            flags = {flag.strip().lower() for flag in one.text("action").split(",")}
            return bool(flags & {"ssl", "ssl128"})
        case "redirect":
            # httpRedirect is off unless it is switched on.
            return to_https and _flag(one, "enabled") is True
        case "rule":
            return (
                to_https
                and one.text("action").lower() == "redirect"
                and one.text("match") in _EVERYTHING
                and {each.lower() for each in one.texts("conditions")} <= _CONDITIONS
            )
        case kind:
            raise UnparsedError(f"kind {kind[:20]}")
