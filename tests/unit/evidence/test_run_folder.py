"""What is stored stays stored, and what was changed is seen."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assessor.errors import EvidenceError
from assessor.evidence.codec import decode, encode
from assessor.evidence.journal import TargetJournal, read_journal
from assessor.evidence.key import fingerprint_key
from assessor.evidence.manifest import Concluded, seal, verify
from assessor.evidence.store import RunFolder, find_run, list_runs, new_run_id
from assessor.model.attestation import Answer, Attestation, EvidenceFile, Waiver, Words
from assessor.model.capture import Captured, NotCaptured, Reason
from assessor.model.check import Probe, ProbeKind
from assessor.model.evidence import RunFacts
from assessor.model.finding import Finding, Judgement, Message, Outcome
from assessor.model.language import Language
from assessor.model.plan import Plan, PlannedCheck, PlannedProbe, TargetPlan
from assessor.model.target import Platform, Role, Target, TransportKind

AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
CAPTURED = Captured("nft-1", "out\n", "err", 0, AT, 0.25)
MISSING = NotCaptured("sshd-2", Reason.NO_PRIVILEGE, "sudo: no", AT, "allow it")
FACTS = RunFacts("20261101T093000Z-0001", "0.1.0", "mkb", "Bakker", "", Language.NL, AT, "here")
PLAN = Plan(
    (
        TargetPlan(
            Target(
                "web",
                Role.SERVER,
                TransportKind.SSH,
                Platform.LINUX,
                "web.example",
                options={"data_volumes": ["/srv"]},
            ),
            (PlannedProbe("nft-1", Probe("rules", ProbeKind.COMMAND, "/usr/sbin/nft list")),),
            (PlannedCheck("c", ("firewall",), {"rules": "nft-1"}, {"days": 30, "list": ("a",)}),),
        ),
    )
)


def same(text: str) -> str:
    return text


@pytest.mark.parametrize(
    "value",
    [
        CAPTURED,
        MISSING,
        FACTS,
        PLAN,
        Words(
            (
                Attestation(
                    "a1",
                    "ups",
                    Answer.YES,
                    "Jo",
                    "owner",
                    "it works",
                    AT.date(),
                    AT.date() + timedelta(days=365),
                    AT,
                    (EvidenceFile("photo.jpg", "d" * 64, 5),),
                ),
            ),
            (Waiver("c", "web", "old machine", "Jo", AT.date(), AT),),
        ),
        Finding(
            "c",
            1,
            "web",
            Judgement("m", Outcome.FAIL, Message("x", {"a": (1, "b", None, (2.5, True))})),
            {"days": 30},
            ("d",),
        ),
    ],
)
def test_values_survive_encoding(value: object) -> None:
    text = json.dumps(encode(value))
    decoded = decode(type(value), json.loads(text))
    assert encode(decoded) == encode(value)
    if not isinstance(value, Plan):  # its options hold a list, which comes back as a tuple
        assert decoded == value


def test_a_journal_keeps_a_capture_as_the_codec_writes_it(run: RunFolder) -> None:
    path = fill(run)
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    assert [line["capture"] for line in lines if line["kind"] == "capture"] == [
        encode(CAPTURED),
        encode(MISSING),
    ]


@pytest.mark.parametrize("damage", [None, [], {}, {"probe": 3}, {"at": "yesterday"}, "text"])
def test_damaged_values_are_refused(damage: object) -> None:
    with pytest.raises(EvidenceError):
        decode(Captured, damage)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "runs" / FACTS.id)
    folder.create(FACTS, PLAN)
    return folder


def fill(run: RunFolder) -> Path:
    journal = run.journal("web", AT, same)
    journal.keep(CAPTURED)
    journal.keep(MISSING)
    journal.end(clock_skew_s=-2.0, gap=None)
    return run.path / "observations" / "web.jsonl"


def test_a_probe_that_many_targets_are_asked_is_kept_once(tmp_path: Path) -> None:
    (web,) = PLAN.targets
    slow = replace(web.probes[0], probe=replace(web.probes[0].probe, timeout_s=99))
    plan = Plan(
        tuple(
            replace(web, target=replace(web.target, name=f"web{number}"), probes=probes)
            for number, probes in enumerate((web.probes, web.probes, (slow,), ()))
        )
    )
    run = RunFolder(tmp_path / "runs" / FACTS.id)
    run.create(FACTS, plan)

    assert encode(run.plan()) == encode(plan)
    assert (run.path / "plan.json").read_text().count("/usr/sbin/nft list") == 2


def test_a_plan_that_asks_what_is_not_there_is_damaged(run: RunFolder) -> None:
    path = run.path / "plan.json"
    stored = json.loads(path.read_text())
    for place in (-1, 1, 7):
        stored["targets"][0]["probes"] = [place]
        path.write_text(json.dumps(stored))
        with pytest.raises(EvidenceError, match=r"plan\.json: damaged"):
            run.plan()


def test_a_run_comes_back_as_it_was_stored(run: RunFolder) -> None:
    fill(run)
    evidence = run.evidence()["web"]
    assert run.facts() == FACTS
    assert encode(run.plan()) == encode(PLAN)
    assert evidence.complete
    assert evidence.clock_skew_s == -2.0
    assert [stored.capture for stored in evidence.captures.values()] == [CAPTURED, MISSING]


def test_secrets_are_redacted_before_they_are_written(run: RunFolder) -> None:
    journal = run.journal("web", AT, lambda text: text.replace("hunter2", "[secret]"))
    journal.keep(replace(CAPTURED, stdout="psk=hunter2", stderr="hunter2"))
    journal.keep(replace(MISSING, detail="it said hunter2"))
    journal.end(clock_skew_s=None, gap=replace(MISSING, detail="hunter2"))
    raw = (run.path / "observations" / "web.jsonl").read_bytes()
    assert b"hunter2" not in raw
    assert raw.count(b"[secret]") == 4


def test_a_line_torn_by_a_crash_is_left_out_and_cut_off(run: RunFolder) -> None:
    path = fill(run)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 20])

    assert run.evidence()["web"].captures.keys() == {"nft-1", "sshd-2"}
    assert not run.evidence()["web"].complete

    journal = run.journal("web", AT, same)
    journal.end(clock_skew_s=None, gap=None)
    assert run.evidence()["web"].complete


@pytest.mark.parametrize("length", [0, 30])
def test_a_journal_that_broke_off_before_its_first_line_holds_nothing(
    run: RunFolder, length: int
) -> None:
    path = fill(run)
    path.write_bytes(path.read_bytes()[:length])

    assert run.evidence() == {}
    fill(run)
    assert run.evidence()["web"].complete


def test_the_last_answer_to_a_probe_counts(run: RunFolder) -> None:
    journal = run.journal("web", AT, same)
    journal.keep(CAPTURED)
    journal.close()
    journal = run.journal("web", AT, same)
    journal.keep(replace(CAPTURED, stdout="second"))
    journal.end(clock_skew_s=None, gap=None)
    (stored,) = run.evidence()["web"].captures.values()
    assert isinstance(stored.capture, Captured)
    assert stored.capture.stdout == "second"


@pytest.mark.parametrize("line", range(4))
@pytest.mark.parametrize("act", ["remove", "change", "repeat"])
def test_a_journal_that_was_tampered_with_is_refused(run: RunFolder, line: int, act: str) -> None:
    path = fill(run)
    lines = path.read_bytes().splitlines(keepends=True)
    if act == "remove":
        del lines[line]
    elif act == "repeat":
        lines.insert(line, lines[line])
    else:
        lines[line] = lines[line].replace(b'"at":"2026', b'"at":"2025').replace(b"-2.0", b"-1.0")
    path.write_bytes(b"".join(lines))
    if line == 3 and act != "repeat":  # the last line is guarded by the manifest alone
        return
    with pytest.raises(EvidenceError):
        read_journal(path)


def test_every_changed_file_of_a_sealed_run_is_named(run: RunFolder) -> None:
    fill(run)
    run.write_bytes("statement.raw", b"We make backups.")
    (run.path / "photo.jpg").write_bytes(b"a fire extinguisher")
    run.keep_file(run.path / "photo.jpg", hashlib.sha256(b"a fire extinguisher").hexdigest())
    (run.path / "photo.jpg").unlink()
    seal(run, FACTS, Concluded(AT, {}))
    assert verify(run).faults == ()
    for path in sorted(p for p in run.path.rglob("*") if p.is_file()):
        name = str(path.relative_to(run.path))
        if name == "manifest.json":
            continue
        before = path.read_bytes()
        path.write_bytes(before.replace(b"2026", b"2027") if b"2026" in before else before + b" ")
        assert any(name in fault for fault in verify(run).faults), name
        path.unlink()
        assert f"{name}: missing" in verify(run).faults
        path.write_bytes(before)
    (run.path / "observations" / "other.jsonl").write_bytes(b"{}\n")
    assert verify(run).faults == ("observations/other.jsonl: not in the manifest",)


def test_a_file_that_is_not_the_one_attested_with_is_refused(run: RunFolder) -> None:
    (run.path / "photo.jpg").write_bytes(b"another photo")
    with pytest.raises(EvidenceError, match="not the file"):
        run.keep_file(run.path / "photo.jpg", "0" * 64)


def test_a_full_disk_is_told_and_what_was_stored_is_kept(run: RunFolder) -> None:
    path = fill(run)
    stored = path.read_bytes()
    journal = TargetJournal(path, "web", AT, same)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, journal._file)
    os.close(full)
    with pytest.raises(EvidenceError, match="No space left"):
        journal.keep(CAPTURED)
    journal.close()
    assert path.read_bytes().startswith(stored)


WRITER = """
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from assessor.evidence.journal import TargetJournal
from assessor.model.capture import Captured
at = datetime.now(UTC)
journal = TargetJournal(Path(sys.argv[1]), "web", at, lambda text: text)
for number in range(10**9):
    journal.keep(Captured(f"p{number}", "x" * 5000, "", 0, at))
    print(number, flush=True)
