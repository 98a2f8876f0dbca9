"""Takes in the files that go with an attestation, and looks whether they are still the same.

They are kept under their digest in ``attestations/files``, byte for byte as they came: what a photo
says about its place and time stays in it. What kind of file it is, is read from its bytes; what a
browser would run (HTML, SVG) and programs are refused.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import stat
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from assessor.errors import UsageError, WordError
from assessor.inputs.file_kinds import SUFFIXES, FileKind, KindReader
from assessor.model.attestation import EvidenceFile

FILES_FOLDER = Path("attestations") / "files"

MAX_FILE_BYTES = 25 * 1024 * 1024
"""The largest file that is taken, in bytes."""
MAX_FILES = 20
"""The most files that go with one attestation."""
MAX_NAME = 120

_CHUNK = 1024 * 1024
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*]')


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file as it is handed in.

    Attributes:
        name: as its owner calls it; only its last part is kept, without what is unsafe in a name.
        content: its bytes, or where it stands. A symbolic link is followed.
    """

    name: str
    content: Path | bytes


def inspect(incoming: IncomingFile) -> EvidenceFile:
    """What :func:`keep` would make of ``incoming``; writes nothing. Raises ``WordError``."""
    with _opened(incoming) as source:
        return _copy(source, None, incoming.name)


def keep(folder: Path, incoming: IncomingFile) -> EvidenceFile:
    """Copies ``incoming`` into the assessment ``folder``, under its digest, readable by its owner.

    A file that stands there already under this digest is replaced: it could have been altered.

    Raises:
        WordError: it cannot be read, is empty or too large, or of a kind that is not taken.
        UsageError: it cannot be written.
    """
    kept = folder / FILES_FOLDER
    with _opened(incoming) as source:
        try:
            kept.parent.mkdir(exist_ok=True, mode=0o700)
            kept.mkdir(exist_ok=True, mode=0o700)
            handle, scratch_name = tempfile.mkstemp(dir=kept, prefix=".incoming.")
        except OSError as error:
            raise UsageError(f"cannot write in {kept}: {error.strerror}") from None
        scratch = Path(scratch_name)  # mkstemp gives it mode 0600
        try:
            with os.fdopen(handle, "wb") as target:
                taken = _copy(source, target, incoming.name)
                target.flush()
                os.fsync(target.fileno())
            scratch.replace(kept / taken.sha256)
        except OSError as error:
            raise UsageError(f"cannot write in {kept}: {error.strerror}") from None
        finally:
            scratch.unlink(missing_ok=True)
    return taken


def fault_of(folder: Path, file: EvidenceFile) -> str:
    """What is wrong with a kept file, for people; the empty string where it is as it was."""
    path = folder / FILES_FOLDER / file.sha256
    digest = hashlib.sha256()
    try:
        with _open_file(path, os.O_NOFOLLOW) as stream:  # a link could lead out of the folder
            if os.fstat(stream.fileno()).st_size != file.size:
                return f"was altered: {path}"
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except FileNotFoundError:
        return f"is missing: {path}"
    except OSError as error:
        return f"cannot be read ({error.strerror}): {path}"
    return "" if digest.hexdigest() == file.sha256 else f"was altered: {path}"


def _open_file(path: Path, flags: int = 0) -> BinaryIO:
    """Opens a plain file; raises ``OSError`` for anything else, without waiting for a pipe."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | flags)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no file")
    return os.fdopen(handle, "rb")


@contextmanager
def _opened(incoming: IncomingFile) -> Iterator[BinaryIO]:
    if isinstance(incoming.content, bytes):
        yield io.BytesIO(incoming.content)
        return
    try:
        stream = _open_file(incoming.content)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        why = getattr(error, "strerror", None) or str(error)
        raise _unreadable(incoming.name, why) from None
    with stream:
        yield stream


def _copy(source: BinaryIO, target: BinaryIO | None, given_name: str) -> EvidenceFile:
    """Reads ``source`` once, bounded: digest, size and kind; writes what it reads."""
    name = safe_name(given_name)
    digest, kind, size = hashlib.sha256(), KindReader(), 0
    while chunk := _read(source, name):
        size += len(chunk)
        if size > MAX_FILE_BYTES:
            raise WordError(
                f"{name} is larger than {MAX_FILE_BYTES // 1024 // 1024} MB",
                field="files",
                code="file-too-large",
                mend="make a smaller scan or photo, or split the document",
                name=name,
                megabytes=MAX_FILE_BYTES // 1024 // 1024,
            )
        digest.update(chunk)
        kind.feed(chunk)
        if target is not None:
            target.write(chunk)
    if not size:
        raise WordError(f"{name} is empty", field="files", code="file-empty", name=name)
    found = kind.kind(source)
    if found is None:
        raise WordError(
            f"{name} is of a kind that is not taken as evidence",
            field="files",
            code="file-kind",
            mend="give a photo or image (jpg, png, webp, heic, gif), a PDF, a document or sheet "
            "(docx, xlsx, odt, ods), text (txt, csv) or a saved mail (eml); print anything else "
            "to PDF",
            name=name,
        )
    return EvidenceFile(_with_suffix(name, found), digest.hexdigest(), size)


def _read(source: BinaryIO, name: str) -> bytes:
    try:
        return source.read(_CHUNK)
    except OSError as error:
        raise _unreadable(name, error.strerror or str(error)) from None


def _unreadable(given_name: str, why: str) -> WordError:
    name = safe_name(given_name)
    return WordError(
        f"{name} cannot be read: {why}",
        field="files",
        code="file-unreadable",
        mend="mind the path",
        name=name,
    )


def safe_name(given: str) -> str:
    """The last part of ``given`` as a file name that every system takes and shows as it is."""
    last = re.split(r"[/\\]", given)[-1]
    text = unicodedata.normalize("NFC", last.encode("utf-8", "replace").decode("utf-8"))
    # Category C holds control characters and those that turn the reading direction round.
    seen = "".join(each for each in text if not unicodedata.category(each).startswith("C"))
    name = " ".join(_NOT_IN_NAMES.sub("_", seen).split()).strip(". ")
    if len(name) > MAX_NAME:
        stem, dot, suffix = name.rpartition(".")
        kept = f"{dot}{suffix}" if dot and len(suffix) <= 5 else ""
        name = f"{(stem if kept else name)[: MAX_NAME - len(kept)]}{kept}"
    return name or "file"


def _with_suffix(name: str, kind: FileKind) -> str:
    """``name`` with a suffix that says what the file is: one that lies would be opened as a lie."""
    suffixes = SUFFIXES[kind]
    if name.lower().endswith(suffixes):
        return name
    return f"{name[: MAX_NAME - len(suffixes[0])]}{suffixes[0]}"
