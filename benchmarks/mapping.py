"""How well are the promises of real statements found and mapped?

Run it in a checkout, with the labelled statements in ``../shared/statements``::

    .venv/bin/python benchmarks/mapping.py            # --root DIR for another place, --details

It maps the five main statements and the development set, writes the predictions to a temporary
folder, lets ``score.py`` beside the statements score them, prints a table per language and level,
and ends with 1 when a bar is not met. Nothing is fitted: the lexicon is written by hand, so there
is no figure to cross-validate.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent))

from assessor.bundled import folder  # noqa: E402
from assessor.model.language import Language  # noqa: E402
from assessor.statement.claims import find_claims  # noqa: E402
from assessor.statement.lexicon import Lexicon, load_lexicon  # noqa: E402
from assessor.statement.reading import parse_statement  # noqa: E402
from assessor.statement.show import claims_as_json  # noqa: E402

ROOT = _HERE.parent.parent / "shared" / "statements"
LEVELS = ("statement", "claim", "span")
_SUFFIXES = frozenset({".txt", ".md", ".html", ".htm", ".pdf", ".docx"})


@dataclass(frozen=True, slots=True)
class Set:
    """A set of labelled statements, and the least F1 that it has to reach at two levels."""

    name: str
    statements: Path
    labels: Path
    claim_bar: float
    statement_bar: float


def sets(root: Path) -> tuple[Set, Set]:
    """The main statements and the development set below ``root``."""
    return (
        Set("main", root, root / "labels", 0.92, 0.95),
        Set("development", root / "dev", root / "dev-labels", 0.88, 0.92),
    )


def predict(labelled: Set, out: Path) -> float:
    """Writes the predictions for each statement of the set; returns the seconds it took."""
    lexicons: dict[Language, Lexicon] = {}
    out.mkdir(parents=True, exist_ok=True)
    began = time.perf_counter()
    for path in sorted(labelled.statements.iterdir()):
        if path.suffix not in _SUFFIXES:
            continue
        statement = parse_statement(path.read_bytes(), source=path.name)
        if statement.language not in lexicons:
            lexicons[statement.language] = load_lexicon(
                folder("profiles") / "lexicon", statement.language
            )
        claims = find_claims(statement, lexicons[statement.language])
        target = out / f"{path.stem}.json"
        target.write_text(json.dumps(claims_as_json(claims), ensure_ascii=False), "utf-8")
    return time.perf_counter() - began


def score(labelled: Set, predictions: Path, root: Path, *extra: str) -> str:
    """What ``score.py`` says of the predictions."""
    command = [
        sys.executable, str(root / "score.py"), str(predictions),
        "--statements", str(labelled.statements), "--labels", str(labelled.labels), *extra,
    ]  # fmt: skip
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def figures(labelled: Set, predictions: Path, root: Path) -> dict[str, Any]:
    """The figures of ``score.py`` per language ("all", "nl", ...) and level."""
    answer: dict[str, Any] = json.loads(score(labelled, predictions, root, "--json"))
    return answer


def shortfalls(labelled: Set, scored: dict[str, Any]) -> list[str]:
    """The bars that are not met, as lines for people."""
    bars = {"claim": labelled.claim_bar, "statement": labelled.statement_bar}
    return [
        f"{labelled.name}: {level} F1 {scored['all'][level]['F']:.3f} is below {bar}"
        for level, bar in bars.items()
        if scored["all"][level]["F"] < bar
    ]


def _table(labelled: Set, scored: dict[str, Any], seconds: float) -> None:
    print(f"\n{labelled.name} ({scored['all']['statements']} statements, {seconds:.2f} s)")
    print(
        f"{'':10}"
        + "".join(f"{level:>10} P    R    F " for level in LEVELS)
        + "  hard negatives hit"
    )
    for language, row in scored.items():
        cells = "".join(
            f"{row[level]['P']:>12.2f} {row[level]['R']:.2f} {row[level]['F']:.2f}"
            for level in LEVELS
        )
        print(f"{language:10}{cells}   {row['hard_negative_hits']}/{row['hard_negatives']}")


def main() -> int:
    """Runs the benchmark; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--root", type=Path, default=ROOT, help="folder of the labelled statements")
    parser.add_argument(
        "--details", action="store_true", help="each statement, and what was missed"
    )
    options = parser.parse_args()
    if not (options.root / "score.py").is_file():
        print(f"no labelled statements in {options.root}", file=sys.stderr)
        return 2
    missed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="assess-mapping-") as temporary:
        for labelled in sets(options.root):
            predictions = Path(temporary) / labelled.name
            seconds = predict(labelled, predictions)
            scored = figures(labelled, predictions, options.root)
            _table(labelled, scored, seconds)
            if options.details:
                print(score(labelled, predictions, options.root, "--missed"))
            missed.extend(shortfalls(labelled, scored))
    for line in missed:
        print(line, file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