"""


def test_a_process_killed_at_any_moment_loses_nothing_it_reported(tmp_path: Path) -> None:
    for moment in (0, 1, 7, 40):
        path = tmp_path / f"{moment}.jsonl"
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout
        for _ in range(moment + 1):
            reported = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        reported = max([reported, *map(int, writer.stdout.read().split())])
        writer.stdout.close()
        writer.wait()
        evidence = read_journal(path)
        assert evidence is not None
        captures = evidence.captures
        assert all(f"p{number}" in captures for number in range(reported + 1))


def test_two_processes_never_work_on_one_run(run: RunFolder) -> None:
    handle = run.lock()
    with pytest.raises(EvidenceError, match="another assess"):
        run.lock()
    os.close(handle)
    os.close(run.lock())


def test_runs_are_found_by_id_beginning_path_and_latest(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="no runs yet"):
        find_run(tmp_path, "latest")
    for name in ("20261001T000000Z-aaaa", "20261101T000000Z-bbbb"):
        RunFolder(tmp_path / "runs" / name).create(replace(FACTS, id=name), PLAN)
    assert [run.id[:6] for run in list_runs(tmp_path)] == ["202610", "202611"]
    assert find_run(tmp_path, "latest").id.endswith("bbbb")
    assert find_run(tmp_path, "202610").id.endswith("aaaa")
    assert find_run(Path("/"), str(tmp_path / "runs" / "20261001T000000Z-aaaa")).id[:6] == "202610"
    with pytest.raises(EvidenceError, match="more than one"):
        find_run(tmp_path, "2026")
    with pytest.raises(EvidenceError, match="no run"):
        find_run(tmp_path, "1999")


def test_run_ids_sort_by_time_and_differ() -> None:
    assert new_run_id(AT) < new_run_id(AT.replace(minute=31))
    assert len({new_run_id(AT) for _ in range(20)}) > 1


@pytest.mark.parametrize("last", ["0000", "8c1f", "fffe"])
def test_of_two_runs_in_one_second_the_later_sorts_later(last: str) -> None:
    first = f"{AT:%Y%m%dT%H%M%SZ}-{last}"
    assert {new_run_id(AT, first) > first for _ in range(50)} == {True}
    assert new_run_id(AT.replace(minute=31), first) > first


def test_those_who_make_the_fingerprint_key_at_once_get_the_same(tmp_path: Path) -> None:
    many = 8
    for number in range(40):
        folder = tmp_path / str(number)
        folder.mkdir()
        ready = threading.Barrier(many)

        def made(folder: Path = folder, ready: threading.Barrier = ready) -> bytes:
            ready.wait(30)
            return fingerprint_key(folder)

        with ThreadPoolExecutor(many) as pool:
            keys = {future.result() for future in [pool.submit(made) for _ in range(many)]}

        assert len(keys) == 1
        assert [path.name for path in (folder / ".assess").iterdir()] == ["fingerprint.key"]


def test_the_fingerprint_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    key = fingerprint_key(tmp_path)
    assert len(key) == 32
    assert fingerprint_key(tmp_path) == key
    path = tmp_path / ".assess" / "fingerprint.key"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    with pytest.raises(EvidenceError, match="chmod 600"):
        fingerprint_key(tmp_path)
    path.chmod(0o600)
    path.write_text("short\n")
    with pytest.raises(EvidenceError, match="damaged"):
        fingerprint_key(tmp_path)
