"""Reads attestations and waivers, and looks whether the evidence is still as it was."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from assessor import bundled
from assessor.errors import InputError
from assessor.inputs.measures import load_measures
from assessor.inputs.problems import Problems, did_you_mean
from assessor.inputs.validation import validate
from assessor.model.attestation import Answer, Attestation, EvidenceFile, Waiver, Words
from assessor.yamlfile import Located, read_yaml

# The settings are imported where a file has some: every run looks, and most find nothing.

ATTESTATIONS_FOLDER = "attestations"
WAIVERS_FILE = "waivers.yaml"
MOST_ATTESTATIONS = 10_000


def load_words(folder: Path, *, known_measures: Collection[str] | None = None) -> Words:
    """All that people said, as the assessment ``folder`` keeps it; nothing where it keeps nothing.

    Args:
        folder: the assessment folder.
        known_measures: ids of the catalogue; those of the bundled catalogue unless said.

    Raises:
        InputError: a file is broken, or evidence is missing or was altered; ``InputErrors`` tells
            several faults at once.
    """
    known = (
        load_measures(bundled.folder("profiles") / "measures.yaml")
        if known_measures is None
        else known_measures
    )
    problems = Problems()
    attestations = [
        attestation
        for path in _attestation_files(folder, problems)
        if (attestation := _attestation(path, folder, known, problems)) is not None
    ]
    waivers = read_waivers(folder / WAIVERS_FILE, problems)
    problems.raise_any()
    order = sorted(attestations, key=lambda each: (each.recorded_at, each.id))
    return Words(tuple(order), waivers)


def _attestation_files(folder: Path, problems: Problems) -> Iterator[Path]:
    place = folder / ATTESTATIONS_FOLDER
    try:
        paths = sorted(place.iterdir())
    except FileNotFoundError:
        return
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path=place) from None
    if len(paths) > MOST_ATTESTATIONS:
        raise InputError(f"holds more than {MOST_ATTESTATIONS} files", path=place)
    for path in paths:
        if path.name.startswith(".") or path.is_dir():
            continue
        if path.suffix == ".yaml":
            yield path
        elif path.suffix in (".yml", ".json"):
            problems.note(
                InputError("this file is not read", path=path, mend="give it the suffix .yaml")
            )


def _attestation(
    path: Path, folder: Path, known: Collection[str], problems: Problems
) -> Attestation | None:
    from assessor.inputs.evidence_files import fault_of
    from assessor.inputs.word_settings import AttestationSettings

    try:
        located = read_yaml(path)
    except InputError as error:
        problems.note(error)
        return None
    settings = validate(AttestationSettings, located, problems)
    if settings is None:
        return None
    if settings.measure not in known:
        problems.add(
            f"the catalogue has no measure {settings.measure!r}",
            located,
            "measure",
            mend=did_you_mean(settings.measure, known),
        )
    if settings.expires < settings.given:
        problems.add("lies before the day it was given", located, "expires", mend="mind the years")
    files = tuple(EvidenceFile(file.name, file.sha256, file.size) for file in settings.files)
    for position, file in enumerate(files):
        if fault := fault_of(folder, file):
            problems.add(
                f"the evidence file {file.name!r} {fault}",
                located,
                "files",
                position,
                mend="put the file back as it was, or attest again and delete this attestation",
            )
    return Attestation(
        id=path.stem,
        measure=settings.measure,
        answer=Answer(settings.answer),
        by=settings.by,
        role=settings.role,
        text=settings.text,
        given=settings.given,
        expires=settings.expires,
        recorded_at=settings.recorded_at,
        files=files,
    )


def read_waivers(path: Path, problems: Problems) -> tuple[Waiver, ...]:
    """The waivers of the file ``path``, none where there is none; faults are noted."""
    if not path.exists() and not path.is_symlink():
        misnamed = path.with_suffix(".yml")
        if misnamed.exists():
            problems.note(
                InputError("this file is not read", path=misnamed, mend=f"rename it to {path.name}")
            )
        return ()
    try:
        located = read_yaml(path)
    except InputError as error:
        problems.note(error)
        return ()
    return waivers_of(located, problems)


def waivers_of(located: Located, problems: Problems) -> tuple[Waiver, ...]:
    """The waivers that a file lists; faults are noted."""
    if located.value is None:
        return ()
    from assessor.inputs.word_settings import WaiverSettings

    if not isinstance(located.value, list):
        problems.add("must be a list", located, mend="write each waiver with a hyphen before it")
        return ()
    found = []
    for position in range(len(located.value)):
        settings = validate(WaiverSettings, located.at(position), problems)
        if settings is not None:
            found.append(
                Waiver(
                    settings.check,
                    settings.target,
                    settings.reason,
                    settings.by,
                    settings.until,
                    settings.recorded_at,
                )
            )
    return tuple(found)
