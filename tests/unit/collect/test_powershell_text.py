"""Our own PowerShell is PowerShell: parsed by a grammar, and run where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

import assessor
from assessor.collect.powershell.frames import PowershellReader
from assessor.collect.powershell.script import command_line, program, render
from assessor.collect.shell.script import Mark
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.check import Probe, ProbeKind
from assessor.model.plan import PlannedProbe
from assessor.model.windows_answers import read_cim
from tests.lab.powershell import asked_by

ROOT = Path(assessor.__file__).parent
FILES = sorted([*ROOT.rglob("*.ps1"), *(ROOT.parent / "checks").rglob("*.ps1")])
STRANGE = "'; Remove-Item C:\\ -Recurse; \"$(whoami)\" @' `n €\r\n'@ } ; }"


def faults(text: bytes) -> list[str]:
    """What the grammar cannot read."""
    found = []
    waiting: list[Node] = [
        Parser(Language(tree_sitter_powershell.language())).parse(text).root_node
    ]
    while waiting:
        node = waiting.pop()
        if node.type == "ERROR" or node.is_missing:
            found.append(
                f"line {node.start_point[0] + 1}: {text[node.start_byte : node.end_byte]!r}"
            )
        waiting += node.children
    return found


def planned(text: str, *arguments: str) -> PlannedProbe:
    return PlannedProbe("key-1", Probe("p", ProbeKind.SCRIPT, text, arguments=arguments))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_is_powershell_in_ascii(path: Path) -> None:
    text = path.read_bytes()
    assert faults(text) == []
    # Windows PowerShell 5.1 takes a file without a byte-order mark for the ANSI code page.
    assert text.isascii()


@pytest.mark.parametrize("text", [b"if ($a {", b"& { 'x' "])
def test_the_grammar_tells_faults(text: bytes) -> None:
    assert faults(text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_that_windows_powershell_does_not_know(path: Path) -> None:
    text = re.sub(r"#.*|'[^']*'", "", path.read_text(encoding="ascii"))
    for newer in (r"\?\?", r"\?\.", r"&&", r"\|\|", r"\bclean\s*\{", r"-AsArray", r"-Parallel"):
        assert not re.search(newer, text), newer


def test_whatever_a_probe_holds_the_script_is_whole_and_holds_it() -> None:
    probe = planned(STRANGE, STRANGE, "", "-x")
    text = program([probe], Mark.random(), 60)
    assert faults(text.encode()) == []
    (call,) = asked_by(render([probe], Mark.random(), 60).text).calls
    assert (call.text, call.arguments) == (STRANGE, (STRANGE, "", "-x"))


def test_a_part_of_the_script_is_no_script() -> None:
    text = program([planned("'a'")], Mark.random(), 60)
    for cut in (len(text) // 4, len(text) // 2, len(text) - 2):
        assert faults(text[:cut].encode())


def test_limits_of_command_lines_and_of_lines() -> None:
    assert len(command_line()) < 8191
    lines = render([planned("x" * 300_000)], Mark.random(), 60).text.split(b"\r\n")
    assert max(map(len, lines)) <= 4096
    assert lines[-1] == b""


def test_the_mark_never_stands_in_what_is_sent() -> None:
    mark = Mark.random()
    assert mark.whole.decode() not in program([planned("'a'")], mark, 60)


STUBS = """\
function Get-StubDenied { throw (New-Object UnauthorizedAccessException) }
function Get-StubVolume { [pscustomobject]@{ Letter = 'C'; Status = 1 } }
"""
REAL = {
    "json": "Get-StubVolume | ConvertTo-Json -Compress",
    "dutch": "'\u00eb \u20ac'",
    "argument": "param($given) $given",
    "silent": "",
    "denied": "Get-StubDenied",
    "fails": "'before'; Get-Item /nonexistent; 'after'",
    "hangs": "while ($true) { Start-Sleep -Milliseconds 50 }",
    "floods": "while ($true) { 'x' * 1000 }",
    "no-script": "if (",
    "last": "'last'",
}


def test_the_driver_runs_in_a_real_powershell() -> None:
    pwsh = shutil.which("pwsh")
    if pwsh is None:
        pytest.skip("pwsh (PowerShell 7) is not on the PATH")
    probes = [
        PlannedProbe(
            key,
            Probe(
                key,
                ProbeKind.SCRIPT,
                text if key == "argument" else STUBS + text,
                timeout_s=3,
                limit_bytes=5000,
                arguments=(STRANGE,) if key == "argument" else (),
            ),
        )
        for key, text in REAL.items()
    ]
    mark, kept = Mark.random(), dict[str, Capture]()
    reader = PowershellReader(
        probes, mark, lambda each: kept.update({each.probe: each}), user="assess", system="Unix"
    )
    done = subprocess.run(
        [pwsh, *command_line().split(" ")[1:]],
        input=render(probes, mark, 60).text,
        capture_output=True,
        timeout=100,
        check=False,
    )
    reader.output(done.stdout)
    reader.error(done.stderr)
    assert reader.finished, reader.silence()
    reader.close(None)
    whole = {
        key: each.stdout
        for key, each in kept.items()
        if isinstance(each, Captured) and each.whole and each.exit_status == 0
    }
    assert whole == {
        "json": '{"Letter":"C","Status":1}\n',
        "dutch": "\u00eb \u20ac\n",
        "argument": f"{STRANGE}\n",
        "silent": "",
        "last": "last\n",
    }
    reasons = {key: each.reason for key, each in kept.items() if isinstance(each, NotCaptured)}
    assert reasons == {"denied": Reason.NO_PRIVILEGE, "hangs": Reason.TIMED_OUT}
    fails, floods, no_script = kept["fails"], kept["floods"], kept["no-script"]
    assert isinstance(fails, Captured)
    assert (fails.stdout, fails.exit_status) == ("before\n", 1)
    assert "PathNotFound" in fails.stderr
    assert isinstance(floods, Captured)
    assert floods.truncated
    assert isinstance(no_script, Captured)
    assert no_script.exit_status == 1


STUBBED = r"""
function Get-CimInstance {
    param($Namespace, $ClassName, $Filter)
    if ($ClassName -eq 'Absent') {
        Write-Error -Message 'Ongeldige klasse' -ErrorId 'HRESULT 0x80041010' -ErrorAction Stop
    }
    $value = { param($Value) [pscustomobject]@{ Value = $Value } }
    [pscustomobject]@{ CimInstanceProperties = @{
        Letter = (& $value 'C:'); Size = (& $value ([uint64]12)); Parts = (& $value @(1))
        When = (& $value ([datetime]::SpecifyKind('2026-11-28T09:00:00', 'Utc')))
        Lost = (& $value $null)
    } }
}
"""


def test_the_script_for_cim_runs_in_a_real_powershell_with_stubs() -> None:
    pwsh = shutil.which("pwsh")
    if pwsh is None:
        pytest.skip("pwsh (PowerShell 7) is not on the PATH")
    cim = (ROOT / "catalogue" / "windows" / "cim.ps1").read_text(encoding="ascii")
    # The parameters of a script come first, and the stubs right after them.
    head, _, body = cim.partition("\n\n")
    names = "Letter,Size,Parts,When,Lost,Unknown"
    probes = [
        planned(f"{head}\n{STUBBED}\n{body}", "root/cimv2", name, "", names)
        for name in ("There", "Absent")
    ]
    probes = [PlannedProbe(f"key-{n}", each.probe) for n, each in enumerate(probes)]
    mark, kept = Mark.random(), dict[str, Capture]()
    reader = PowershellReader(
        probes, mark, lambda each: kept.update({each.probe: each}), user="assess", system="Unix"
    )
    done = subprocess.run(
        [pwsh, *command_line().split(" ")[1:]],
        input=render(probes, mark, 60).text,
        capture_output=True,
        timeout=100,
        check=False,
    )
    reader.output(done.stdout)
    reader.close(None)
    there, absent = kept["key-0"], kept["key-1"]
    assert isinstance(there, Captured)
    assert isinstance(absent, Captured)
    (row,) = read_cim(there.stdout).rows
    assert (row.text("Letter"), row.integer("Size"), row.list("Parts")) == ("C:", 12, [1])
    assert row.moment("When").isoformat() == "2026-11-28T09:00:00+00:00"
    assert row.optional_text("Lost") is None
    assert not row.has("Unknown")
    assert read_cim(absent.stdout).there is False
