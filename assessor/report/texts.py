"""The report's own texts, ``reports/texts.nl.yaml`` and ``texts.en.yaml``.

``texts.nl-BE.yaml`` holds only those texts whose words differ in Flanders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from assessor.errors import InputError
from assessor.model.capture import Reason
from assessor.model.check import ProbeKind, Severity
from assessor.model.finding import Outcome
from assessor.model.language import Language
from assessor.model.measure import MeasureKind
from assessor.model.statement import Verdict
from assessor.model.target import Platform, Role
from assessor.yamlfile import Words, flat_texts, read_yaml

# Sections that must have a text for every word of an enumeration: a new word of the model
# without a text is found when the texts are loaded, not when a client reads the report.
_COMPLETE = (
    Words("verdict", Verdict, ("claim", "measure", "meaning")),
    Words("outcome", Outcome, ("word",)),
    Words("reason", Reason, ("what", "mend")),
    Words("severity", Severity),
    Words("kind", MeasureKind),
    Words("role", Role),
    Words("platform", Platform),
    Words("probe_kind", ProbeKind),
    Words("client.alias", Role),
    Words("client.said", Outcome),
)


@dataclass(frozen=True, slots=True)
class ReportTexts:
    """All texts of the report in one language, by dotted key such as ``verdict.kept.claim``.

    Attributes:
        region: ``BE`` where the words are those of Flanders; empty for those of the language.
    """

    language: Language
    entries: Mapping[str, str] = field(repr=False)
    region: str = ""

    @property
    def tag(self) -> str:
        """The language as a page names it (BCP 47), such as ``nl-BE``."""
        return f"{self.language}-{self.region}" if self.region else self.language.value

    def __getitem__(self, key: str) -> str:
        """The text ``key``; raises ``KeyError`` where there is none: that is a fault of ours."""
        return self.entries[key]

    def get(self, key: str) -> str | None:
        """The text ``key``, or ``None``: for keys that come from elsewhere, such as rule ids."""
        return self.entries.get(key)

    def section(self, name: str) -> dict[str, str]:
        """The texts whose keys begin with ``name.``, without that beginning."""
        start = f"{name}."
        return {
            key.removeprefix(start): text
            for key, text in self.entries.items()
            if key.startswith(start)
        }

    def instead(self, name: str) -> ReportTexts:
        """These texts with those of section ``name`` in the place of the texts they are named for.

        ``client.instead.label.raw`` is the text ``label.raw`` in the client's version.
        """
        return replace(self, entries={**self.entries, **self.section(name)})


def load_texts(folder: Path, language: Language, region: str = "") -> ReportTexts:
    """Reads ``texts.<language>.yaml`` in ``folder`` and holds it against the other language.

    Args:
        folder: with the files.
        language: whose texts.
        region: whose words go before them, such as ``BE``; a region that a language has no file
            for changes nothing.

    Raises:
        InputError: a file is missing or broken, a text is empty, or a key stands in one language
            only or is missing for a word of the model.
    """
    files = {each: read_yaml(folder / f"texts.{each}.yaml") for each in Language}
    located = files[language]
    entries = flat_texts(located, _COMPLETE)
    for other in Language:
        others = flat_texts(files[other], _COMPLETE)
        missing = sorted(set(others) - set(entries))
        if missing:
            raise InputError(
                f"missing texts that {other} has: {', '.join(missing[:5])}",
                path=located.path,
                mend="write them; both languages need the same keys",
            )
        superfluous = sorted(set(entries) - set(others))
        if superfluous:
            raise InputError(
                f"texts that {other} lacks: {', '.join(superfluous[:5])}",
                path=located.path,
                line=located.line(*superfluous[0].split(".")),
                mend="both languages need the same keys",
            )
    return _of_region(folder, ReportTexts(language, entries), region)


def _of_region(folder: Path, texts: ReportTexts, region: str) -> ReportTexts:
    """``texts`` with the words of a region over them."""
    path = folder / f"texts.{texts.language}-{region}.yaml"
    if not region or not path.is_file():
        return texts
    located = read_yaml(path)
    words = flat_texts(located, ())
    if unknown := sorted(set(words) - set(texts.entries)):
        raise InputError(
            f"texts that {texts.language} lacks: {', '.join(unknown[:5])}",
            path=path,
            line=located.line(*unknown[0].split(".")),
            mend=f"a region has only texts that stand in texts.{texts.language}.yaml too",
        )
    return ReportTexts(texts.language, {**texts.entries, **words}, region)
