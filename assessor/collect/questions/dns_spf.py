"""Walks an SPF record and what it includes (RFC 7208), as a receiving mail server would.

Nothing is judged here: every term is taken apart, every name that it needs is looked up.
"""

from __future__ import annotations

import re

import dns.name
from dns import rdatatype

from assessor.collect.questions.dns_lookup import Lookups, name_of, plain

_MOST_TERMS = 25
"""Terms that need a look-up, of all records together. Ten are allowed (RFC 7208, 4.6.4); beyond
this more of them tell nothing new."""

_MOST_KEPT = 200
"""Terms that are told, of all records together."""

_SHOWN = 255
_VERSION = "v=spf1"
_TERM = re.compile(r"(?P<qualifier>[+?~-]?)(?P<name>[A-Za-z][A-Za-z0-9_.-]*)(?P<rest>.*)\Z", re.S)
_BY_NAME = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
"""Terms that need a look-up (RFC 7208, 4.6.4)."""


class SpfWalk:
    """One walk from a domain's own record.

    Attributes:
        records: each record that was come to, in that order.
        complete: whether the whole of it was walked.
    """

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups
        self._terms = 0
        self._told = 0
        self.complete = True
        self.records: list[dict[str, object]] = []

    def facts(self, domain: dns.name.Name) -> dict[str, object]:
        """Walks from ``domain`` and tells all of it."""
        self._walk(domain, "start", None)
        return {"records": self.records, "complete": self.complete}

    def _walk(self, domain: dns.name.Name, how: str, above: int | None) -> None:
        found = self._lookups.look_up(domain, rdatatype.TXT)
        policies = [text for text in found.texts() if _is_spf(text)]
        terms: list[dict[str, object]] = []
        position = len(self.records)
        self.records.append(
            {
                "domain": plain(domain),
                "how": how,
                "above": above,
                "outcome": found.outcome.value,
                "failure": found.failure,
                "security": found.verdict.security.value,
                "policies": [policy[:4_096] for policy in policies[:5]],
                "policies_count": len(policies),
                "terms": terms,
            }
        )
        if len(policies) != 1:
            return
        words = policies[0].split(" ")[1:]
        ended = False
        for word in words:
            self._told += bool(word)
            if self._told > _MOST_KEPT:
                self.complete = False
                return
            if word:
                terms.append(self._term(word, domain, position, ended=ended))
                ended = ended or terms[-1]["name"] == "all"

    def _term(
        self, word: str, domain: dns.name.Name, position: int, *, ended: bool
    ) -> dict[str, object]:
        """One word taken apart; what stands after ``all`` is not followed (RFC 7208, 5.1)."""
        match = _TERM.match(word)
        term: dict[str, object] = {
            "text": word[:_SHOWN],
            "qualifier": "",
            "name": None,
            "value": "",
            "void": None,
            "count": None,
        }
        if match is None:
            return term
        name, rest = match["name"].lower(), match["rest"]
        modifier = rest.startswith("=")
        if modifier and match["qualifier"]:
            return term
        term |= {
            "qualifier": match["qualifier"] or ("" if modifier else "+"),
            "name": f"{name}=" if modifier else name,
            "value": rest.removeprefix("=" if modifier else ":")[:_SHOWN],
        }
        if not ended and name in _BY_NAME and modifier is (name == "redirect"):
            self._terms += 1
            if self._terms > _MOST_TERMS:
                self.complete = False
            else:
                self._follow(term, name, rest, domain, position)
        return term

    def _follow(
        self,
        term: dict[str, object],
        name: str,
        rest: str,
        domain: dns.name.Name,
        position: int,
    ) -> None:
        wanted = rest[1:].partition("/")[0] if rest[:1] in (":", "=") else ""
        if "%" in wanted or name == "ptr":
            return  # depends on a sender that is not there
        target = name_of(wanted) if wanted else domain
        if target is None or (not wanted and name not in ("a", "mx")):
            return
        if name in ("include", "redirect"):
            before = len(self.records)
            self._walk(target, name, position)
            term["void"] = self.records[before]["outcome"] in ("no-data", "no-name")
        elif name == "mx":
            found = self._lookups.look_up(target, rdatatype.MX)
            term |= {"void": found.void, "count": found.count}
        else:
            both = self._lookups.addresses(target)
            term |= {
                "void": all(one.void for one in both),
                "count": sum(one.count for one in both),
            }


def _is_spf(text: str) -> bool:
    head, _, _ = text.partition(" ")
    return head.lower() == _VERSION
