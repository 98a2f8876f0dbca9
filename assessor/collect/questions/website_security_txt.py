"""What a ``security.txt`` (RFC 9116) says, as far as a check reads it."""

from __future__ import annotations

import re

from assessor.collect.questions.website_visit import Visit

PATH = "/.well-known/security.txt"
MOST_BYTES = 32_768
"""RFC 9116, 5.4 advises readers to take no more than 32 KB."""

_FIELD = re.compile(r"([A-Za-z-]{1,40}):[ \t]+(\S.{0,400}?)[ \t]*\Z")
_MOST_FIELDS = 40
_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_KEPT_WHOLE = frozenset({"expires"})


def security_txt_facts(visit: Visit) -> dict[str, object]:
    """The answer to the request for it. Of a contact only the scheme is kept."""
    last = visit.last
    answer = last.exchange
    lines = (answer.body or b"").decode("utf-8", "replace").splitlines()
    return {
        "url": last.url.shown,
        "end": visit.end,
        "outcome": answer.outcome,
        "status": answer.status or None,
        "location": last.location,
        "media_type": answer.value("content-type").split(";")[0].strip().lower()[:80],
        "cut": answer.cut or answer.body is None,
        "signed": bool(lines) and lines[0].strip() == _SIGNED,
        "fields": _fields(lines) if answer.status == 200 else [],
    }


def _fields(lines: list[str]) -> list[dict[str, str]]:
    fields = []
    for line in lines:
        if line.startswith("#") or not (match := _FIELD.match(line)):
            continue
        name, value = match[1].lower(), match[2]
        kept = value if name in _KEPT_WHOLE else value.partition(":")[0].lower()[:20]
        fields.append({"name": name, "value": kept})
    return fields[:_MOST_FIELDS]
