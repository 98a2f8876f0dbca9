"""What ``known_hosts`` files say of a host; their format is described in sshd(8)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

SSH_PORT = 22
USER_FILES = (Path("~/.ssh/known_hosts"), Path("~/.ssh/known_hosts2"))
SYSTEM_FILES = (Path("/etc/ssh/ssh_known_hosts"), Path("/etc/ssh/ssh_known_hosts2"))


class Marker(StrEnum):
    """What a line says of its key."""

    KNOWN = ""
    AUTHORITY = "@cert-authority"
    REVOKED = "@revoked"


@dataclass(frozen=True, slots=True)
class KnownKey:
    """One line of a file.

    Attributes:
        kind: the key's type as the line names it, such as ``ssh-ed25519``.
        blob: the key in the SSH wire format.
        line: counted from 1.
    """

    marker: Marker
    kind: str
    blob: bytes
    path: Path
    line: int

    @property
    def place(self) -> str:
        """``file:line``."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that the files say of one host.

    Attributes:
        names: the names under which it was looked up; the first is the one to write.
        keys: its keys; where it has a port of its own, those of ``[host]:port``.
        elsewhere: keys of the same host without its port. One of these is good enough to
            recognise the host (as OpenSSH does), but another key is no change.
        authorities: keys that may sign its certificate.
        revoked: keys that must never be accepted.
        unread: files that were named but could not be read, and why.
    """

    names: tuple[str, ...]
    keys: tuple[KnownKey, ...]
    elsewhere: tuple[KnownKey, ...]
    authorities: tuple[KnownKey, ...]
    revoked: tuple[KnownKey, ...]
    unread: tuple[str, ...] = ()


def written_name(host: str, port: int) -> str:
    """A host's name as a ``known_hosts`` line writes it."""
    return host.lower() if port == SSH_PORT else f"[{host.lower()}]:{port}"


def fingerprint(blob: bytes) -> str:
    """A key's SHA-256 fingerprint as ``ssh-keygen -l`` prints it."""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii")
    return f"SHA256:{digest.rstrip('=')}"


class KnownHosts:
    """Reads ``known_hosts`` files, each once, for all threads of a run.

    Args:
        files: the files that hold for every target; a target's own come before them.
    """

    def __init__(self, files: Iterable[Path] = (*USER_FILES, *SYSTEM_FILES)) -> None:
        self._files = tuple(path.expanduser() for path in files)
        self._read: dict[Path, _File] = {}
        self._lock = threading.Lock()

    def about(self, host: str, port: int, extra: Sequence[str] = ()) -> Known:
        """What the files say of ``host``; ``extra`` names more files for it."""
        name = written_name(host, port)
        own = tuple(Path(path).expanduser() for path in extra)
        files = [self._file(path) for path in (*own, *self._files)]
        lines = [line for file in files for line in file.about(name)]
        bare = [] if port == SSH_PORT else [k for f in files for k in f.about(host.lower())]
        return Known(
            names=(name,) if port == SSH_PORT else (name, host.lower()),
            keys=_marked(lines, Marker.KNOWN),
            elsewhere=_marked(bare, Marker.KNOWN),
            authorities=_marked([*lines, *bare], Marker.AUTHORITY),
            revoked=_marked([*lines, *bare], Marker.REVOKED),
            unread=tuple(self._file(path).fault for path in own if self._file(path).fault),
        )

    def _file(self, path: Path) -> _File:
        with self._lock:
            if path not in self._read:
                self._read[path] = _File(path)
            return self._read[path]


def _marked(lines: Iterable[KnownKey], marker: Marker) -> tuple[KnownKey, ...]:
    return tuple(line for line in lines if line.marker is marker)


class _File:
    """One file, parsed: plain names by name, the others in the order of the file."""

    def __init__(self, path: Path) -> None:
        self.fault = ""
        self._plain: dict[str, list[KnownKey]] = {}
        self._hashed: list[tuple[bytes, bytes, KnownKey]] = []
        self._patterns: list[tuple[_Patterns, KnownKey]] = []
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            self.fault = f"{path} does not exist"
            return
        except OSError as error:
            self.fault = f"{path} cannot be read: {error.strerror}"
            return
        for number, line in enumerate(text.splitlines(), start=1):
            self._take(line, path, number)

    def _take(self, line: str, path: Path, number: int) -> None:
        # As in OpenSSH a line that cannot be understood is passed over: it recognises nobody.
        words = line.split()
        if not words or words[0].startswith("#"):
            return
        marker = Marker.KNOWN
        if words[0].startswith("@"):
            try:
                marker = Marker(words.pop(0))
            except ValueError:
                return
        if len(words) < 3:  # names, type, key
            return
        names, kind, encoded = words[:3]
        try:
            blob = base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError):
            return
        key = KnownKey(marker, kind, blob, path, number)
        if names.startswith("|"):
            hashed = _hashed_name(names)
            if hashed is not None:
                self._hashed.append((*hashed, key))
        elif any(character in names for character in "*?!"):
            self._patterns.append((_Patterns(names), key))
        else:
            for name in names.lower().split(","):
                self._plain.setdefault(name, []).append(key)

    def about(self, name: str) -> list[KnownKey]:
        """The lines that speak of ``name``, in the order of the file."""
        found = list(self._plain.get(name, ()))
        encoded = name.encode("utf-8")
        found += [
            key
            for salt, digest, key in self._hashed
            if hmac.compare_digest(hmac.digest(salt, encoded, "sha1"), digest)
        ]
        found += [key for patterns, key in self._patterns if patterns.match(name)]
        return sorted(found, key=lambda key: key.line)


def _hashed_name(field: str) -> tuple[bytes, bytes] | None:
    # |1|base64 salt|base64 HMAC-SHA1 of the name; 1 is the only kind there is.
    parts = field.split("|")
    if len(parts) != 4 or parts[1] != "1":
        return None
    try:
        return base64.b64decode(parts[2], validate=True), base64.b64decode(parts[3], validate=True)
    except (binascii.Error, ValueError):
        return None


class _Patterns:
    """A comma-separated list of patterns; ``!`` in front of one excludes what it matches."""

    def __init__(self, field: str) -> None:
        words = field.lower().split(",")
        self._wanted = [_compiled(word) for word in words if not word.startswith("!")]
        self._excluded = [_compiled(word[1:]) for word in words if word.startswith("!")]

    def match(self, name: str) -> bool:
        if any(pattern.fullmatch(name) for pattern in self._excluded):
            return False
        return any(pattern.fullmatch(name) for pattern in self._wanted)


def _compiled(pattern: str) -> re.Pattern[str]:
    # Only * and ? are special; the brackets of [host]:port are not.
    special = {"*": ".*", "?": "."}
    return re.compile("".join(special.get(c, re.escape(c)) for c in pattern), re.DOTALL)
