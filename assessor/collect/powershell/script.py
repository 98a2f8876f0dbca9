r"""Merges the probes of a Windows host into one PowerShell script with framed output.

``powershell.exe`` is started with a small loader as its command, which holds the limits of a
command line (8,191 characters in ``cmd``, 32,767 for a process). The loader takes the script from
standard input, as lines of Base64, and runs it in memory: nothing is written on the target. The
script is one block between braces, so that a part of it is no script and does nothing.

The script's output is ASCII, whatever the code page and the language. Each frame is one line::

    <mark> H <head>             once, at the head
    <mark> B <key>              a probe begins
    <mark> O <key> <piece>      a piece of its output
    <mark> E <key> <ending>     it ended
    <mark> Z                    the script is at its end

The pieces together are the output: UTF-8, compressed with gzip, in Base64. Head and ending are
JSON in the same dress. The mark is random for each run and is put together by the script.

A probe runs in a runspace with ``$ErrorActionPreference = 'Stop'``: an error that its script does
not handle ends it, so that no half answer passes for a whole one.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

from assessor.collect.shell.script import Mark
from assessor.collect.transports.base import Script
from assessor.model.plan import PlannedProbe

FORMAT = 1
LINE = 4096
"""Characters of a line on standard input, which ``$input`` takes line by line."""

_HERE = Path(__file__).parent


def command_line() -> str:
    """Starts PowerShell with the loader; understood by ``cmd``, PowerShell and POSIX shells."""
    loader = (_HERE / "loader.ps1").read_text(encoding="ascii")
    encoded = base64.b64encode(loader.encode("utf-16-le")).decode("ascii")
    return f"powershell.exe -NoProfile -NonInteractive -EncodedCommand {encoded}"


def render(probes: Iterable[PlannedProbe], mark: Mark, seconds: float) -> Script:
    """The loader, and what it takes from standard input.

    Args:
        probes: scripts, in the order in which they run.
        mark: begins every frame.
        seconds: after which the host ends the script by itself, whoever still listens.
    """
    encoded = base64.b64encode(program(probes, mark, seconds).encode()).decode("ascii")
    lines = (encoded[at : at + LINE] for at in range(0, len(encoded), LINE))
    text = "".join(f"{line}\r\n" for line in lines).encode("ascii")
    return Script(text, command_line())


def program(probes: Iterable[PlannedProbe], mark: Mark, seconds: float) -> str:
    """The whole script as PowerShell reads it."""
    driver = (_HERE / "driver.ps1").read_text(encoding="ascii")
    start = f"Start-Assess -Left '{mark.left}' -Right '{mark.right}' -Seconds {int(seconds)}\n"
    asked = tuple(probes)
    # Many probes share one script (registry, CIM), which then travels once.
    texts = {text: f"$Text{n}" for n, text in enumerate(dict.fromkeys(p.probe.text for p in asked))}
    given = "".join(f"{name} = '{_encoded(text)}'\n" for text, name in texts.items())
    calls = "".join(_call(planned, texts[planned.probe.text]) for planned in asked)
    return f"& {{\n{driver}\n{start}{given}{calls}Stop-Assess\n}}\n"


def _call(planned: PlannedProbe, text: str) -> str:
    probe = planned.probe
    # All that a check or an inventory gives stands in Base64: none of it can be taken for code.
    arguments = ", ".join(f"'{_encoded(argument)}'" for argument in probe.arguments)
    return (
        f"Invoke-AssessProbe -Key '{planned.key}' -Seconds {probe.timeout_s}"
        f" -Limit {probe.limit_bytes} -Text {text} -Arguments @({arguments})\n"
    )


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
