"""Attestations and waivers: what is recorded is read again, and every fault is told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.errors import InputError, InputErrors, UsageError, WordError
from assessor.inputs.words import (
    MAX_FILES,
    IncomingFile,
    load_words,
    record_attestation,
    record_waiver,
)
from assessor.model.attestation import Answer, Attestation, Waiver, Words

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
TODAY = NOW.astimezone().date()
MEASURES = ("fire-safety", "ups")
PHOTO = IncomingFile("blusser.jpg", b"\xff\xd8\xff\xe0 a photo")

GOOD = """\
measure: fire-safety
answer: yes
by: Jo
role: owner
text: Two extinguishers.
given: 2026-03-01
expires: 2027-02-28
recorded_at: 2026-03-01T10:00:00Z
"""
WAIVER = """\
- check: host_firewall
  target: nas
  reason: It is replaced in February.
  by: Jo
  until: 2027-03-01
  recorded_at: 2026-11-24T09:05:00Z
"""


def _attest(folder: Path, **said: object) -> Attestation:
    words: dict[str, object] = {
        "measure": "fire-safety",
        "answer": Answer.YES,
        "by": "A. Bakker",
        "role": "eigenaar",
        "text": "Twee blussers.\nGekeurd in maart.",
        "given": TODAY,
        "expires": TODAY + timedelta(days=365),
        "files": (),
        "now": NOW,
        "known_measures": MEASURES,
    }
    return record_attestation(folder, **{**words, **said})  # type: ignore[arg-type] # by the test


def _waive(folder: Path, **said: object) -> Waiver:
    words: dict[str, object] = {
        "check": "host_firewall",
        "target": "nas",
        "reason": "It is replaced in February.",
        "by": "Jo",
        "until": TODAY + timedelta(days=90),
        "now": NOW,
    }
    return record_waiver(folder, **{**words, **said})  # type: ignore[arg-type] # by the test


def _write(folder: Path, text: str, name: str = "a.yaml") -> None:
    (folder / "attestations").mkdir(exist_ok=True)
    (folder / "attestations" / name).write_text(text, encoding="utf-8")


def _faults(folder: Path) -> tuple[InputError, ...]:
    with pytest.raises(InputError) as caught:
        load_words(folder)
    error = caught.value
    return error.problems if isinstance(error, InputErrors) else (error,)


def _kept(folder: Path) -> list[Path]:
    return sorted((folder / "attestations" / "files").iterdir())


def test_a_folder_where_nobody_said_anything(tmp_path: Path) -> None:
    assert load_words(tmp_path) == Words()


def test_what_is_recorded_is_read_again(tmp_path: Path) -> None:
    first = _attest(tmp_path, files=[PHOTO, IncomingFile("contract.pdf", b"%PDF-1.7 ...")])
    second = _attest(tmp_path, measure="ups", answer=Answer.NO, now=NOW + timedelta(hours=1))
    waiver = _waive(tmp_path)

    assert load_words(tmp_path) == Words((first, second), (waiver,))
    assert [file.name for file in first.files] == ["blusser.jpg", "contract.pdf"]
    assert first.recorded_at == NOW


def test_evidence_is_for_its_owner_only_and_is_what_it_was(tmp_path: Path) -> None:
    (file,) = _attest(tmp_path, files=[PHOTO]).files

    kept = tmp_path / "attestations" / "files" / file.sha256
    assert kept.read_bytes() == PHOTO.content
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert kept.parent.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"given": TODAY + timedelta(days=1)}, "given", "given-ahead"),
        (
            {"given": TODAY - timedelta(days=9), "expires": TODAY - timedelta(days=1)},
            "expires",
            "expires-over",
        ),
        ({"expires": TODAY + timedelta(days=1828)}, "expires", "expires-far"),
        ({"by": " \u200b\n"}, "by", "empty"),
        ({"role": ""}, "role", "empty"),
        ({"text": "\x00"}, "text", "empty"),
        ({"text": "x" * 4001}, "text", "too-long"),
        ({"by": "x" * 201}, "by", "too-long"),
        ({"measure": "fire-safty"}, "measure", "no-measure"),
        ({"files": [PHOTO] * (MAX_FILES + 1)}, "files", "too-many-files"),
        ({"files": [PHOTO, IncomingFile("a.html", b"<html>")]}, "files", "file-kind"),
    ],
)
def test_what_cannot_be_taken_leaves_nothing_behind(
    tmp_path: Path, said: dict[str, object], field: str, code: str
) -> None:
    with pytest.raises(WordError) as caught:
        _attest(tmp_path, **said)

    assert (caught.value.field, caught.value.code) == (field, code)
    assert list(tmp_path.iterdir()) == []


def test_the_last_day_is_today_at_the_earliest(tmp_path: Path) -> None:
    given_long_ago = _attest(tmp_path, given=TODAY - timedelta(days=400), expires=TODAY)

    assert load_words(tmp_path).attestations == (given_long_ago,)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder"):
        _attest(tmp_path / "gone", files=[PHOTO])
    with pytest.raises(UsageError, match="there is no folder"):
        _waive(tmp_path / "gone")


_SPOKEN = st.text(max_size=300)


@settings(deadline=None, max_examples=80)
@given(_SPOKEN, _SPOKEN, _SPOKEN, st.binary(max_size=60), _SPOKEN)
def test_any_words_are_refused_or_read_again(
    text: str, by: str, role: str, content: bytes, name: str
) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        files = [IncomingFile(name, content)]
        try:
            recorded = _attest(folder, text=text, by=by, role=role, files=files)
        except WordError as error:
            assert error.field in ("text", "by", "role", "files")
            assert list(folder.iterdir()) == []
            return
        assert load_words(folder, known_measures=MEASURES).attestations == (recorded,)
        assert (folder / "attestations/files" / recorded.files[0].sha256).read_bytes() == content
        assert recorded.text.split() == _visible(text).split()


def _visible(text: str) -> str:
    kept = (c for c in text if c in "\n\t" or c.isprintable() or c.isspace())
    return "".join(
        c for c in kept if c in "\n\t" or not ("\x00" <= c < " " or "\x7f" <= c < "\xa0")
    )


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(_SPOKEN, _SPOKEN), min_size=1, max_size=4))
def test_any_waivers_are_refused_or_read_again(spoken: list[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        recorded = []
        for reason, by in spoken:
            try:
                recorded.append(_waive(folder, reason=reason, by=by))
            except WordError as error:
                assert error.code in ("empty", "too-long")
        assert load_words(folder, known_measures=MEASURES).waivers == tuple(recorded)


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ("measure: fire-safety", "measure: fire-safty", 1, "measure"),
        ("answer: yes", "answer: perhaps", 2, "answer"),
        ("by: Jo", "by: ' '", 3, "by"),
        ("by: Jo\n", "", 1, "by"),
        ("role: owner", "rol: owner", 4, "rol"),
        ("given: 2026-03-01", "given: 1 March", 6, "given"),
        ("given: 2026-03-01", "given: 2026-03-01T10:00:00Z", 6, "given"),
        ("expires: 2027-02-28", "expires: 2026-02-28", 7, "expires"),
        ("recorded_at: 2026-03-01T10:00:00Z", "recorded_at: 3", 8, "recorded_at"),
    ],
)
def test_a_fault_in_an_attestation_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, field: str
) -> None:
    _write(tmp_path, GOOD.replace(old, new))

    told = [(fault.line, fault.field) for fault in _faults(tmp_path)]
    assert (line, field) in told


@pytest.mark.parametrize(
    ("written", "answer"),
    [("yes", Answer.YES), ("no", Answer.NO), ('"yes"', Answer.YES), ("partly", Answer.PARTLY)],
)
def test_an_answer_written_by_hand(tmp_path: Path, written: str, answer: Answer) -> None:
    """YAML takes a plain yes for a truth value."""
    _write(tmp_path, GOOD.replace("answer: yes", f"answer: {written}"))

    assert load_words(tmp_path).attestations[0].answer is answer


def test_files_of_several_attestations_are_all_complained_about(tmp_path: Path) -> None:
    _write(tmp_path, GOOD.replace("Jo", ""), "a.yaml")
    _write(tmp_path, "", "b.yaml")
    _write(tmp_path, GOOD, "c.yml")
    _write(tmp_path, "not YAML", "notes.txt")
    (tmp_path / "waivers.yaml").write_text("check: x", encoding="utf-8")

    assert {fault.path.name for fault in _faults(tmp_path)} == {
        "a.yaml",
        "b.yaml",
        "c.yml",
        "waivers.yaml",
    }


@pytest.mark.parametrize(
    ("file", "field"),
    [
        ("{name: a.pdf, sha256: ../../../etc/passwd, size: 3}", "files[0].sha256"),
        ("{name: ../a.pdf, sha256: " + "a" * 64 + ", size: 3}", "files[0].name"),
        ("{name: a.pdf, sha256: " + "a" * 64 + ", size: 0}", "files[0].size"),
        ("{name: a.pdf, sha256: " + "a" * 64 + ", size: 99999999}", "files[0].size"),
    ],
)
def test_a_file_named_by_hand_leads_nowhere_else(tmp_path: Path, file: str, field: str) -> None:
    _write(tmp_path, f"{GOOD}files:\n- {file}\n")

    assert [(fault.line, fault.field) for fault in _faults(tmp_path)] == [(10, field)]


def _altered(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def _longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"!")


def _linked(path: Path) -> None:
    """The same bytes, but somewhere else."""
    other = path.parent.parent.parent / "elsewhere"
    path.rename(other)
    path.symlink_to(other)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (Path.unlink, "is missing"),
        (_altered, "was altered"),
        (_longer, "was altered"),
        (_linked, "cannot be read"),
        (_pipe, "cannot be read"),
    ],
)
def test_evidence_that_is_not_as_it_was_is_named(tmp_path: Path, harm: object, told: str) -> None:
    (file,) = _attest(tmp_path, files=[PHOTO]).files
    assert callable(harm)
    harm(tmp_path / "attestations" / "files" / file.sha256)

    (fault,) = _faults(tmp_path)
    assert told in fault.message
    assert "'blusser.jpg'" in fault.message
    assert fault.field == "files[0]"
    assert fault.line == 12


def test_the_same_evidence_again_mends_a_file_that_was_altered(tmp_path: Path) -> None:
    (file,) = _attest(tmp_path, files=[PHOTO]).files
    _altered(tmp_path / "attestations" / "files" / file.sha256)

    _attest(tmp_path, files=[PHOTO])

    assert len(load_words(tmp_path).attestations) == 2
    assert len(_kept(tmp_path)) == 1


_KILLED = """
import os, signal, sys
from datetime import date, datetime, timedelta
from pathlib import Path
from assessor.inputs import words_recording, evidence_files
from assessor.model.attestation import Answer

