"""The report's own texts, ``reports/texts.nl.yaml`` and ``texts.en.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from assessor.errors import InputError
from assessor.model.capture import Reason
from assessor.model.check import ProbeKind, Severity
from assessor.model.finding import Outcome
from assessor.model.statement import Language, MeasureKind, Verdict
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
)


@dataclass(frozen=True, slots=True)
class ReportTexts:
    """All texts of the report in one language, by dotted key such as ``verdict.kept.claim``."""

    language: Language
    entries: Mapping[str, str] = field(repr=False)

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


def load_texts(folder: Path, language: Language) -> ReportTexts:
    """Reads ``texts.<language>.yaml`` in ``folder`` and holds it against the other language.

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
    return ReportTexts(language, entries)
