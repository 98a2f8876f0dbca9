"""Does a check miss what Lynis reports of the same subject?

Run it as root in a checkout, after ``sh tests/lab/machines.sh``::

    .venv/bin/python benchmarks/lynis.py                 # prints the table, ends with 1 at a gap
    .venv/bin/python benchmarks/lynis.py --write         # and writes docs/lynis.md

On each machine of the lab it sets up what a small server has (a web server, a database, an
administrator), runs Lynis and then the checks of the profile ``mkb``. Every warning and suggestion
of Lynis must stand in ``lynis_notes.yaml``: with the check of that subject and the messages by
which it says the same, or with a note why it says nothing. What a note claims is looked up in the
findings: a message that did not come is a gap.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent))

import yaml  # noqa: E402

from assessor import bundled  # noqa: E402
from assessor.model.finding import Finding  # noqa: E402
from tests.lab.machine import Machine  # noqa: E402
from tests.machines.scene import findings, token  # noqa: E402

NOTES = _HERE / "lynis_notes.yaml"
PAGE = _HERE.parent / "docs" / "lynis.md"
SCENE = """
useradd --create-home --shell /bin/bash --groups sudo piet
echo 'piet:a weak one' | chpasswd
systemctl enable --now rsyslog nginx redis-server
"""
AUDIT = "lynis audit system --quick --quiet --no-colors >/dev/null 2>&1 || :"
REPORT = "grep -E '^(warning|suggestion)\\[\\]=' /var/log/lynis-report.dat; lynis --version"


@dataclass(frozen=True, slots=True)
class Said:
    """One line of Lynis: a warning or a suggestion.

    Attributes:
        id: the test, such as ``SSH-7408``.
        text: what it says, with its detail.
        bases: the machines on which it said so.
    """

    id: str
    text: str
    bases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What Lynis says, beside what the check of that subject says."""

    said: Said
    ours: str
    note: str
    gap: bool


def read_report(report: str, base: str, into: dict[tuple[str, str], Said]) -> str:
    """Adds the lines of a Lynis report; gives Lynis' version."""
    *lines, version = report.strip().splitlines()
    for line in lines:
        fields = line.partition("=")[2].split("|")
        detail = fields[2] if fields[2] not in {"-", ""} else ""
        text = f"{fields[1]} ({detail})" if detail else fields[1]
        key = fields[0], text
        bases = into[key].bases if key in into else ()
        into[key] = Said(*key, (*bases, base))
    return version


def rows(
    said: Iterable[Said], notes: Mapping[str, Mapping[str, object]], found: Iterable[Finding]
) -> list[Row]:
    """Each line of Lynis beside ours."""
    spoken: dict[str, dict[str, str]] = {}
    for finding in found:
        judgement = finding.judgement
        for message in (judgement.message, *judgement.advice):
            spoken.setdefault(finding.check, {})[message.id] = judgement.measure
    table = []
    for each in said:
        entry = notes.get(f"{each.id} {each.text}") or notes.get(each.id)
        if entry is None:
            table.append(Row(each, "", "NO NOTE", gap=True))
            continue
        check, says = str(entry.get("check", "")), entry.get("says") or []
        assert isinstance(says, list)
        came = [message for message in says if message in spoken.get(check, {})]
        gap = bool(says) and not came
        ours = f"`{check}`" + (f": {', '.join(came)}" if came else "") if check else ""
        note = f"DID NOT COME: {says}" if gap else str(entry.get("note", ""))
        table.append(Row(each, ours, note, gap=gap))
    return table


def page(table: list[Row], version: str) -> str:
    """The table as a page of the documentation."""
    lines = [
        "# What Lynis reports on the lab's machines, and what our checks say of it",
        "",
        "Made by `.venv/bin/python benchmarks/lynis.py --write`, which also fails when Lynis",
        f"reports something that has no place here. Lynis {version}; Debian 12 and Ubuntu 24.04 of",
        "`tests/lab/machines.sh` with nginx, Redis, rsyslog and an administrator.",
        "",
        "Lynis advises on hardening in general. Our checks judge what a statement promises: where",
        "Lynis' advice shows no promised measure, or where published criteria see it otherwise,",
        "the note says why.",
        "",
        "| Lynis | on | our check: its message | note |",
        "|---|---|---|---|",
    ]
    for row in table:
        text = row.said.text.replace("|", "/")
        bases = ", ".join(row.said.bases)
        lines.append(f"| {row.said.id}: {text} | {bases} | {row.ours} | {row.note} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Runs the comparison; gives the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="write docs/lynis.md")
    parser.add_argument("--findings", action="store_true", help="print our messages too")
    chosen = parser.parse_args()
    if os.geteuid() != 0:
        print("this comparison needs root")
        return 2
    profile = yaml.safe_load((bundled.folder("profiles") / "mkb.yaml").read_text())
    checks = [check for check in profile["checks"] if _for_linux(check)]
    said: dict[tuple[str, str], Said] = {}
    found: list[Finding] = []
    version = ""
    for base in ("debian", "ubuntu"):
        with tempfile.TemporaryDirectory(prefix="lynis-") as folder:
            machine = Machine(base, Path(folder), token())
            try:
                machine.run(SCENE)
                found += findings(machine, checks)
                machine.run(AUDIT)
                version = read_report(machine.run(REPORT), base, said)
            finally:
                machine.close()
    if chosen.findings:
        for finding in found:
            judgement = finding.judgement
            advice = [message.id for message in judgement.advice]
            print(finding.check, judgement.measure, judgement.message.id, advice)
    table = rows(said.values(), yaml.safe_load(NOTES.read_text()), found)
    text = page(table, version)
    if chosen.write:
        PAGE.write_text(text)
    else:
        print(text)
    gaps = [row for row in table if row.gap]
    for row in gaps:
        print(f"gap: {row.said.id} {row.said.text}: {row.note}", file=sys.stderr)
    return 1 if gaps else 0


def _for_linux(check: str) -> bool:
    manifest = yaml.safe_load((bundled.folder("checks") / check / "check.yaml").read_text())
    return "linux" in manifest["probes"]


if __name__ == "__main__":
    sys.exit(main())