def die(*_words, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

if sys.argv[2] == "copying":
    os.fsync = die
else:
    words_recording.write_whole = die
now = datetime.now().astimezone()
words_recording.record_attestation(
    Path(sys.argv[1]), measure="ups", answer=Answer.YES, by="Jo", role="owner", text="So it is.",
    given=now.date(), expires=now.date() + timedelta(days=9),
    files=[evidence_files.IncomingFile("a.jpg", bytes.fromhex("ffd8ffe0"))], now=now,
)
"""


@pytest.mark.parametrize("moment", ["copying", "writing"])
def test_killed_halfway_nothing_counts_and_it_can_be_done_again(
    tmp_path: Path, moment: str
) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED, str(tmp_path), moment],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )

    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert _kept(tmp_path), "it was killed too early to show anything"
    assert load_words(tmp_path) == Words()
    again = _attest(tmp_path, files=[IncomingFile("a.jpg", b"\xff\xd8\xff\xe0")])
    assert load_words(tmp_path).attestations == (again,)


@pytest.fixture(name="small_disk")
def _small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"a small disk needs the right to mount tmpfs: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_loses_nothing_that_was_recorded(small_disk: Path) -> None:
    first = _attest(small_disk, files=[PHOTO])
    waiver = _waive(small_disk)

    with pytest.raises(UsageError, match="No space left"):
        _attest(small_disk, files=[IncomingFile("b.jpg", b"\xff\xd8\xff" + b"x" * 80_000)])
    (small_disk / "ballast").write_bytes(b"")
    with pytest.raises(OSError, match="No space left"), (small_disk / "ballast").open("wb") as out:
        while True:
            out.write(b"x" * 4096)
            out.flush()
    with pytest.raises(UsageError, match="No space left"):
        _attest(small_disk)
    with pytest.raises(UsageError, match="No space left"):
        _waive(small_disk, target="web01")

    assert load_words(small_disk) == Words((first,), (waiver,))
    assert len(_kept(small_disk)) == 1


def test_a_waiver_is_added_and_all_else_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "waivers.yaml"
    before = f"# Mind these.\n{WAIVER}  # until the new one is there"
    path.write_text(before, encoding="utf-8")

    added = _waive(tmp_path, target="web01")

    assert path.read_text("utf-8").startswith(before + "\n- check:")
    assert [waiver.target for waiver in load_words(tmp_path).waivers] == ["nas", "web01"]
    assert load_words(tmp_path).waivers[1] == added


def test_a_list_that_stands_further_in(tmp_path: Path) -> None:
    indented = "".join(f"  {line}\n" for line in WAIVER.splitlines())
    (tmp_path / "waivers.yaml").write_text(indented, encoding="utf-8")

    _waive(tmp_path, reason="Two\nlines.")

    assert [waiver.reason for waiver in load_words(tmp_path).waivers] == [
        "It is replaced in February.",
        "Two\nlines.",
    ]


@pytest.mark.parametrize("text", ["[]\n", "[{check: a}]", "a: [\n", "- check: a\n"])
def test_what_cannot_be_added_to_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(InputError):
        _waive(tmp_path)

    assert path.read_text("utf-8") == text


@pytest.mark.parametrize(
    ("said", "field", "code"),
    [
        ({"until": TODAY - timedelta(days=1)}, "until", "until-over"),
        ({"until": TODAY + timedelta(days=367)}, "until", "until-far"),
        ({"check": "Host firewall"}, "check", "no-name"),
        ({"target": "../nas"}, "target", "no-name"),
        ({"reason": ""}, "reason", "empty"),
        ({"by": "\n"}, "by", "empty"),
    ],
)
def test_a_waiver_that_cannot_be_taken(
    tmp_path: Path, said: dict[str, object], field: str, code: str
) -> None:
    with pytest.raises(WordError) as caught:
        _waive(tmp_path, **said)

    assert (caught.value.field, caught.value.code) == (field, code)
    assert list(tmp_path.iterdir()) == []


def test_a_waiver_counts_today_and_for_a_year_at_most(tmp_path: Path) -> None:
    _waive(tmp_path, until=TODAY)
    _waive(tmp_path, until=TODAY + timedelta(days=366))
    _waive(tmp_path, until=TODAY + timedelta(days=500), longest=timedelta(days=500))

    assert len(load_words(tmp_path).waivers) == 3


def test_a_waiver_written_by_hand_needs_no_time_of_day(tmp_path: Path) -> None:
    text = WAIVER.replace("2026-11-24T09:05:00Z", "2026-11-24")
    (tmp_path / "waivers.yaml").write_text(text, encoding="utf-8")

    (waiver,) = load_words(tmp_path).waivers
    assert waiver.recorded_at == datetime(2026, 11, 24, tzinfo=UTC)
    assert waiver.until == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("old", "new", "line", "field"),
    [
        ("check: host_firewall", "check: Host", 1, "[0].check"),
        ("target: nas", "target: a/b", 2, "[0].target"),
        ("reason: It is replaced in February.", "reason: ''", 3, "[0].reason"),
        ("until: 2027-03-01", "until: soon", 5, "[0].until"),
        ("  by: Jo\n", "", 1, "[0].by"),
    ],
)
def test_a_fault_in_the_waivers_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, field: str
) -> None:
    (tmp_path / "waivers.yaml").write_text(WAIVER.replace(old, new), encoding="utf-8")

    assert [(fault.line, fault.field) for fault in _faults(tmp_path)] == [(line, field)]


def test_a_misnamed_list_of_waivers_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "waivers.yml").write_text(WAIVER, encoding="utf-8")

    assert [fault.path.name for fault in _faults(tmp_path)] == ["waivers.yml"]


_ADDS = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from assessor.inputs.words import record_waiver
now = datetime.now().astimezone()
for number in range(4):
    record_waiver(Path(sys.argv[1]), check="host_firewall", target=f"{sys.argv[2]}{number}",
        reason="So it is.", by="Jo", until=now.date(), now=now)
"""


def test_two_at_once_lose_no_waiver(tmp_path: Path) -> None:
    both = [
        subprocess.Popen([sys.executable, "-c", _ADDS, str(tmp_path), name], cwd=ROOT)
        for name in ("a", "b")
    ]

    assert [process.wait(60) for process in both] == [0, 0]
    assert len(load_words(tmp_path).waivers) == 8
