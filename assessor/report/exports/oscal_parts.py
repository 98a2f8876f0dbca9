"""The parts of OSCAL that the rest refers to: people, resources, properties and texts."""

from __future__ import annotations

import re
from urllib.parse import quote

from assessor.model.attestation import EvidenceFile
from assessor.model.check import Source
from assessor.report.clean import one_line
from assessor.report.exports.sheet import Sheet
from assessor.report.exports.words import PRODUCT, Json, filled

OSCAL = "1.1.3"
NAMESPACE = "https://assess.invalid/ns/oscal/1"
"""Of properties that OSCAL does not know itself; it names nothing that can be fetched."""

_MARKS = re.compile(r"[\\`*~^\[\]<>&{}|!]|(?<![^\W_])_|_(?![^\W_])")
_BEGINNING = re.compile(r"^[ \t]*(\d{0,9})([#+\-=.)])", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_NOT_TOKEN = re.compile(r"[^\w.\-]")


def markup(text: str) -> str:
    """``text`` as OSCAL's Markdown that shows just that text: no links, tags, or insertions."""
    escaped = _MARKS.sub(lambda mark: f"\\{mark[0]}", _INDENT.sub("", text))
    return _BEGINNING.sub(lambda found: f"{found[1]}\\{found[2]}", escaped).strip()


def token(text: str) -> str:
    """``text`` as an OSCAL token: a letter, then letters, digits, dots, dashes, underscores."""
    bare = _NOT_TOKEN.sub("-", text)[:120]
    return bare if bare[:1].isalpha() or bare[:1] == "_" else f"_{bare}"


def props(*named: tuple[str, str], ns: str = NAMESPACE) -> list[Json]:
    """Properties; those without a value are left out."""
    listed = []
    for name, value in named:
        shown = one_line(value, 1_000).strip()
        if shown:
            listed.append(filled(name=name, ns=ns, value=shown))
    return listed


class People:
    """Who is named: the company, who assesses, and who answers for something."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        verdicts = [
            line.verdict
            for line in (*sheet.lines, *(it for each in sheet.promises for it in each.lines))
        ]
        attested = (each.by for verdict in verdicts for each in verdict.attestations)
        accepted = (each.by for verdict in verdicts for each in verdict.waivers)
        self._names = tuple(dict.fromkeys((*attested, *accepted)))

    def of(self, name: str) -> str:
        """The party of a person."""
        return self._sheet.id("person", name)

    def roles(self) -> list[Json]:
        """The roles of those who are named."""
        listed = [("subject", self._organisation), ("assessor", self._assessor)]
        title = {"subject": "Assessed organisation", "assessor": "Assessor"}
        return [{"id": role, "title": title[role]} for role, name in listed if name]

    def parties(self) -> list[Json]:
        """The company, the assessor, and the people."""
        listed: list[Json] = []
        for role, name in (("subject", self._organisation), ("assessor", self._assessor)):
            if name:
                party = self._sheet.id("party", role)
                listed.append({"uuid": party, "type": "organization", "name": name})
        for name in self._names:
            shown = one_line(name, 120) or "-"
            listed.append({"uuid": self.of(name), "type": "person", "name": shown})
        return listed

    def responsible(self) -> list[Json]:
        """Which party has which role."""
        return [
            {"role-id": str(role["id"]), "party-uuids": [self._sheet.id("party", str(role["id"]))]}
            for role in self.roles()
        ]

    @property
    def _organisation(self) -> str:
        return self._sheet.organisation

    @property
    def _assessor(self) -> str:
        return one_line(self._sheet.facts.assessor, 120)


class Resources:
    """What is referred to, each once: files of the run, the statement, and published sources."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._listed: dict[str, Json] = {}
        self.plan = self._add(
            "plan", title="plan.json", description="What was asked, to the letter.",
            rlinks=[{"href": "plan.json", "media-type": "application/json"}],
        )  # fmt: skip
        if sheet.manifest:
            self._add(
                "manifest", title="manifest.json",
                description=f"The manifest of the run that {PRODUCT} made, over all of its files.",
                rlinks=[_file("manifest.json", sheet.manifest)],
            )  # fmt: skip
        if statement := sheet.result.statement:
            self._add(
                "statement",
                title=markup(one_line(statement.source, 300)) or "statement",
                rlinks=[_file("statement.raw", statement.sha256)],
            )

    def source(self, source: Source) -> str:
        """The resource of a published source."""
        title = ", ".join(filter(None, (source.title, source.section, source.date)))
        return self._add(
            "source", source.title, source.section, source.url, source.date,
            title=markup(one_line(title, 300)) or "-",
            citation={"text": markup(one_line(title, 300)) or "-"},
            rlinks=[{"href": quote(one_line(source.url), safe="/:?#[]@!$&'()*+,;=~%")}]
            if source.url.startswith(("https://", "http://"))
            else [],
        )  # fmt: skip

    def file(self, file: EvidenceFile) -> str:
        """The resource of a file that goes with an attestation."""
        return self._add(
            "file", file.sha256, file.name,
            title=markup(one_line(file.name, 120)) or "-",
            rlinks=[_file(f"attestations/{quote(file.sha256, safe='')}", file.sha256)],
        )  # fmt: skip

    def listed(self) -> list[Json]:
        """Every resource that was referred to, in the order in which that happened."""
        return list(self._listed.values())

    def _add(self, *words: str, **entries: object) -> str:
        uid = self._sheet.id("resource", *words)
        self._listed.setdefault(uid, {"uuid": uid, **filled(**entries)})
        return uid


def _file(href: str, sha256: str) -> Json:
    digest = one_line(sha256, 64)
    return filled(href=href, hashes=[{"algorithm": "SHA-256", "value": digest}] if digest else [])
