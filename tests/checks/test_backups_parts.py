"""The readers of the check on backups: commands, places, units, restores."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from assessor.api import Captured, Captures, Platform, Record, Role, Target
from assessor.model.target import TransportKind
from checks.backups.commands import Level, actions
from checks.backups.crontab import root_lines
from checks.backups.director import ended_jobs
from checks.backups.jobs import Result, read_jobs, read_texts, timestamp
from checks.backups.listings import read_listings
from checks.backups.places import Place, Whereabouts, whereabouts
from checks.backups.restores import trials


@pytest.mark.parametrize(
    ("command", "tool", "level"),
    [
        ("/usr/bin/restic backup /srv", "restic", Level.COPY_MADE),
        ("restic -r sftp:u@h:/r check", "restic", Level.INDEX_CHECKED),
        ("restic check --read-data", "restic", Level.DATA_READ),
        ("restic check --read-data-subset=1/7", "restic", Level.INDEX_CHECKED),
        ("restic restore latest --target /tmp/x", "restic", Level.DATA_READ),
        ("restic restore latest --target /tmp/x --verify", "restic", Level.RESTORED),
        ("borg create /r::{now} /srv", "borg", Level.COPY_MADE),
        ("borg check --verify-data /r", "borg", Level.DATA_READ),
        ("borg extract --dry-run /r::x", "borg", Level.DATA_READ),
        ("systemd-inhibit --who=borgmatic /usr/bin/borgmatic -v 1", "borgmatic", Level.COPY_MADE),
        ("borgmatic check", "borgmatic", Level.INDEX_CHECKED),
        ("rsnapshot daily", "rsnapshot", Level.COPY_MADE),
        ("duplicity verify --compare-data b2://x /srv", "duplicity", Level.RESTORED),
        ("rclone sync /srv remote:bucket", "rclone", Level.COPY_MADE),
    ],
)
def test_what_a_command_does(command: str, tool: str, level: Level) -> None:
    (action,) = actions(command)
    assert (action.tool, action.level, action.proven) == (tool, level, True)


@pytest.mark.parametrize(
    "command",
    [
        "restic forget --keep-daily 7",
        "borgmatic list",
        "rclone listremotes",
        "ls /srv/borg",
        "",
        "rsync --daemon",
    ],
)
def test_commands_that_make_and_test_nothing(command: str) -> None:
    assert actions(command) == ()


@pytest.mark.parametrize(
    ("command", "proven"),
    [
        ("restic backup /srv && restic forget", True),
        ("cd / && restic backup /srv", True),
        ("restic backup /srv; restic forget", False),
        ("restic backup /srv || true", False),
        ("restic backup /srv | logger", False),
        ("restic backup /srv &", False),
        ("if restic backup /srv", False),
        ("restic backup /srv;", True),
    ],
)
def test_whether_the_end_of_the_line_shows_the_success_of_a_part(
    command: str, proven: bool
) -> None:
    assert [action.proven for action in actions(command)] == [proven]


PLACES = {
    "/": Place("ext4", False, "/dev/sda1"),
    "/srv/r": Place("ext4", False, "/dev/sda1"),
    "/mnt/nas": Place("nfs4", False, "nas:/export"),
    "/mnt/usb": Place("ext4", True, "/dev/sdb1"),
}


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ("/srv/r", Whereabouts.SAME_MACHINE),
        ("/srv/r/", Whereabouts.SAME_MACHINE),
        ("file:///srv/r", Whereabouts.SAME_MACHINE),
        ("/mnt/nas", Whereabouts.NEARBY),
        ("/mnt/usb", Whereabouts.UNCLEAR),
        ("/mnt/away", Whereabouts.UNCLEAR),
        ("sftp:u1@u1.your-storagebox.de:/r", Whereabouts.ELSEWHERE),
        ("sftp:backup@nas:/r", Whereabouts.NEARBY),
        ("sftp://u@192.168.1.4:23//r", Whereabouts.NEARBY),
        ("ssh://u@nas.local/./r", Whereabouts.NEARBY),
        ("ssh://u@[2001:db8::5]:22/./r", Whereabouts.NEARBY),
        ("borg@backup.example.nl:/r", Whereabouts.ELSEWHERE),
        ("rest:https://backup.example.nl/r", Whereabouts.ELSEWHERE),
        ("rest:http://localhost:8000/", Whereabouts.SAME_MACHINE),
        ("rest:http://127.0.0.1:8000/", Whereabouts.SAME_MACHINE),
        ("rest:http://web1:8000/", Whereabouts.SAME_MACHINE),
        ("s3:s3.eu-central-1.amazonaws.com/bucket", Whereabouts.ELSEWHERE),
        ("s3:https://minio.lan:9000/bucket", Whereabouts.NEARBY),
        ("b2:bucket:path", Whereabouts.ELSEWHERE),
        ("rclone:remote:path", Whereabouts.UNCLEAR),
        ("remote:bucket", Whereabouts.UNCLEAR),
        ("", Whereabouts.UNCLEAR),
    ],
)
def test_where_a_backup_goes(destination: str, expected: Whereabouts) -> None:
    assert whereabouts(destination, PLACES, "web1") is expected


def test_times_of_systemd() -> None:
    assert timestamp("Wed 2026-11-25 02:26:58 UTC") == 1795573618
    for other in ("", "n/a", "Wed 2026-11-25 02:26:58 CET", "Wed 2026-13-45 02:26:58 UTC"):
        assert timestamp(other) is None


def _unit(**changes: str) -> tuple[Record, ...]:
    values = {
        "Id": "copy.service",
        "LoadState": "loaded",
        "ActiveState": "inactive",
        "Result": "success",
        "ExecMainStatus": "0",
        "ExecMainExitTimestamp": "Wed 2026-11-25 02:26:58 UTC",
        "ExecStart": "{ path=/x ; argv[]=/usr/bin/restic backup /srv ; ignore_errors=no ; x }",
    }
    return tuple(("service", f"{key}={value}") for key, value in {**values, **changes}.items())


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, Result.SUCCESS),
        ({"Result": "exit-code", "ExecMainStatus": "1", "ActiveState": "failed"}, Result.FAILED),
        ({"Result": "timeout", "ActiveState": "failed"}, Result.FAILED),
        ({"ExecMainExitTimestamp": ""}, Result.NEVER),
        ({"ActiveState": "activating"}, Result.UNSEEN),
        ({"Result": ""}, Result.UNSEEN),
    ],
)
def test_how_a_unit_ended(changes: dict[str, str], result: Result) -> None:
    found = _unit(**changes)
    (job,) = read_jobs(found, read_texts(found))
    assert job.result is result
    assert job.shown(Level.COPY_MADE) is (result is Result.SUCCESS)


def test_a_failure_that_the_unit_ignores_proves_nothing() -> None:
    found = _unit(ExecStart="{ path=restic ; argv[]=restic backup /srv ; ignore_errors=yes ; x }")
    (job,) = read_jobs(found, read_texts(found))
    assert not job.shown(Level.COPY_MADE)


def test_a_script_that_stops_at_errors_proves_what_it_does() -> None:
    lines = (
        ("script", "/usr/local/bin/copy"),
        ("script_line", "text restic backup /srv"),
        ("script_line", "text restic restore latest --verify --target /tmp/x"),
    )
    unit = _unit(ExecStart="{ path=/x ; argv[]=/usr/local/bin/copy ; ignore_errors=no ; x }")
    (loose,) = read_jobs(unit + lines, read_texts(unit + lines))
    assert not loose.shown(Level.COPY_MADE)
    strict = (*unit, lines[0], ("script_line", "errexit"), *lines[1:])
    (job,) = read_jobs(strict, read_texts(strict))
    assert job.shown(Level.COPY_MADE)
    assert job.shown(Level.RESTORED)
    (tried,) = trials(strict, (job,), "vm")
    assert tried.level is Level.RESTORED


def test_a_canary_counts_only_if_its_hash_was_known_before() -> None:
    known, other = "a" * 64, "b" * 64
    made: tuple[Record, ...] = (("canaries", "0 644"), ("canary", known))
    assert [t.time for t in trials((*made, ("restored", f"50 {known}")), (), "vm")] == [50]
    assert trials((*made, ("restored", f"50 {other}")), (), "vm") == ()
    open_to_all: tuple[Record, ...] = (("canaries", "0 666"), *made[1:])
    assert trials((*open_to_all, ("restored", f"50 {known}")), (), "vm") == ()


@pytest.mark.parametrize(
    ("name", "level"),
    [("0f3c/data", Level.DATA_READ), ("0f3c/archives/9a", Level.INDEX_CHECKED)],
)
def test_traces_of_borgmatic(name: str, level: Level) -> None:
    (tried,) = trials((("borgmatic_check", f"77 {name}"),), (), "vm")
    assert (tried.level, tried.time) == (level, 77)


def test_destinations_of_a_borgmatic_file() -> None:
    found: tuple[Record, ...] = (
        ("config", "/etc/borgmatic/config.yaml"),
        ("config_line", "repositories:"),
        ("config_line", "    - path: ssh://a@b.example.nl/./r"),
        ("config_line", "      label: away"),
        ("config_line", "    - /mnt/usb/r"),
        *_unit(ExecStart="{ path=x ; argv[]=/usr/bin/borgmatic ; ignore_errors=no ; x }"),
    )
    (job,) = read_jobs(found, read_texts(found))
    assert job.destinations == ("ssh://a@b.example.nl/./r", "/mnt/usb/r")


def test_timers_tell_whether_a_job_starts_by_itself() -> None:
    timer: tuple[Record, ...] = (
        ("timer", "Unit=copy.service"),
        ("timer", "LastTriggerUSec=Wed 2026-11-25 02:26:58 UTC"),
        ("timer", "Id=copy.timer"),
        ("timer", "ActiveState=inactive"),
    )
    (job,) = read_jobs(timer + _unit(), read_texts(()))
    assert (job.scheduled, job.triggered) == (False, 1795573618)


def _captures(**answers: str) -> Captures:
    now = datetime.now(UTC)
    target = Target("here", Role.SERVER, TransportKind.LOCAL, Platform.LINUX, address="localhost")
    return Captures(
        target, now, {name: Captured(name, text, "", 0, now) for name, text in answers.items()}
    )


SPOOL = "/var/spool/cron/crontabs/root"
OSTYPE = "/proc/sys/kernel/ostype:1:Linux\n"


def test_crontab_of_root_without_its_comments() -> None:
    text = (
        f"{SPOOL}:1:restic backup\n{SPOOL}:4:0 3 * * * \n{SPOOL}:4:restic\n{SPOOL}:4: backup \n"
        f"{SPOOL}:5:@daily\n{SPOOL}:5:/usr/local/sbin/backup.sh\n"
    )
    lines = root_lines(_captures(root_crontab=text + OSTYPE))
    assert lines == ("0 3 * * * restic backup", "@daily /usr/local/sbin/backup.sh")
    assert [job.name for job in read_jobs((), read_texts(()), lines)] == ["crontab(root)"] * 2
    assert root_lines(_captures(root_crontab=text)) == ()
    assert root_lines(_captures(root_crontab="grep: nonsense\n" + OSTYPE)) == ()
    assert root_lines(_captures()) == ()


def test_jobs_of_a_director_for_this_machine_only() -> None:
    log = "/var/log/bacula/bacula.log"
    fields = (
        ("Job", "B.2026"),
        ("Client", '"vm-fd" 15.0'),
        ("End time", "25-Nov-2026 03:00:00"),
        ("Termination", "Backup OK"),
    )
    found = tuple(("bacula", f"{log}   {name}:      {value}") for name, value in fields)
    (job,) = ended_jobs(found, "vm.example.nl")
    assert (job.termination, job.time) == ("Backup OK", 1795575600)
    assert ended_jobs(found, "vm2") == ()
    assert ended_jobs(found[:1] + found[2:], "vm") == ()


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ('[{"name":"m","backup":[{"error":false,"timestamp":{"stop":99}}]}]', "pgbackrest"),
        ('[{"name":"m","backup":[{"error":true,"timestamp":{"stop":99}}]}]', ""),
        (
            '[{"backup-id":"vm","backup-type":"host","backup-time":99,"size":1}]',
            "proxmox-backup-client",
        ),
        ('[{"backup-id":"vm","backup-type":"host","backup-time":99}]', ""),
        ('[{"source":{"host":"vm"},"endTime":"1970-01-01T00:01:39Z"}]', "kopia"),
        ('[{"source":{"host":"vm"},"endTime":"1970-01-01T00:01:39Z","incomplete":"x"}]', ""),
        ('[{"source":{"host":"other"},"endTime":"1970-01-01T00:01:39Z"}]', ""),
        ("[1, null]", ""),
        ("[" * 100_000, ""),
    ],
)
def test_listings_of_several_programs(text: str, tool: str) -> None:
    found = (("listing", "0 644 100 /l.json"), ("listing_line", text))
    good, bad = read_listings(found, "vm")
    assert [(one.tool, one.time) for one in good] == ([(tool, 99)] if tool else [])
    assert bad == (() if tool else ("/l.json",))


def test_repositories_of_pgbackrest() -> None:
    path = "/etc/pgbackrest.conf"
    for lines, expected in (
        (("repo1-path=/var/lib/pgbackrest",), ("/var/lib/pgbackrest",)),
        (("repo1-host=pg.example.nl", "repo1-path=/x"), ("ssh://pg.example.nl",)),
        (("repo1-azure-container=klanten",), ("azure:klanten",)),
    ):
        found = (("config", path), *(("config_line", line) for line in lines))
        assert read_texts(found).by_tool["pgbackrest"] == expected
