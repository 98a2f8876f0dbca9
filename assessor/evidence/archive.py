"""One file with many in it, of which not a bit can be changed unseen.

It is a zip archive that any system opens, in the one form in which we write it: files in the order
of their names, uncompressed, without times, comments or extra fields. Reading it writes it again in
memory and compares; so what a zip can hide between, before and behind its files has no place.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

from assessor.errors import EvidenceError

MOST_BYTES = 1024 * 1024 * 1024
MOST_FILES = 20_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}(/[A-Za-z0-9][A-Za-z0-9._-]{0,120}){0,2}\Z")
_WHEN = (1980, 1, 1, 0, 0, 0)


def packed(files: Mapping[str, bytes]) -> bytes:
    """The archive of ``files``, by their names.

    Raises:
        EvidenceError: a name has no place in an archive of ours, or it all is too large.
    """
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_BYTES:
        raise EvidenceError("too much for one bundle: more than 1 GiB, or more than 20,000 files")
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            if not _good(name):
                raise EvidenceError(f"{name!r} is no name for a file of a bundle")
            info = zipfile.ZipInfo(name, _WHEN)
            info.create_system = 3
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, files[name])
    return stream.getvalue()


def unpacked(path: Path) -> Mapping[str, bytes]:
    """The files of an archive of ours, by their names.

    Raises:
        EvidenceError: it cannot be read, or is not in every bit as we write one.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise EvidenceError(f"{path}: larger than 1 GiB")
        raw = path.read_bytes()
    except OSError as error:
        raise EvidenceError(f"{path}: {error.strerror}") from None
    files: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_FILES:
                raise EvidenceError(f"{path}: more than 20,000 files")
            for entry in entries:
                _require(entry, files, path)
                files[entry.filename] = archive.read(entry)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, RuntimeError, OSError, EOFError):
        raise EvidenceError(f"{path}: damaged, or no bundle") from None
    if packed(files) != raw:
        raise EvidenceError(
            f"{path}: not as it was written: something was changed around the files"
        )
    return files


def _require(entry: zipfile.ZipInfo, files: Mapping[str, bytes], path: Path) -> None:
    """Refuses what could do harm before it is read: bombs, links, names that lead elsewhere."""
    if not _good(entry.filename):
        raise EvidenceError(f"{path}: holds a file called {entry.filename[:80]!r}")
    if entry.filename in files:
        raise EvidenceError(f"{path}: holds {entry.filename} twice")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size != entry.compress_size:
        raise EvidenceError(f"{path}: {entry.filename} is compressed, which a bundle never is")
    if kind not in (0, stat.S_IFREG):
        raise EvidenceError(f"{path}: {entry.filename} is no plain file")


def _good(name: str) -> bool:
    return _NAME.match(name) is not None and ".." not in name
