"""What goes wrong gives a clear message and the right exit code, and loses nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from assessor.catalogue.scaffold import write_check
from tests.end_to_end.assess import assess, last_run, report
from tests.end_to_end.inventory import ssh_entry, write_assessment
from tests.lab.sshd import SshLab

LOCAL = {"name": "here", "role": "server", "transport": "local"}
PROFILE = """
id: small
title: {nl: Klein, en: Small}
checks: {my_check: {}}
measures: [patching]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An assessment of this machine by one small check of its own."""
    write_check(tmp_path / "checks", "my_check", "patching", frozenset({"patching"}))
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "small.yaml").write_text(PROFILE)
    write_assessment(tmp_path, [LOCAL], profile="small")
    return tmp_path


def run(folder: Path, *words: str, **more: str) -> Any:
    return assess(folder, "run", "--checks", "checks", *words, **more)


def outcome(folder: Path, target: str) -> tuple[str, str]:
    """The outcome of the one finding of ``target``, and the reason where it has one."""
    (finding,) = (item for item in report(folder, "en")["findings"] if item["target"] == target)
    return finding["outcome"], str(finding["message"].get("facts", {}).get("reason", ""))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    done = assess(tmp_path, "run", "-C", "nowhere")
    assert done.returncode == 2
    assert "nowhere" in done.stderr
    assert "assess init" in done.stderr


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("targets: [", "assessment.yaml:"),
        ("targets:\n\t- x", "never with tabs"),
        ("language: fr\ntargets:\n  - {name: a, role: server, transport: local}", "language"),
        ("targets:\n  - {name: a, role: servre, transport: local}", "assessment.yaml:2"),
        ("profile: mbk\ntargets:\n  - {name: a, role: server, transport: local}", "mkb"),
        ("", "empty"),
    ],
)
def test_broken_settings_name_the_place(folder: Path, text: str, says: str) -> None:
    (folder / "assessment.yaml").write_text(text)
    done = run(folder)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "runs").exists()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("my_check", "my_chekc", "did you mean 'my_check'"),
        ("[patching]", "[pathcing]", "patching"),
    ],
)
def test_an_unknown_check_or_measure_is_named_with_a_guess(
    folder: Path, old: str, new: str, says: str
) -> None:
    path = folder / "profiles" / "small.yaml"
    path.write_text(path.read_text().replace(old, new))
    done = run(folder)
    assert done.returncode == 2
    assert says in done.stderr
    assert "small.yaml:" in done.stderr


def test_a_broken_plug_in_names_itself_and_the_run_goes_on(folder: Path) -> None:
    write_check(folder / "checks", "bad_manifest", "patching", frozenset({"patching"}))
    write_check(folder / "checks", "bad_code", "patching", frozenset({"patching"}))
    (folder / "checks" / "bad_manifest" / "check.yaml").write_text("id: [")
    (folder / "checks" / "bad_code" / "check.py").write_text("import no_such_module\n")
    path = folder / "profiles" / "small.yaml"
    path.write_text(path.read_text().replace("{}}", "{}, bad_manifest: {}, bad_code: {}}"))
    done = run(folder)
    assert done.returncode == 3, done.stderr
    assert "bad_manifest" in done.stderr
    told = report(folder, "en")
    assert told["run"]["left_out"] == ["bad_manifest"]
    outcomes = {item["check"]: item["outcome"] for item in told["findings"]}
    assert outcomes == {"my_check": "pass", "bad_code": "unknown"}


def test_binary_garbage_in_an_answer_is_unknown(folder: Path) -> None:
    script = folder / "checks" / "my_check" / "linux_release.sh"
    script.write_text("head -c 5000 /dev/urandom\nprintf '\\000\\377'\n")
    done = run(folder)
    assert done.returncode == 3, done.stderr
    assert outcome(folder, "here") == ("unknown", "protocol")


def test_a_full_disk_is_told(folder: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("root is needed to mount a small file system")
    small = folder / "small"
    small.mkdir()
    assert os.system(f"mount -t tmpfs -o size=64k tmpfs {small}") == 0  # noqa: S605
    try:
        for name in ("assessment.yaml", "profiles", "checks"):
            assert os.system(f"cp -r {folder / name} {small}") == 0  # noqa: S605
        done = run(small)
        assert done.returncode == 3
        assert "No space left on device" in done.stderr or "Geen ruimte" in done.stderr
        assert "Traceback" not in done.stderr
    finally:
        os.system(f"umount {small}")  # noqa: S605


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (b"", 2, "empty"),
        (b"   \n\n", 2, "empty"),
        (b"x" * 50_000_000, 2, "too large"),
        (os.urandom(3000), 2, "statement"),
        (b"Dear reader, the weather is fine today.\n", 0, "no promise was found"),
    ],
    ids=["empty", "blank", "50 MB", "binary", "no claim"],
)
def test_statements_that_promise_nothing_or_are_none(
    folder: Path, content: bytes, code: int, says: str
) -> None:
    (folder / "statement.txt").write_bytes(content)
    done = run(folder, "--statement", "statement.txt", "--fail-on", "broken")
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    if code == 2:
        assert not (folder / "runs").exists(), "nothing is begun for a statement that is none"


def test_a_statement_without_a_promise_never_exits_as_shown(folder: Path) -> None:
    (folder / "statement.txt").write_text("Dear reader, the weather is fine today.\n")
    assert run(folder, "--statement", "statement.txt").returncode == 3


def test_a_target_that_is_not_in_the_inventory(folder: Path) -> None:
    done = run(folder, "--target", "elsewhere")
    assert done.returncode == 2
    assert "did you mean 'here'?" in done.stderr


def test_hosts_that_cannot_be_entered_cost_the_others_nothing(
    folder: Path, ssh_lab: SshLab
) -> None:
    good = ssh_lab.host("dash")
    password = ssh_lab.host("password")
    wrong = {"password": {"env": "WRONG"}}
    targets = [
        ssh_entry("good", good),
        ssh_entry("unreachable", good, port=1),
        ssh_entry("wrong-password", password, secrets=wrong, identity_files=[]),
        ssh_entry("unknown-key", ssh_lab.host("unknown")),
        ssh_entry("changed-key", ssh_lab.host("changed")),
        ssh_entry("silent", ssh_lab.host("silent")),
        ssh_entry("nologin", ssh_lab.host("nologin")),
    ]
    write_assessment(folder, targets, profile="small")
    done = run(folder, "--deadline", "20", WRONG="not-the-password")
    assert done.returncode == 3, done.stderr
    assert outcome(folder, "good")[0] == "pass"
    for name, reasons in {
        "unreachable": {"unreachable"},
        "wrong-password": {"authentication-failed"},
        "unknown-key": {"host-key-unknown"},
        "changed-key": {"host-key-changed"},
        "silent": {"timed-out", "deadline"},
        "nologin": {"shell-refused"},
    }.items():
        judged, reason = outcome(folder, name)
        assert judged == "unknown", name
        assert reason in reasons, name
    everything = b"".join(p.read_bytes() for p in last_run(folder).rglob("*") if p.is_file())
    assert b"not-the-password" not in everything
    assert "not-the-password" not in done.stdout + done.stderr
    assert "SHA256:" in done.stderr, "the fingerprint of the unknown key"
    assert ">> " in done.stderr, "the command that accepts it"
