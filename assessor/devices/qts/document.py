"""The answers of QTS' web interface (``/cgi-bin/management/manaRequest.cgi``), saved as XML.

Their form is known from samples of QTS 4.2 to 4.5 (github.com/colinodell/python-qnapstats).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from assessor.model.answers import UnparsedError

# "good" is what an undisturbed NAS says.
_HEALTH: Mapping[str, bool] = {"good": True, "warning": False, "error": False, "critical": False}


@dataclass(frozen=True, slots=True)
class QDoc:
    """What such an answer tells.

    Attributes:
        health: of the whole system, as it says; empty where the answer is about something else.
        healthy: ... ``None`` where the word is not known.
    """

    name: str
    model: str
    version: str
    build: str
    health: str
    healthy: bool | None


def read_xml(text: str) -> QDoc:
    """The answer in ``text``.

    Raises:
        UnparsedError: it is none, or says that nobody was logged in.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(text.strip("\ufeff \n").encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnparsedError("no XML, or cut off") from error
    if root is None or root.tag != "QDocRoot":
        raise UnparsedError("not of a QNAP QTS")

    def said(path: str) -> str:
        return " ".join((root.findtext(path) or "").split())

    if said("authPassed") != "1":
        raise UnparsedError("nobody was logged in to the QNAP")
    version = said("firmware/version")
    if not re.fullmatch(r"[a-z]?\d[\w.]{0,20}", version):
        raise UnparsedError("the QNAP does not tell its version")
    number = said("firmware/number")
    health = said(".//sysHealth/status")
    return QDoc(
        name=said("hostname"),
        model=said("model/displayModelName") or said("model/modelName"),
        version=f"{version}.{number}" if number.isdigit() else version,
        build=said("firmware/build"),
        health=health,
        healthy=_HEALTH.get(health.lower()),
    )
