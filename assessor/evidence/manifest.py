"""The manifest: what a run consists of, and which run came before.

It is an in-toto Statement (https://github.com/in-toto/attestation, spec/v1/statement.md); the
subjects are the run's files. A manifest that is missing means that the run was never finished.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from assessor.errors import EvidenceError
from assessor.evidence.codec import encode
from assessor.evidence.deliveries import FOLDER, delivery_faults
from assessor.evidence.journal import read_journal
from assessor.evidence.purge import purged
from assessor.evidence.seals import NAME, STAMP, digest, is_sealed, manifest_digest
from assessor.evidence.signing import PublicKey, SigningKey, opened
from assessor.evidence.store import RunFolder, list_runs, write_whole
from assessor.model.evidence import RunFacts

SIGNED = "manifest.dsse.json"
"""The same bytes in a signed envelope, where there was a key to sign with."""
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


@dataclass(frozen=True, slots=True)
class Concluded:
    """What a manifest says of a run beside its files.

    Attributes:
        finished_at: when collecting ended.
        checks: the version of each check that judged.
        derived_from: the digest of the manifest that this one was made of, for a client's version
            with pseudonyms; empty for the run itself.
    """

    finished_at: datetime
    checks: Mapping[str, int]
    derived_from: str = ""


def seal(
    run: RunFolder, facts: RunFacts, concluded: Concluded, key: SigningKey | None = None
) -> str:
    """Writes the manifest, signs it where there is a key, and gives its SHA-256 digest (hex)."""
    subjects = [
        {"name": name, "digest": {"sha256": digest(run.path / name)}}
        for name in sealed_names(run.path)
    ]
    manifest = {
        "_type": STATEMENT_TYPE,
        "subject": subjects,
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "run": encode(facts),
            "previous": facts.previous,
            **encode(concluded),
        },
    }
    data = (json.dumps(manifest, ensure_ascii=False, indent=1) + "\n").encode()
    # The manifest itself comes last: without it a run counts as not finished, and is sealed anew.
    (run.path / NAME).unlink(missing_ok=True)
    (run.path / SIGNED).unlink(missing_ok=True)
    (run.path / STAMP).unlink(missing_ok=True)
    if key is not None:
        write_whole(run.path / SIGNED, key.envelope(data))
    write_whole(run.path / NAME, data)
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Verification:
    """What came out of re-hashing a run.

    Attributes:
        files: how many files the manifest names.
        faults: every file that differs, is missing or is not named, with what is wrong.
        purged_at: when its raw observations were deleted; ``None`` where they are there.
    """

    files: int
    faults: tuple[str, ...]
    purged_at: datetime | None = None


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
    present = set(sealed_names(run.path))
    gone = purged(run)
    deleted = {
        name
        for name in set(named) - present
        if gone is not None and gone.digest(name) == named[name]
    }
    faults = list(_signature_faults(run))
    faults += [f"{name}: missing" for name in sorted(set(named) - present - deleted)]
    faults += [f"{name}: not in the manifest" for name in sorted(present - set(named))]
    for name in sorted(present & set(named)):
        if digest(run.path / name) != named[name]:
            faults.append(f"{name}: differs from what was sealed")
        elif name.endswith(".jsonl"):
            try:
                read_journal(run.path / name)
            except EvidenceError as error:
                faults.append(str(error))
    faults += delivery_faults(run)
    return Verification(len(named), tuple(faults), gone.at if gone and deleted else None)


def _signature_faults(run: RunFolder) -> Iterable[str]:
    """What is wrong between the manifest and its signed form, whoever signed it."""
    path = run.path / SIGNED
    if not path.exists():
        return
    try:
        held = opened(path.read_bytes(), ())
    except (OSError, EvidenceError) as error:
        yield f"{SIGNED}: {error}"
        return
    if held.payload != (run.path / NAME).read_bytes():
        yield f"{SIGNED}: holds another manifest"


def chain_faults(folder: Path, last: RunFolder) -> Iterable[str]:
    """What is wrong with the chain of runs in ``folder`` up to ``last``.

    Each run names the digest of a finished run before it. A run that was taken away, changed or
    put in another order breaks that.
    """
    digests: set[str] = set()
    # By the moment: the names of two runs of one second are in no order.
    moments = {run.id: run.facts().started_at for run in list_runs(folder)}
    until = moments.get(last.id, last.facts().started_at)
    for run in sorted(list_runs(folder), key=lambda run: moments[run.id]):
        if moments[run.id] > until or not is_sealed(run):
            continue
        previous = run.facts().previous
        if previous and previous not in digests:
            yield f"{run.id}: the run before it is not here as it was"
        if not previous and digests:
            yield f"{run.id}: says that there was no run before it"
        digests.add(manifest_digest(run))


def signer(run: RunFolder, keys: Iterable[PublicKey]) -> str:
    """The name of the key that signed the manifest; empty where none of ``keys`` did.

    Raises:
        EvidenceError: the signature is false, or the envelope is damaged.
    """
    path = run.path / SIGNED
    return opened(path.read_bytes(), keys).signed_by if path.exists() else ""


def sealed_names(path: Path) -> Iterable[str]:
    """The files of a run's folder that its manifest covers, as far as they are there."""
    names = [name for name in SEALED if (path / name).is_file()]
    for folder in ("attestations", FOLDER, "observations"):
        names += [f"{folder}/{file.name}" for file in sorted((path / folder).glob("*"))]
    return names
