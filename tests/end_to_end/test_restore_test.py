"""``assess restore-test`` with real repositories, on this machine and over real SSH.

Repositories, files and scratch folders are of each test's own; what a proven restore leaves in
``/var/lib/assess`` is taken away again.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psutil
import pytest
import yaml

from tests.checks.realhost import can_replace_files
from tests.end_to_end.assess import PROGRAM, assess, environment, report
from tests.end_to_end.inventory import ssh_entry, write_assessment
from tests.lab.sshd import SshLab
from tests.unit.cli.terminals import Screen, assess_on_terminal

PLACE = Path("/var/lib/assess")
SECRET = "correct horse'$battery"
HERE = {"name": "here", "role": "server", "transport": "local"}
PROFILE = """
id: few
title: {nl: Enkele, en: Few}
checks: {backups: {}}
measures: [restore-test]
"""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: it makes root's own files")


def need(program: str, package: str = "") -> None:
    if shutil.which(program) is None:
        pytest.skip(f"needs {program} (Debian package {package or program})")


@pytest.fixture
def place() -> Iterator[Path]:
    """Where records are left: not there before, and gone afterwards."""
    if PLACE.exists() and any(PLACE.iterdir()):
        pytest.skip(f"{PLACE} is in use on this machine")
    try:
        yield PLACE
    finally:
        shutil.rmtree(PLACE, ignore_errors=True)


@dataclass
class Scene:
    """A machine's files, its backups and an assessment of it.

    Attributes:
        root: a folder that every account of this machine can enter.
        folder: the assessment.
    """

    root: Path
    folder: Path
    targets: list[dict[str, Any]] = field(default_factory=lambda: [dict(HERE)])

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    @property
    def repository(self) -> Path:
        return self.root / "repository"

    def prepare(self) -> None:
        self.root.chmod(0o755)
        (self.data / "sub").mkdir(parents=True)
        (self.data / "a.txt").write_text("first\n")
        (self.data / "sub" / 'b c [x] & "q".txt').write_text("second\n")
        (self.data / "big.bin").write_bytes(os.urandom(300_000))
        self.scratch.mkdir()
        self.scratch.chmod(0o1777)
        (self.folder / "profiles").mkdir(parents=True)
        (self.folder / "profiles" / "few.yaml").write_text(PROFILE)
        write_assessment(self.folder, self.targets, profile="few")

    def add(self, entry: dict[str, Any]) -> str:
        """Adds a target; gives its name."""
        self.targets.append(entry)
        write_assessment(self.folder, self.targets, profile="few")
        return str(entry["name"])

    def run(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Runs the command; whatever comes of it, nothing is left in the scratch folder."""
        done = assess(self.folder, *self.words(*words), **more)
        assert "Traceback" not in done.stderr, done.stderr
        assert list(self.scratch.iterdir()) == [], done.stderr
        assert SECRET not in done.stdout + done.stderr
        return done

    def words(self, *words: str) -> tuple[str, ...]:
        return ("restore-test", *words, "--scratch", str(self.scratch))

    def restic(self, *words: str, password: str = SECRET) -> str:
        need("restic")
        return subprocess.run(
            ["restic", "--no-cache", "-r", str(self.repository), *words],
            env={**environment(), "RESTIC_PASSWORD": password},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout

    def restic_backup(self, *words: str) -> Scene:
        if not self.repository.exists():
            self.restic("init")
        self.restic("backup", str(self.data), *words)
        return self

    def borg(self, *words: str) -> None:
        need("borg", "borgbackup")
        subprocess.run(
            ["borg", *words],
            env={
                **environment(),
                "BORG_REPO": str(self.repository),
                "BORG_PASSPHRASE": SECRET,
                "BORG_BASE_DIR": str(self.root / "borg"),
            },
            capture_output=True,
            timeout=60,
            check=True,
        )

    def borg_backup(self) -> Scene:
        self.borg("init", "--encryption=repokey")
        self.borg("create", "::nightly 1", str(self.data))
        return self

    def records(self) -> list[dict[str, Any]]:
        return [
            yaml.safe_load(path.read_text())
            for path in sorted((self.folder / "restore-tests").glob("*.yaml"))
        ]

    @property
    def by_restic(self) -> tuple[str, ...]:
        return ("--tool", "restic", "--repository", str(self.repository), "--yes")

    @property
    def by_borg(self) -> tuple[str, ...]:
        return ("--tool", "borg", "--repository", str(self.repository), "--yes")


@pytest.fixture
def scene() -> Iterator[Scene]:
    root = Path(mkdtemp(prefix="assess-lab-"))
    made = Scene(root, root / "assessment")
    made.prepare()
    try:
        yield made
    finally:
        subprocess.run(["chattr", "-R", "-ia", str(root)], capture_output=True, check=False)
        shutil.rmtree(root)


# -- it works, and counts ----------------------------------------------------------------------


def test_over_ssh_with_sudo_it_is_proven_and_the_next_run_counts_it(
    scene: Scene, ssh_lab: SshLab, place: Path
) -> None:
    name = scene.add(ssh_entry("web01", ssh_lab.host("sudo"), privilege="sudo"))
    scene.restic_backup()
    assert assess(scene.folder, "run", "--target", name).returncode == 3
    assert verdict(scene) == "unproven"

    done = scene.run(name, *scene.by_restic, "--password", "env:PW", PW=SECRET)

    assert done.returncode == 0, done.stderr
    assert "restoring works" in done.stdout
    assert "WRITES on web01 (ssh" in done.stderr
    assert f"{scene.scratch}/assess-restore-" in done.stderr
    (left,) = (place / "restored").iterdir()
    assert "3 restored" in left.read_text()
    assert "a.txt" not in left.read_text(), "all may read it: it names no file"
    (record,) = scene.records()
    assert record["result"] == "proven"
    assert record["as_root"]
    assert {file["path"] for file in record["files"]} == {
        str(path).removeprefix("/") for path in scene.data.rglob("*") if path.is_file()
    }
    assert assess(scene.folder, "run", "--target", name).returncode == 3
    assert verdict(scene) == "partly", "the other target was left out: nothing is shown of it"
    assert outcomes(scene, name) == ["pass"]


def verdict(scene: Scene) -> str:
    (measure,) = report(scene.folder, "en")["measures"]
    assert measure["measure"] == "restore-test"
    return str(measure["verdict"])


def outcomes(scene: Scene, target: str) -> list[str]:
    """What was found of the measure on one target."""
    return [
        finding["outcome"]
        for finding in report(scene.folder, "en")["findings"]
        if (finding["target"], finding["measure"]) == (target, "restore-test")
    ]


def test_an_account_without_rights_is_told_how_to_leave_the_record(
    scene: Scene, ssh_lab: SshLab, place: Path
) -> None:
    host = ssh_lab.host("dash")
    name = scene.add(ssh_entry("web01", host))
    scene.borg_backup()
    shutil.chown(scene.repository, host.user)
    subprocess.run(["chown", "-R", host.user, scene.repository], check=True)

    done = scene.run(name, *scene.by_borg, "--password", "env:PW", PW=SECRET)

    assert done.returncode == 0, done.stderr
    assert not place.exists()
    assert "only root can" in done.stderr
    commands = re.findall(r"^  (sudo install .*|echo .*)$", done.stderr, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        subprocess.run(["sh", "-c", command], check=True, timeout=20)
    assert assess(scene.folder, "run", "--target", name).returncode == 3
    assert verdict(scene) == "partly", "the other target was left out: nothing is shown of it"
    assert outcomes(scene, name) == ["pass"]


def test_the_kept_record_is_taken_as_evidence_of_an_attestation(scene: Scene) -> None:
    scene.restic_backup()
    scene.run("here", *scene.by_restic, "--password", "env:PW", "--against", "/dev", PW=SECRET)
    (path,) = (scene.folder / "restore-tests").iterdir()
    assert path.stat().st_mode & 0o077 == 0 or path.parent.stat().st_mode & 0o077 == 0
    attested = assess(
        scene.folder, "attest", "restore-test", "--answer", "yes", "--by", "A", "--role", "owner",
        "--text", "Seen.", "--file", str(path),
    )  # fmt: skip
    assert attested.returncode == 0, attested.stderr


def test_sudo_that_wants_a_password_gets_it_unseen(
    scene: Scene, ssh_lab: SshLab, place: Path
) -> None:
    host = ssh_lab.host("sudo-password")
    entry = ssh_entry("web01", host, privilege="sudo", secrets={"sudo_password": {"env": "SUDO"}})
    name = scene.add(entry)
    scene.restic_backup()
    words = (*scene.by_restic, "--password", "env:PW")
    done = scene.run(name, *words, PW=SECRET, SUDO=host.password)
    assert done.returncode == 0, done.stderr
    assert (place / "restored").exists()

    refused = scene.run(name, *words, PW=SECRET, SUDO="wrong")
    assert refused.returncode == 3
    assert "sudo refuses the password" in refused.stdout


def test_sudo_for_the_probes_only_is_too_little(scene: Scene, ssh_lab: SshLab) -> None:
    host = ssh_lab.host("sudo-exact")
    ssh_lab.allow(host, "/usr/bin/true")
    name = scene.add(ssh_entry("web01", host, privilege="sudo"))
    scene.restic_backup()
    done = scene.run(name, *scene.by_restic, "--password", "env:PW", PW=SECRET)
    assert done.returncode == 3
    assert "sudo does not let the account run /bin/sh" in done.stdout
    subprocess.run(["chown", "-R", host.user, scene.repository], check=True)
    done = scene.run(name, *scene.by_restic, "--no-sudo", "--password", "env:PW", PW=SECRET)
    assert done.returncode == 0, done.stdout + done.stderr


def test_borg_with_a_named_sample_and_a_file_of_the_password(scene: Scene, place: Path) -> None:
    scene.borg_backup()
    secret = scene.root / "secret"
    secret.write_text(f"{SECRET}\n")
    words = (*scene.by_borg, "--password-file", str(secret), "--sample", f"{scene.data}/sub")
    done = scene.run("here", *words, "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["counts"]["equal"] == 1
    assert told["snapshot"] == "nightly 1"
    assert [Path(file["path"]).name for file in told["files"]] == ['b c [x] & "q".txt']
    assert not (scene.root / ".config").exists()
    assert (place / "canary" / "SHA256SUMS").stat().st_mode & 0o777 == 0o644

    again = scene.run("here", *words, "--snapshot", "nightly 1")
    assert again.returncode == 0, again.stderr
    assert len((place / "canary" / "SHA256SUMS").read_text().splitlines()) == 2


def test_the_settings_may_stand_in_a_file_of_which_nothing_is_executed(
    scene: Scene, place: Path
) -> None:
    scene.restic_backup()
    trap = scene.root / "executed"
    settings = scene.root / "restic.env"
    settings.write_text(
        f'# backups\nexport RESTIC_REPOSITORY="{scene.repository}"\r\n'
        f"RESTIC_PASSWORD={SECRET}\nRESTIC_X=$(touch {trap})\ntouch {trap}\nPATH=/nowhere\n"
    )
    done = scene.run("here", "--tool", "restic", "--env-file", str(settings), "--yes")
    assert done.returncode == 0, done.stderr
    assert not trap.exists()
    assert str(scene.repository) not in yaml.safe_dump(scene.records())


def test_a_plain_copy_by_rclone(scene: Scene, place: Path) -> None:
    need("rclone")
    shutil.copytree(scene.data, scene.repository)
    words = ("--tool", "rclone", "--repository", str(scene.repository), "--yes")
    done = scene.run("here", *words, "--against", str(scene.data))
    assert done.returncode == 0, done.stderr
    assert "3 equal" in done.stdout
    alone = scene.run("here", *words)
    assert alone.returncode == 3, "restored is not compared"
    assert "nothing to compare it with" in alone.stdout


BUSYBOX = "sh awk stat tar df find grep sed head mkfifo sha256sum mv rm chmod mkdir"


@pytest.mark.parametrize(
    ("program", "in_place_of"),
    [
        ("true", ""),
        ("bash", "sh"),
        ("busybox", "sh"),
        ("busybox", BUSYBOX),
        ("mawk", "awk"),
        ("bsdtar", "tar"),
    ],
    ids=["own", "bash", "ash", "busybox", "mawk", "libarchive"],
)
def test_archives_of_tar_with_other_shells_and_tools(
    scene: Scene, program: str, in_place_of: str
) -> None:
    need_namespace()
    need(program, "libarchive-tools" if program == "bsdtar" else "")
    archives = scene.root / "archives"
    archives.mkdir()
    for name in ("old.tar", "new.tar.gz"):
        with tarfile.open(archives / name, "w:gz" if name.endswith("gz") else "w") as archive:
            archive.add(scene.data, arcname=str(scene.data))
    os.utime(archives / "old.tar", (1, 1))
    replaced = "".join(
        f"mount --bind {shutil.which(program)} {Path(shutil.which(name) or name).resolve()}\n"
        for name in in_place_of.split()
    )
    words = scene.words("here", "--tool", "tar", "--repository", str(archives), "--yes", "--json")
    own_place = f"mkdir -p {PLACE}\nmount -t tmpfs -o mode=755 t {PLACE}\n"
    done = apart(scene, own_place + replaced, words)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["snapshot"] == "new.tar.gz"
    # busybox takes [x] in a name for a pattern, and cannot be told otherwise.
    assert told["counts"]["equal"] == (2 if program == "busybox" else 3)
    assert f"left {PLACE}/restored" in done.stderr
    assert list(scene.scratch.iterdir()) == []


def need_namespace() -> None:
    if not can_replace_files():
        pytest.skip("needs mount namespaces (unshare of util-linux)")


def apart(
    scene: Scene, before: str, words: tuple[str, ...], **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs ``assess`` in a mount namespace of its own, in which ``before`` was done."""
    made = PLACE.exists()
    try:
        return subprocess.run(
            ["unshare", "--mount", "sh", "-ec", f'{before}\nexec "$@"', "sh", *PROGRAM, *words],
            cwd=scene.folder,
            env=environment(**more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
    finally:
        if not made and PLACE.exists():
            PLACE.rmdir()


# -- it asks -----------------------------------------------------------------------------------


def test_without_yes_and_without_a_terminal_nothing_is_written(scene: Scene) -> None:
    done = scene.run("here", "--tool", "tar", "--repository", "/nowhere")
    assert done.returncode == 2
    assert "nobody to ask" in done.stderr
    assert not (scene.folder / "restore-tests").exists()


def test_on_a_terminal_it_says_what_it_writes_and_takes_no_for_an_answer(scene: Scene) -> None:
    words = scene.words("here", "--tool", "tar", "--repository", "/nowhere", "--limit-mb", "7")
    with assess_on_terminal(scene.folder, *words) as screen:
        shown = screen.wait_for("Go on? [y/N]")
        assert "WRITES on this machine" in shown
        assert "7 MB at most" in shown
        screen.type("")
        assert screen.end() == 2
    assert "Nothing was written" in screen.seen
    assert not (scene.folder / "restore-tests").exists()


def test_on_a_terminal_it_asks_for_the_password_unseen(scene: Scene, place: Path) -> None:
    scene.restic_backup()
    words = scene.words("here", "--tool", "restic", "-r", str(scene.repository))
    near, far = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", "--wait", *PROGRAM, *words, "--password", "ask"],
        cwd=scene.folder,
        env=environment(TERM="dumb"),
        stdin=far,
        stdout=far,
        stderr=far,
    )
    os.close(far)
    with os.fdopen(near, "rb", buffering=0):
        screen = Screen(near, process)
        screen.wait_for("Go on? [y/N]")
        screen.type("y")
        screen.wait_for("Password of the repository")
        screen.type(SECRET)
        assert screen.end() == 0, screen.seen
    assert SECRET not in screen.seen
    assert "restoring works" in screen.seen


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("nobody",), "has no target"),
        (("here", "--password", "hunter2"), "it never stands there itself"),
        (("here", "--password", "env:NOT_SET", "--yes"), "is not set"),
        (("here", "--password", "ask", "--yes"), "no terminal to ask on"),
        (("here", "--password", "ask", "--password-file", "/x"), "two ways"),
        (("here", "--sample", "/../etc"), "names no file"),
    ],
)
def test_wrong_usage_is_refused(scene: Scene, words: tuple[str, ...], why: str) -> None:
    done = scene.run(*words, "--tool", "restic", "--repository", "/nowhere")
    assert done.returncode == 2
    assert why in done.stderr
    assert "hunter2" not in done.stderr.replace("'hunter2'", "")


# -- what does not hold ------------------------------------------------------------------------


def test_a_backup_that_differs_from_what_nobody_touched_is_a_broken_promise(scene: Scene) -> None:
    # What is backed up under this name is another file, put back afterwards: the dates in it stay.
    shutil.copytree(scene.data, scene.root / "other")
    (scene.root / "other" / "a.txt").write_text("frist\n")
    scene.data.rename(scene.root / "kept")
    (scene.root / "other").rename(scene.data)
    scene.restic("init")
    wait_for_later_than(scene)
    scene.restic("backup", str(scene.data))
    scene.data.rename(scene.root / "other")
    (scene.root / "kept").rename(scene.data)

    done = scene.run("here", *scene.by_restic, "--password", "env:PW", PW=SECRET)

    assert done.returncode == 1, done.stdout
    assert "RESTORING FAILS" in done.stdout
    assert "1 DIFFERENT" in done.stdout
    assert f"{scene.data}/a.txt" in done.stdout
    assert not PLACE.exists()
    (record,) = scene.records()
    assert record["result"] == "broken"
    assert [f["path"] for f in record["files"] if f["state"] == "differs"] == [
        f"{scene.data}/a.txt".removeprefix("/")
    ]


def wait_for_later_than(scene: Scene) -> None:
    """Returns when the kernel's clock is past all that was written, by more than its tick."""
    newest = max(path.stat().st_ctime for path in scene.root.rglob("*"))
    while time.time() <= newest + 0.05:
        os.sched_yield()


def test_what_was_changed_since_is_not_held_against_the_backup(scene: Scene) -> None:
    scene.restic_backup()
    (scene.data / "a.txt").write_text("later\n")
    words = ("--password", "env:PW", "--sample", f"{scene.data}/a.txt")
    done = scene.run("here", *scene.by_restic, *words, PW=SECRET)
    assert done.returncode == 3
    assert "changed since" in done.stdout
    assert not PLACE.exists()


def test_another_file_named_to_compare_with_must_be_equal(scene: Scene) -> None:
    scene.restic_backup()
    other = scene.root / "other.txt"
    other.write_text("other\n")
    words = ("--password", "env:PW", "--sample", f"{scene.data}/a.txt", "--against", str(other))
    done = scene.run("here", *scene.by_restic, *words, PW=SECRET)
    assert done.returncode == 1
    assert "a.txt" in done.stdout


def test_a_damaged_repository_is_a_broken_promise(scene: Scene) -> None:
    scene.restic_backup()
    for pack in (scene.repository / "data").rglob("*"):
        if pack.is_file():
            raw = bytearray(pack.read_bytes())
            raw[10:20] = bytes(10)
            pack.chmod(0o600)
            pack.write_bytes(bytes(raw))
    done = scene.run("here", *scene.by_restic, "--password", "env:PW", PW=SECRET)
    assert done.returncode == 1, done.stdout
    assert "the backup is damaged" in done.stdout


def test_a_truncated_archive_is_a_broken_promise(scene: Scene) -> None:
    archive = scene.root / "full.tar.gz"
    with tarfile.open(archive, "w:gz") as whole:
        whole.add(scene.data, arcname=str(scene.data))
    archive.write_bytes(archive.read_bytes()[:100_000])
    done = scene.run("here", "--tool", "tar", "--repository", str(archive), "--yes")
    assert done.returncode == 1, done.stdout
    assert "the backup is damaged" in done.stdout


# -- what cannot be tested ---------------------------------------------------------------------


@pytest.mark.parametrize("tool", ["restic", "borg"])
def test_a_wrong_password_a_strange_snapshot_and_a_strange_place(scene: Scene, tool: str) -> None:
    words = scene.by_restic if tool == "restic" else scene.by_borg
    if tool == "restic":
        scene.restic_backup()
    else:
        scene.borg_backup()
    password = ("--password", "env:PW")
    wrong = scene.run("here", *words, *password, PW="not it")
    assert (wrong.returncode, "password is wrong" in wrong.stdout) == (3, True), wrong.stdout
    missing = scene.run("here", *words)
    assert (missing.returncode, "wants a password" in missing.stdout) == (3, True), missing.stdout
    strange = scene.run("here", *words, *password, "--snapshot", "abadcafe", PW=SECRET)
    assert strange.returncode == 3
    assert "there is no such backup: abadcafe" in strange.stdout
    other = scene.run("here", *words, *password, "--host", "elsewhere", PW=SECRET)
    assert other.returncode == 3
    assert "no such backup: the newest of elsewhere" in other.stdout
    scene.repository.rename(scene.root / "moved")
    gone = scene.run("here", *words, *password, PW=SECRET)
    assert gone.returncode == 3
    assert f"there is no repository at {scene.repository}" in gone.stdout
    assert [record["fault"] for record in scene.records()].count("wrong-password") == 1


def test_a_sample_that_is_not_there_is_empty_or_too_large(scene: Scene) -> None:
    (scene.data / "empty").mkdir()
    (scene.data / "huge.bin").write_bytes(bytes(2_000_000))
    scene.restic_backup()
    words = (*scene.by_restic, "--password", "env:PW", "--limit-mb", "1")
    absent = scene.run("here", *words, "--sample", "/nowhere", PW=SECRET)
    assert (absent.returncode, "not in this backup: nowhere" in absent.stdout) == (3, True)
    large = scene.run("here", *words, "--sample", str(scene.data), PW=SECRET)
    assert large.returncode == 3
    assert "the sample is too large: 4 files, 3 MB" in large.stdout
    for path in scene.data.rglob("*"):
        if path.is_file():
            path.write_bytes(b"")
    scene.restic_backup()
    empty = scene.run("here", *words, PW=SECRET)
    assert (empty.returncode, "the sample is empty" in empty.stdout) == (3, True), empty.stdout


def test_a_tool_that_is_not_installed(scene: Scene) -> None:
    need_namespace()
    need("restic")
    words = scene.words("here", *scene.by_restic)
    done = apart(scene, f"mount --bind /dev/null {shutil.which('restic')}", words)
    assert done.returncode == 3
    assert "restic is not installed on the target" in done.stdout
    assert list(scene.scratch.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("size=8m,nr_inodes=6", "is full"),
        ("size=1m", "too little space"),
        ("ro", "no folder can be made"),
    ],
)
def test_a_scratch_folder_that_is_full_or_cannot_be_written(
    scene: Scene, options: str, why: str
) -> None:
    need_namespace()
    scene.restic_backup()
    words = (*scene.by_restic, "--password", "env:PW", "--limit-mb", "2")
    before = f"mount -t tmpfs -o {options} t {scene.scratch}"
    after = f'\n"$@" && code=0 || code=$?; ls -A {scene.scratch}; exit $code'
    done = apart(scene, before + after, scene.words("here", *words), PW=SECRET)
    assert done.returncode == 3, done.stderr
    assert why in done.stdout
    assert "assess-restore" not in done.stdout.replace(f"{scene.scratch}/assess-restore", "")


def test_a_target_that_cannot_be_reached(scene: Scene, ssh_lab: SshLab) -> None:
    name = scene.add(ssh_entry("away", ssh_lab.host("dash"), port=1))
    done = scene.run(name, *scene.by_restic, "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["fault"] == "unreachable"
    changed = scene.add(ssh_entry("changed", ssh_lab.host("changed")))
    done = scene.run(changed, *scene.by_restic)
    assert done.returncode == 3
    assert "host-key-changed" in done.stderr


# -- it is broken off --------------------------------------------------------------------------


class Stuck(ThreadingHTTPServer):
    """Serves a repository as far as its password opens it, and never says which snapshots it has.

    The protocol is restic's own: https://restic.readthedocs.io/en/stable/100_references.html.
    """

    daemon_threads = True

    def __init__(self, scene: Scene) -> None:
        super().__init__(("127.0.0.1", 0), _Served)
        self.scene = scene
        self.opened = threading.Event()
        self.over = threading.Event()

    def start(self, name: str) -> subprocess.Popen[str]:
        """A restore test of it; returns when restic has opened it with the password."""
        place = f"rest:http://127.0.0.1:{self.server_address[1]}/"
        words = ("--tool", "restic", "-r", place, "--password", "env:PW", "--yes")
        process = subprocess.Popen(
            [*PROGRAM, *self.scene.words(name, *words)],
            cwd=self.scene.folder,
            env=environment(PW=SECRET),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        if not self.opened.wait(60):
            process.kill()
            pytest.fail(f"restic never opened it: {process.communicate()}")
        return process

    def wait_until_removed(self) -> None:
        until = time.monotonic() + 60
        while any(self.scene.scratch.iterdir()):
            assert time.monotonic() < until, list(self.scene.scratch.rglob("*"))
            os.sched_yield()


class _Served(BaseHTTPRequestHandler):
    server: Stuck

    def do_HEAD(self) -> None:
        self._send(self._content(), whole=False)

    def do_GET(self) -> None:
        if self.path.startswith("/snapshots/"):
            self.server.opened.set()
            self.server.over.wait(100)
        self._send(self._content(), whole=True)

    def log_message(self, *args: object) -> None:
        pass

    def _content(self) -> bytes | None:
        path = self.server.scene.repository / self.path.strip("/")
        if path.is_dir():
            return json.dumps([each.name for each in path.iterdir()]).encode()
        return path.read_bytes() if path.exists() else None

    def _send(self, content: bytes | None, *, whole: bool) -> None:
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        if whole and content:
            with contextlib.suppress(OSError):  # whoever asked was ended meanwhile
                self.wfile.write(content)


@pytest.fixture
def stuck(scene: Scene) -> Iterator[Stuck]:
    scene.restic_backup()
    with Stuck(scene) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server
        server.over.set()
        server.shutdown()
        serving.join()


@pytest.mark.parametrize("kind", ["local", "ssh"])
def test_ctrl_c_removes_the_scratch_folder(stuck: Stuck, ssh_lab: SshLab, kind: str) -> None:
    name = "here"
    if kind == "ssh":
        name = stuck.scene.add(ssh_entry("web01", ssh_lab.host("sudo"), privilege="sudo"))
    running = stuck.start(name)
    (made,) = stuck.scene.scratch.iterdir()
    mode = made.stat().st_mode & 0o777
    # This machine's own programs have our environment, in which the test puts the password.
    seen = seen_in_processes(SECRET, but=running.pid, environments=kind == "ssh")
    os.kill(running.pid, signal.SIGINT)
    told, complained = running.communicate(timeout=90)
    assert running.returncode == 130, complained
    assert mode == 0o700
    assert seen == []
    assert "was removed" in complained
    assert list(stuck.scene.scratch.iterdir()) == []
    assert SECRET not in told + complained


@pytest.mark.parametrize("kind", ["local", "ssh"])
def test_the_machine_removes_it_by_itself_when_nobody_listens_any_more(
    stuck: Stuck, ssh_lab: SshLab, kind: str
) -> None:
    name = "here"
    if kind == "ssh":
        name = stuck.scene.add(ssh_entry("web01", ssh_lab.host("sudo"), privilege="sudo"))
    running = stuck.start(name)
    running.kill()
    running.communicate(timeout=60)
    stuck.wait_until_removed()


def seen_in_processes(secret: str, *, but: int, environments: bool) -> list[str]:
    """Where a secret stands in what any process but one, and its children, shows of itself."""
    found = []
    for process in psutil.process_iter():
        try:
            shown = process.cmdline()
            if environments and but not in (process.pid, process.ppid()):
                shown += process.environ().values()
        except psutil.Error:
            continue
        found += [f"{process.pid} {shown}" for each in shown if secret in each]
    return found


def test_what_a_backup_holds_cannot_keep_the_scratch_folder(scene: Scene, place: Path) -> None:
    """Folders without rights and setuid files come back, and go again."""
    closed = scene.data / "closed"
    closed.mkdir()
    (closed / "c.txt").write_text("third\n")
    (closed / "c.txt").chmod(0)
    closed.chmod(0)
    scene.restic_backup()
    words = ("--password", "env:PW", "--sample", str(scene.data))
    done = scene.run("here", *scene.by_restic, *words, PW=SECRET)
    assert done.returncode == 0, done.stdout
    assert "4 equal" in done.stdout
