"""The manifest: what a run consists of, and which run came before.

It is an in-toto Statement (https://github.com/in-toto/attestation, spec/v1/statement.md); the
subjects are the run's files. A manifest that is missing means that the run was never finished.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assessor.errors import EvidenceError
from assessor.evidence.codec import encode
from assessor.evidence.journal import read_journal
from assessor.evidence.store import RunFolder, write_whole
from assessor.model.run import RunFacts

NAME = "manifest.json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:assess:run:v1"
SEALED = (
    "run.json",
    "plan.json",
    "known.json",
    "statement.raw",
    "statement.json",
    "words.json",
    "findings.json",
    "remembered.json",
)


def seal(run: RunFolder, facts: RunFacts) -> str:
    """Writes the manifest and gives its SHA-256 digest (hex)."""
    subjects = [
        {"name": name, "digest": {"sha256": _digest(run.path / name)}} for name in _names(run.path)
    ]
    manifest = {
        "_type": STATEMENT_TYPE,
        "subject": subjects,
        "predicateType": PREDICATE_TYPE,
        "predicate": {"run": encode(facts), "previous": facts.previous},
    }
    data = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
    write_whole(run.path / NAME, data)
    return hashlib.sha256(data).hexdigest()


def is_sealed(run: RunFolder) -> bool:
    """Whether the run was finished."""
    return (run.path / NAME).is_file()


def manifest_digest(run: RunFolder) -> str:
    """The digest by which the next run refers to this one; empty where it was never finished."""
    path = run.path / NAME
    return _digest(path) if path.is_file() else ""


@dataclass(frozen=True, slots=True)
class Verification:
    """What came out of re-hashing a run.

    Attributes:
        files: how many files the manifest names.
        faults: every file that differs, is missing or is not named, with what is wrong.
    """

    files: int
    faults: tuple[str, ...]


def verify(run: RunFolder) -> Verification:
    """Hashes every file again and walks the chains of the journals.

    Raises:
        EvidenceError: there is no manifest, or it cannot be read.
    """
    path = run.path / NAME
    try:
        manifest: Any = json.loads(path.read_bytes())
        named = {entry["name"]: entry["digest"]["sha256"] for entry in manifest["subject"]}
    except FileNotFoundError:
        raise EvidenceError(f"{path}: missing: the run was never finished") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EvidenceError(f"{path}: damaged ({type(error).__name__})") from None
    present = set(_names(run.path))
    faults = [f"{name}: missing" for name in sorted(set(named) - present)]
    faults += [f"{name}: not in the manifest" for name in sorted(present - set(named))]
    for name in sorted(present & set(named)):
        if _digest(run.path / name) != named[name]:
            faults.append(f"{name}: differs from what was sealed")
        elif name.endswith(".jsonl"):
            try:
                read_journal(run.path / name)
            except EvidenceError as error:
                faults.append(str(error))
    return Verification(len(named), tuple(faults))


def _names(path: Path) -> Iterable[str]:
    names = [name for name in SEALED if (path / name).is_file()]
    for folder in ("attestations", "observations"):
        names += [f"{folder}/{file.name}" for file in sorted((path / folder).glob("*"))]
    return names


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
