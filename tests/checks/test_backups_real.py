"""The check on backups against real restic and Borg repositories, fresh and aged."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assessor.model.capture import Captured
from assessor.model.finding import Judgement, Outcome
from tests.checks.realhost import RealHost, available_shells, needs_replacing

DAY_S = 86_400
SECRETS = ("hunter2", "zeer-geheim", "tok-123")

needs_restic = pytest.mark.skipif(shutil.which("restic") is None, reason="needs restic")
needs_borg = pytest.mark.skipif(shutil.which("borg") is None, reason="needs borg (borgbackup)")


class Machine:
    """This machine with an /etc, a /srv and a /var/lib/assess of our own."""

    def __init__(self, folder: Path) -> None:
        self.etc, self.srv = folder / "etc", folder / "srv"
        self.lib, self.home = folder / "lib", folder / "home"
        for path in (self.etc / "restic", self.etc / "cron.d", self.lib, self.srv / "data"):
            path.mkdir(parents=True)
        # Debian finds awk and others through this folder.
        shutil.copytree("/etc/alternatives", self.etc / "alternatives", symlinks=True)
        (self.etc / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:::\n")
        (self.srv / "data" / "letter").write_text("dear customer\n")
        self.home.mkdir()

    def host(self) -> RealHost:
        return RealHost("backups", {"/var/lib": self.lib, "/etc": self.etc, "/srv": self.srv})

    def tool(self, *words: str) -> str:
        """Runs a backup program with a password and a home of its own."""
        done = subprocess.run(
            words,
            capture_output=True,
            text=True,
            timeout=100,
            check=True,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.home),
                "RESTIC_PASSWORD": "hunter2",
                "BORG_PASSPHRASE": "hunter2",
            },
        )
        return done.stdout

    def judge(
        self, parameters: Mapping[str, int] | None = None, *, user: str | None = None
    ) -> dict[str, Judgement]:
        return self.host().judge(self.host().run("backups", user=user), parameters=parameters)

    def leave(self, name: str, text: str, mode: int = 0o644) -> None:
        """Leaves a listing, as a job may do."""
        folder = self.lib / "assess" / "backups"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
        (folder / name).chmod(mode)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def restic(machine: Machine) -> Path:
    """An empty restic repository in /srv that a settings file names."""
    path = machine.srv / "restic"
    machine.tool("restic", "-q", "-r", str(path), "init")
    (machine.etc / "restic" / "server.env").write_text("RESTIC_REPOSITORY=/srv/restic\n")
    return path


@pytest.fixture
def borg(machine: Machine) -> Path:
    """A Borg repository with one archive, that a settings file names."""
    path = machine.srv / "borg"
    machine.tool("borg", "init", "-e", "repokey", str(path))
    machine.tool("borg", "create", f"{path}::first", str(machine.srv / "data"))
    (machine.etc / "default").mkdir()
    (machine.etc / "default" / "borg").write_text("BORG_REPO=/srv/borg\n")
    return path


def _backup(machine: Machine, repository: Path) -> None:
    machine.tool("restic", "-q", "-r", str(repository), "backup", str(machine.srv / "data"))


def _age(paths: list[Path], days: float) -> None:
    then = time.time() - days * DAY_S
    assert paths
    for path in paths:
        os.utime(path, (then, then))


@needs_replacing
@needs_restic
def test_fresh_restic_repository(machine: Machine, restic: Path) -> None:
    _backup(machine, restic)
    found = machine.judge()
    assert found["backup"].outcome is Outcome.PASS
    assert found["backup"].message.facts["source"] == "/srv/restic"
    assert found["offsite-backup"].message.id == "same_machine"
    assert found["restore-test"].message.id == "no_test_seen"


@needs_replacing
@needs_restic
@pytest.mark.parametrize(
    ("age_days", "interval_days", "outcome"),
    [
        (1.4, 1, Outcome.PASS),
        (1.6, 1, Outcome.FAIL),
        (3, 1, Outcome.FAIL),
        (3, 7, Outcome.PASS),
        (8, 7, Outcome.FAIL),
    ],
)
def test_aged_restic_repository(
    machine: Machine, restic: Path, age_days: float, interval_days: int, outcome: Outcome
) -> None:
    _backup(machine, restic)
    _age(list((restic / "snapshots").iterdir()), age_days)
    found = machine.judge({"interval_days": interval_days})["backup"]
    assert found.outcome is outcome
    if outcome is Outcome.FAIL:
        assert (found.message.id, found.message.facts["days"]) == ("too_old", int(age_days))


@needs_replacing
@needs_restic
def test_newest_snapshot_counts_and_an_unfinished_one_does_not(
    machine: Machine, restic: Path
) -> None:
    _backup(machine, restic)
    _age(list((restic / "snapshots").iterdir()), 30)
    # restic writes under another name first, and gives it its own when it is whole.
    (restic / "snapshots" / "0123456789-tmp-42").write_text("half")
    assert machine.judge()["backup"].message.facts["days"] == 30
    _backup(machine, restic)
    assert machine.judge()["backup"].outcome is Outcome.PASS


@needs_replacing
@needs_restic
def test_empty_restic_repository(machine: Machine, restic: Path) -> None:
    found = machine.judge()["backup"]
    assert (found.outcome, found.message.id) == (Outcome.FAIL, "never_succeeded")
    assert found.message.facts["repository"] == "/srv/restic"


@needs_replacing
@needs_restic
def test_closed_restic_repository(machine: Machine, restic: Path) -> None:
    _backup(machine, restic)
    (machine.etc / "cron.d" / "backup").write_text(
        "0 3 * * * root restic -r /srv/restic backup /srv/data\n"
    )
    restic.chmod(0o700)
    found = machine.judge(user="65534")["backup"]
    assert (found.outcome, found.message.id) == (Outcome.UNKNOWN, "result_not_seen")
    assert "/srv/restic" in found.observed["not_readable"]  # type: ignore[operator]


@needs_replacing
@needs_restic
def test_repository_that_no_setting_names_is_no_evidence(machine: Machine, restic: Path) -> None:
    _backup(machine, restic)
    (machine.etc / "restic" / "server.env").unlink()
    assert machine.judge()["backup"].outcome is Outcome.UNKNOWN


@needs_replacing
@needs_restic
def test_listing_that_restic_wrote(machine: Machine, restic: Path) -> None:
    _backup(machine, restic)
    listing = machine.tool("restic", "-r", str(restic), "--no-lock", "snapshots", "--json")
    (machine.etc / "restic" / "server.env").unlink()
    machine.leave("restic.json", listing)
    assert machine.judge()["backup"].outcome is Outcome.PASS
    machine.leave("restic.json", listing, 0o666)
    assert machine.judge()["backup"].message.id == "listing_not_trusted"
    machine.leave("restic.json", listing.replace('"hostname":"', '"hostname":"other-'))
    assert machine.judge()["backup"].message.id == "listing_not_trusted"


@needs_replacing
@needs_borg
def test_fresh_borg_repository_shows_a_change_but_no_backup(machine: Machine, borg: Path) -> None:
    found = machine.judge()["backup"]
    assert (found.outcome, found.message.id) == (Outcome.UNKNOWN, "result_not_seen")


@needs_replacing
@needs_borg
def test_aged_borg_repository(machine: Machine, borg: Path) -> None:
    _age(list(borg.glob("index.*")), 5)
    found = machine.judge()["backup"]
    assert (found.outcome, found.message.id) == (Outcome.FAIL, "too_old")
    assert found.message.facts["days"] == 5


@needs_replacing
@needs_borg
def test_listing_that_borg_wrote(machine: Machine, borg: Path) -> None:
    listing = machine.tool("borg", "info", "--json", "--last", "1", str(borg))
    # In the machine's own view the repository is below /srv.
    machine.leave("borg.json", listing.replace(str(machine.srv), "/srv"))
    found = machine.judge()
    assert found["backup"].outcome is Outcome.PASS
    assert found["backup"].message.facts["source"] == "/var/lib/assess/backups/borg.json"
    assert found["offsite-backup"].message.id == "same_machine"


@needs_replacing
def test_no_secret_is_printed(machine: Machine) -> None:
    (machine.etc / "cron.d" / "backup").write_text(
        "RESTIC_PASSWORD=hunter2\n"
        "0 1 * * * root RESTIC_PASSWORD='zeer-geheim hunter2' restic -r /srv/r backup /srv\n"
        "0 2 * * * root restic -r rest:https://me:zeer-geheim@backup.example.nl/r backup /srv\n"
        "0 3 * * * root mysqldump -uroot -pzeer-geheim shop >/backup/shop.sql\n"
        '0 4 * * * root rclone sync /backup b: --header "Authorization: Bearer tok-123"\n'
        "0 5 * * * root borg create --token tok-123 ssh://nas.local/r::x /srv\n"
    )
    (machine.etc / "restic" / "a.env").write_text(
        "RESTIC_REPOSITORY=rest:https://me:hunter2@backup.example.nl/r\nRESTIC_PASSWORD=hunter2\n"
    )
    answer = machine.host().run("backups")
    assert "restic -r rest:https://backup.example.nl/r backup" in answer.stdout
    for secret in SECRETS:
        assert secret not in answer.stdout


@needs_replacing
@needs_restic
def test_every_shell_gives_the_same_answer(machine: Machine, restic: Path) -> None:
    _backup(machine, restic)
    script = machine.etc / "cron.d" / "backup"
    script.write_text("0 3 * * * root restic -r /srv/restic backup /srv/data\n")
    answers = []
    for shell in available_shells():
        answer = machine.host().run("backups", shell=shell)
        assert answer.stderr == "", shell
        lines = answer.stdout.splitlines()
        assert lines[-2:] == ["complete", f"end {len(lines) - 1}"], shell
        answers.append([x for x in lines if not x.startswith(("now ", "uptime "))])
    if not answers:
        pytest.skip("none of dash, busybox and bash is installed")
    assert all(answer == answers[0] for answer in answers)
    assert any(line.startswith("repository restic 1 ") for line in answers[0])


def test_of_roots_crontab_no_secret_is_asked_for(tmp_path: Path) -> None:
    table = tmp_path / "root"
    table.write_text(
        "# 0 1 * * * restic backup /nope\n"
        "RESTIC_PASSWORD=hunter2\n"
        "0 3 * * * RESTIC_PASSWORD=hunter2 restic -q -r sftp:root@b.example.nl:/s backup /home\n"
        "@daily /usr/local/sbin/backup.sh --token tok-123\n"
        "30 4 * * 0 rclone sync /data rest:https://me:zeer-geheim@x.example/b\n"
    )
    host = RealHost("backups")
    probe = host.probe("root_crontab")
    words = [
        word.replace("/var/spool/cron/crontabs/root", str(table))
        for word in shlex.split(probe.text)
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
    for secret in SECRETS:
        assert secret not in done.stdout
    text = done.stdout.replace(str(table), "/var/spool/cron/crontabs/root")
    answer = Captured("root_crontab", text, "", done.returncode, datetime.now(UTC))
    judged = host.judge(host.run("backups"), answer)["offsite-backup"]
    assert "sftp:root@b.example.nl:/s (elsewhere)" in judged.observed["destinations"]  # type: ignore[operator]


@needs_replacing
@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("duplicity-full.{stamp}.manifest.gpg", Outcome.PASS),
        ("duplicity-inc.20200101T000000Z.to.{stamp}.manifest.gpg", Outcome.PASS),
        ("duplicity-full.20200101T000000Z.manifest.gpg", Outcome.UNKNOWN),
        ("duplicity-full.{stamp}.vol1.difftar.gpg", Outcome.UNKNOWN),  # not whole yet
        ("rdiff-backup-data/current_mirror.{iso}.data", Outcome.PASS),
    ],
)
def test_repository_whose_files_bear_the_time(
    machine: Machine, name: str, outcome: Outcome
) -> None:
    then = datetime.now(UTC) - timedelta(hours=2)
    named = name.format(
        stamp=then.strftime("%Y%m%dT%H%M%SZ"), iso=then.isoformat(timespec="seconds")
    )
    path = machine.srv / "copies" / named
    path.parent.mkdir(parents=True)
    path.touch()
    (machine.etc / "cron.d" / "backup").write_text(
        "0 3 * * * root duplicity /home file:///srv/copies\n"
    )
    assert machine.judge()["backup"].outcome is outcome
