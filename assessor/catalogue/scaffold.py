"""Writes a first version of a check: small, whole, and with a sample that it passes."""

from __future__ import annotations

from pathlib import Path

from assessor.catalogue.manifest import ID
from assessor.errors import CheckError, UsageError

_FILES = {
    "check.yaml": """\
id: {check}
version: 1
measures: [{measure}]
severity: medium            # low, medium, high or critical
roles: [server, workstation]
probes:
  linux:
    release: {{script: linux_release.sh, timeout: 5}}
parameters:
  oldest_major:
    default: 12
    help: {{nl: "Oudste hoofdversie die nog mag.", en: "Oldest major version that will do."}}
criterion:
  text:
    nl: "Het besturingssysteem is niet ouder dan de versie die nog mag."
    en: "The operating system is not older than the version that will do."
  sources:
    - {{title: "Name the source of your criterion here", section: "", url: "", date: ""}}
""",
    "linux_release.sh": """\
# Which release this is. Reads only; the last line tells a whole answer from a cut one.
sed -n -e 's/^ID=/id /p' -e 's/^VERSION_ID=/version /p' /etc/os-release
echo end
""",
    "check.py": '''\
"""Shows that the release is not too old."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.api import (
    Captures,
    Check,
    Judgement,
    NotCaptured,
    Parameters,
    failed,
    not_observed,
    passed,
    unknown,
)

MEASURE = "{measure}"


@dataclass(frozen=True, slots=True)
class Release:
    """The major version, or why it is not known."""

    major: int | None
    missing: NotCaptured | None = None


def observe(captures: Captures) -> Release:
    answer = captures.answered("release")
    if answer is None:
        return Release(None, captures.gap("release"))
    lines = answer.stdout.splitlines()
    if lines[-1:] != ["end"]:
        return Release(None)
    for line in lines:
        word, _, value = line.partition(" ")
        number = value.strip('"').split(".")[0]
        if word == "version" and number.isdigit():
            return Release(int(number))
    return Release(None)


def evaluate(release: Release, parameters: Parameters) -> list[Judgement]:
    if release.missing is not None:
        return [not_observed(MEASURE, release.missing)]
    if release.major is None:
        return [unknown(MEASURE, "no_version")]
    oldest = parameters.integer("oldest_major")
    facts = {{"version": release.major, "oldest": oldest}}
    judge = passed if release.major >= oldest else failed
    message = "new_enough" if release.major >= oldest else "too_old"
    return [judge(MEASURE, message, facts, expected={{"oldest": oldest}}, observed=facts)]


CHECK = Check(observe=observe, evaluate=evaluate)
''',
    "texts.yaml": """\
nl:
  title: Versie van het besturingssysteem
  why: Een oude versie krijgt geen beveiligingsupdates meer.
  messages:
    new_enough: "Versie {{version}} is nieuw genoeg."
    too_old: "Versie {{version}} is te oud; {{oldest}} is het minste."
    no_version: "De versie was niet te zien."
  remedies:
    too_old: "Werk het besturingssysteem bij."
    no_version: "Kijk of /etc/os-release een VERSION_ID noemt."
en:
  title: Version of the operating system
  why: An old version no longer gets security updates.
  messages:
    new_enough: "Version {{version}} is new enough."
    too_old: "Version {{version}} is too old; {{oldest}} is the least."
    no_version: "The version could not be seen."
  remedies:
    too_old: "Upgrade the operating system."
    no_version: "See whether /etc/os-release names a VERSION_ID."
""",
    "samples/new_enough/release.stdout": 'id debian\nversion "12"\nend\n',
    "samples/new_enough/origin.md": "Written by hand after os-release(5).\n",
    "samples/new_enough/expected.yaml": """\
platform: linux
at: 2026-11-01T09:00:00Z
expect:
  {measure}: {{outcome: pass, message: new_enough, facts: {{version: 12}}}}
""",
}


def write_check(
    directory: Path, check: str, measure: str, measures: frozenset[str]
) -> tuple[Path, ...]:
    """Writes the folder ``directory/check`` and gives the files in it.

    Raises:
        UsageError: the id or the measure will not do.
        CheckError: the folder is there already, or cannot be written.
    """
    if not ID.match(check):
        raise UsageError(
            f"{check!r} is no id for a check", mend="small letters, digits and underscores"
        )
    if measure not in measures:
        raise UsageError(f"there is no measure {measure!r}", mend="see profiles/measures.yaml")
    folder = directory / check
    if folder.exists():
        raise CheckError(f"{folder} is there already", mend="take another id")
    paths = []
    try:
        for name, text in _FILES.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            keep_braces = path.suffix == ".stdout"
            path.write_text(
                text if keep_braces else text.format(check=check, measure=measure),
                encoding="utf-8",
            )
            paths.append(path)
    except OSError as error:
        raise CheckError(f"{folder} cannot be written: {error.strerror}") from None
    return tuple(paths)
