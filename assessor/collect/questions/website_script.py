"""What a script names: hosts, and a few marks of what it does. Its text is not kept.

A script is not run. What it puts together only when it runs is not seen; ``hidden`` says that it
unpacks or evaluates text of its own, so that nothing can be read from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MARKS = {
    "cookies": r"document\s*\.\s*cookie|\bcookieStore\b|\[\s*['\"]cookie['\"]\s*\]",
    "storage": r"\b(?:localStorage|sessionStorage|indexedDB)\b",
    "inserts": r"createElement(?:NS)?\s*\(|\bimport\s*\(|document\s*\.\s*write|\bnew\s+Image\b"
    r"|innerHTML|insertAdjacentHTML|importScripts",
    "sends": r"\bfetch\s*\(|XMLHttpRequest|sendBeacon|WebSocket|EventSource",
    "hidden": r"\beval\s*\(|\batob\s*\(|fromCharCode|\bunescape\s*\(|new\s+Function\b",
    "consent-default": r"['\"]consent['\"]\s*,\s*['\"]default['\"]",
    "denied": r"['\"]denied['\"]",
    "anonymize-ip": r"(?i:anonymi[sz]e_?ip)",
    "google-universal": r"\bUA-\d{4,12}-\d{1,4}\b",
    "google-4": r"\bG-[A-Z0-9]{6,12}\b",
    "google-tag-manager": r"\bGTM-[A-Z0-9]{4,12}\b",
    "matomo": r"\b_paq\b",
    "consent-required": r"\b(?:disableCookies|requireCookieConsent|requireConsent)\b",
}
"""By name. The names appear in evidence: never rename one."""

_COMPILED = {name: re.compile(pattern) for name, pattern in MARKS.items()}
_HOST = re.compile(
    r"['\"`(=](?:https?:|wss?:)?(?://|\\/\\/)((?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24})(?=[/\\:'\"`?)#])",
    re.IGNORECASE,
)
_MOST_HOSTS = 60


def marks_of(texts: Iterable[str]) -> list[str]:
    """The marks that stand in any of ``texts``."""
    found = {name for text in texts for name, mark in _COMPILED.items() if mark.search(text)}
    return sorted(found)


def hosts_of(texts: Iterable[str]) -> tuple[list[str], bool]:
    """The hosts whose addresses stand in ``texts``, and whether there were more than are kept."""
    found = dict.fromkeys(match.lower() for text in texts for match in _HOST.findall(text))
    return list(found)[:_MOST_HOSTS], len(found) > _MOST_HOSTS
