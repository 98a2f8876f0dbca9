"""What a worker says, over its signature, of a journal that it collected and handed over.

The run keeps the envelope beside the journal, and the key that was trusted for it::

    deliveries/TARGET.json     the worker's word: this journal, of this target, in this run
    deliveries/SITE.pub.pem    the public key of the site's worker
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from assessor.errors import EvidenceError
from assessor.evidence.codec import decode, encode
from assessor.evidence.purge import purged
from assessor.evidence.signing import PublicKey, SigningKey, canonical, opened
from assessor.evidence.store import RunFolder, write_whole

FOLDER = "deliveries"
PAYLOAD_TYPE = "application/vnd.assess.delivery+json"
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """A worker's word for a journal.

    Attributes:
        order: the order that it answers.
        run: the run that the order belongs to.
        site: where the worker stands.
        target: whose journal it is.
        journal: SHA-256 (hex) of the journal, byte for byte.
        parts: SHA-256 (hex) of each part in which the compressed journal travelled.
        assess_version: of the worker.
        finished_at: when it had collected everything, by its clock.
    """

    order: str
    run: str
    site: str
    target: str
    journal: str
    parts: tuple[str, ...]
    assess_version: str
    finished_at: datetime
    format: int = FORMAT

    def signed(self, key: SigningKey) -> bytes:
        """The envelope in which it travels and is kept."""
        return key.envelope(canonical(encode(self)), PAYLOAD_TYPE)


def read_delivery(raw: bytes, key: PublicKey) -> Delivery:
    """Opens a worker's envelope.

    Raises:
        EvidenceError: ``key`` alone did not sign it, or it is damaged or of another format.
    """
    held = opened(raw, [key], PAYLOAD_TYPE)
    if held.claimed != (key.name,):
        raise EvidenceError("it is signed by another key")
    try:
        said = json.loads(held.payload)
    except (ValueError, RecursionError):
        raise EvidenceError("damaged: not JSON") from None
    delivery = decode(Delivery, said)
    if delivery.format != FORMAT:
        raise EvidenceError(f"it is of format {delivery.format}, and this knows {FORMAT} only")
    return delivery


def keep_delivery(
    run: RunFolder, delivery: Delivery, envelope: bytes, key: PublicKey, journal: bytes
) -> None:
    """Stores a journal that was delivered, and the word for it.

    The journal comes last: with it the target counts as collected.

    Raises:
        EvidenceError: the disk refuses it.
    """
    folder = run.path / FOLDER
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise EvidenceError(f"{folder}: {error.strerror or error}") from None
    write_whole(folder / f"{delivery.site}.pub.pem", key.pem.encode())
    write_whole(_path(run, delivery.target), envelope)
    run.write_bytes(f"observations/{delivery.target}.jsonl", journal)


def forget_delivery(run: RunFolder, target: str) -> None:
    """Takes away the word for a journal that is not there: the run was broken off in between."""
    _path(run, target).unlink(missing_ok=True)


def delivery_faults(run: RunFolder) -> Iterator[str]:
    """Where a worker's word and what is kept of its target do not agree."""
    gone = purged(run)
    for path in sorted((run.path / FOLDER).glob("*.json")):
        name = f"{FOLDER}/{path.name}"
        try:
            delivery = _read_kept(path)
        except (OSError, EvidenceError) as error:
            yield f"{name}: {error}"
            continue
        journal = f"observations/{path.stem}.jsonl"
        deleted = gone.digest(journal) if gone is not None else ""
        if (delivery.run, delivery.target) != (run.id, path.stem):
            yield f"{name}: is about another run or target"
        elif delivery.journal != (_digest(run.path / journal) or deleted):
            yield f"{journal}: is not what the worker of {delivery.site} signed"


def _read_kept(path: Path) -> Delivery:
    """The word of the one key beside it that signed it."""
    raw = path.read_bytes()
    for key in sorted(path.parent.glob("*.pub.pem")):
        public = PublicKey.from_pem(key.read_bytes())
        if opened(raw, [public], PAYLOAD_TYPE).signed_by:
            delivery = read_delivery(raw, public)
            if key.name == f"{delivery.site}.pub.pem":
                return delivery
    raise EvidenceError("signed by none of the keys that the run trusted")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _path(run: RunFolder, target: str) -> Path:
    return run.path / FOLDER / f"{target}.json"
