"""A PowerShell that is played: it takes what the loader takes, and answers with given frames.

It knows how a command line holds the loader and how the driver's calls are written, but runs no
PowerShell: what each script "prints" is given. Standard library only, so that it runs as a program
of its own as well (see ``__main__``), and there it answers every script with the script itself.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_START = re.compile(r"^Start-Assess -Left '([^']+)' -Right '([^']+)' -Seconds (\d+)$", re.M)
_TEXT = re.compile(r"^(\$Text\d+) = '([^']*)'$", re.M)
_CALL = re.compile(
    r"^Invoke-AssessProbe -Key '([^']+)' -Seconds (\d+) -Limit (\d+) -Text (\$Text\d+)"
    r" -Arguments @\(([^)]*)\)$",
    re.M,
)
PIECE = 8000


@dataclass(frozen=True)
class Call:
    """A probe as the driver is told to run it."""

    key: str
    seconds: int
    limit: int
    text: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """All that one script asks."""

    mark: str
    seconds: int
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Said:
    """What a probe answers."""

    text: str = ""
    state: str = "done"
    failed: bool = False
    denied: bool = False
    error: str = ""


Answers = Callable[[Call], Said]


def loader_of(command: str) -> str:
    """The text of the loader in a command line."""
    return base64.b64decode(command.rpartition(" ")[2]).decode("utf-16-le")


def asked_by(stdin: bytes) -> Asked:
    """What the lines on standard input ask; ``ValueError`` where they are not whole."""
    text = base64.b64decode(b"".join(stdin.split()), validate=True).decode()
    start = _START.search(text)
    if start is None or not text.endswith("Stop-Assess\n}\n"):
        raise ValueError("this is no whole script")
    texts = {name: _plain(script) for name, script in _TEXT.findall(text)}
    calls = tuple(
        Call(key, int(seconds), int(limit), texts[script], tuple(map(_plain, _words(arguments))))
        for key, seconds, limit, script, arguments in _CALL.findall(text)
    )
    return Asked(start[1] + start[2], int(start[3]), calls)


def frames(asked: Asked, answers: Answers, system: str = "Windows") -> Iterator[bytes]:
    """What the driver writes, frame by frame."""
    head = {"format": 1, "system": system, "epoch": int(time.time()), "powershell": "5.1"}
    yield frame(asked.mark, f"H {packed(json.dumps(head).encode())}")
    for call in asked.calls:
        yield frame(asked.mark, f"B {call.key}")
        said = answers(call)
        raw = said.text.encode("utf-8", "surrogatepass")
        # .NET Framework's GZipStream writes nothing when nothing was written to it.
        pack = packed(raw[: call.limit]) if raw else ""
        for at in range(0, len(pack), PIECE):
            yield frame(asked.mark, f"O {call.key} {pack[at : at + PIECE]}")
        end = {
            "state": said.state,
            "failed": said.failed,
            "denied": said.denied,
            "seen": len(raw),
            "said": said.error,
        }
        yield frame(asked.mark, f"E {call.key} {packed(json.dumps(end).encode())}")
    yield frame(asked.mark, "Z")


def frame(mark: str, text: str) -> bytes:
    """One frame as it stands in the output."""
    return f"\n{mark} {text}\n".encode()


def packed(raw: bytes) -> str:
    """Compressed, and in Base64."""
    return base64.b64encode(gzip.compress(raw, mtime=0)).decode()


def _plain(encoded: str) -> str:
    return base64.b64decode(encoded).decode()


def _words(arguments: str) -> list[str]:
    return re.findall(r"'([^']*)'", arguments)


if __name__ == "__main__":
    if "[ScriptBlock]::Create" not in loader_of(sys.argv[-1]):
        sys.exit(f"this is not the loader: {sys.argv}")
    for piece in frames(asked_by(sys.stdin.buffer.read()), lambda call: Said(call.text)):
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()
