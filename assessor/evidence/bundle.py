"""A run in one file, for the client.

::

    bundle.dsse.json          signed: the digest of every other file in here
    bundle.json               the same where there was no key to sign with
    run/...                   the run's folder: evidence, findings, manifest, attestations
    reports/report.nl.html    what people read
    key/public.pem            the key that signed, and
    key/rotations.json        ... the keys before it, each signed by the one that it replaced
    README.txt                how to verify it
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assessor.errors import EvidenceError
from assessor.evidence.archive import packed, unpacked
from assessor.evidence.keyring_store import Rotation, followed, read_rotations
from assessor.evidence.manifest import SIGNED, STATEMENT_TYPE, sealed_names
from assessor.evidence.seals import NAME, STAMP
from assessor.evidence.signing import PublicKey, SigningKey, canonical, opened
from assessor.evidence.store import RunFolder, write_whole

BUNDLE_TYPE = "urn:assess:bundle:v1"
ENVELOPE, PLAIN = "bundle.dsse.json", "bundle.json"
PUBLIC, ROTATIONS = "key/public.pem", "key/rotations.json"
SUFFIX = ".assess.zip"


def make_bundle(
    run: RunFolder,
    reports: Iterable[Path],
    readme: str,
    key: SigningKey | None,
    rotations: Sequence[Rotation] = (),
) -> bytes:
    """The bundle of a finished run.

    Raises:
        EvidenceError: the run was not finished, or a file of it cannot be read.
    """
    if not (run.path / NAME).exists():
        raise EvidenceError(f"run {run.id} was not finished; finish it with: assess run --resume")
    names = [*sealed_names(run.path), NAME]
    names += [name for name in (SIGNED, STAMP) if (run.path / name).exists()]
    files = {f"run/{name}": _read(run.path / name) for name in names}
    files |= {f"reports/{path.name}": _read(path) for path in reports}
    files["README.txt"] = readme.encode()
    if key is not None:
        files[PUBLIC] = key.public.pem.encode()
        if rotations:
            files[ROTATIONS] = canonical([json.loads(one.raw) for one in rotations])
    payload = canonical(
        {
            "_type": STATEMENT_TYPE,
            "subject": [
                {"name": name, "digest": {"sha256": _sha256(files[name])}} for name in sorted(files)
            ],
            "predicateType": BUNDLE_TYPE,
            "predicate": {"run": run.id},
        }
    )
    if key is None:
        files[PLAIN] = payload
    else:
        files[ENVELOPE] = key.envelope(payload)
    return packed(files)


def write_bundle(path: Path, data: bytes) -> None:
    """Writes a bundle whole or not at all; raises ``EvidenceError``."""
    write_whole(path, data)


@dataclass(frozen=True, slots=True)
class OpenedBundle:
    """A bundle that is in every bit as it was written.

    Attributes:
        files: by their names.
        run: the id of its run.
        key: the key that signed it; ``None`` where it is not signed.
        trusted: the key is the one that was asked for, or one that it vouches for; ``None`` where
            no key was asked for.
    """

    files: Mapping[str, bytes]
    run: str
    key: PublicKey | None
    trusted: bool | None

    def unfold(self, folder: Path) -> RunFolder:
        """Writes the run's files below ``folder``, which is empty; gives the run."""
        target = folder / self.run
        for name, data in self.files.items():
            where, _, rest = name.partition("/")
            if where == "run":
                path = target / rest
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        return RunFolder(target)


def open_bundle(path: Path, trusted: PublicKey | None = None) -> OpenedBundle:
    """Opens a bundle and checks all that its signature covers.

    Args:
        path: the bundle.
        trusted: the key of the one who is said to have made it, had from elsewhere.

    Raises:
        EvidenceError: something was changed, or the signature is false.
    """
    files = dict(unpacked(path))
    keys = _keys(files)
    if ENVELOPE in files:
        held = opened(files[ENVELOPE], keys)
        if not held.signed_by:
            raise EvidenceError(f"{path}: signed by a key that is not in it")
        payload = held.payload
        key = next(each for each in keys if each.name == held.signed_by)
    elif PLAIN in files and PUBLIC not in files:
        payload, key = files[PLAIN], None
    else:
        raise EvidenceError(f"{path}: no bundle of assess, or its signature was taken away")
    run = _require_all(files, payload, path)
    _require_one_hand(files, key, path)
    believed: bool | None = None
    if trusted is not None:
        rotations = read_rotations(files[ROTATIONS]) if ROTATIONS in files else ()
        believed = key is not None and key in followed(trusted, rotations)
    return OpenedBundle(files, run, key, believed)


def _keys(files: Mapping[str, bytes]) -> tuple[PublicKey, ...]:
    return (PublicKey.from_pem(files[PUBLIC]),) if PUBLIC in files else ()


def _require_all(files: Mapping[str, bytes], payload: bytes, path: Path) -> str:
    """Holds every file against the statement; gives the run's id."""
    try:
        statement: Any = json.loads(payload)
        if canonical(statement) != payload or statement["predicateType"] != BUNDLE_TYPE:
            raise ValueError
        named = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
        run = str(statement["predicate"]["run"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise EvidenceError(f"{path}: the list of its files is damaged") from None
    present = {name for name in files if name not in (ENVELOPE, PLAIN)}
    faults = [f"{name}: missing" for name in sorted(named.keys() - present)]
    faults += [f"{name}: not in the list" for name in sorted(present - named.keys())]
    faults += [
        f"{name}: differs"
        for name in sorted(present & named.keys())
        if _sha256(files[name]) != named[name]
    ]
    if ENVELOPE in files and PLAIN in files:
        faults.append(f"{PLAIN}: not in the list")
    if faults:
        raise EvidenceError(f"{path}: {'; '.join(faults[:20])}")
    return run


def _require_one_hand(files: Mapping[str, bytes], key: PublicKey | None, path: Path) -> None:
    """The run inside must be signed by the same hand, or by nobody."""
    raw = files.get(f"run/{SIGNED}")
    if raw is None:
        return
    rotations = read_rotations(files[ROTATIONS]) if ROTATIONS in files else ()
    # A run may have been signed before the key was replaced by the one that signs the bundle.
    earlier = [each.old for each in rotations]
    held = opened(raw, [*([key] if key else []), *earlier])
    if held.payload != files[f"run/{NAME}"]:
        raise EvidenceError(f"{path}: run/{SIGNED} holds another manifest")
    if not held.signed_by:
        raise EvidenceError(f"{path}: its run was signed by another key than the bundle")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{path}: {error.strerror}") from None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
