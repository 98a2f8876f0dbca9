"""Schedules of several folders, of a user, of cron; secrets; and nothing is left of them."""

from __future__ import annotations

import re
from pathlib import Path

from assessor.history.schedule.envfile import parse
from tests.machines.scheduled import (
    GATE,
    ROOT,
    SETTINGS,
    Place,
    place,
)

__all__ = ["place"]  # a fixture


def test_secrets_come_from_the_file_and_from_the_credential_that_were_named(place: Place) -> None:
    secrets = (
        "{password: {env: LAB_SECRET}, sudo_password: "
        '{command: [sh, -c, cat "$CREDENTIALS_DIRECTORY/sudo"]}}'
    )
    place.sh("cp assessment.yaml kept; umask 077; echo over-there >/srv/sudo; rm -rf runs")
    place.machine.write("/srv/lab.env", 'LAB_SECRET="p w $HOME %h # x"\n')
    place.machine.write("/srv/settings", SETTINGS.replace("SECRETS", secrets))
    place.sh("cat /srv/settings >assessment.yaml")
    words = ("schedule", "install", "--weekly", "--environment-file", "/srv/lab.env")
    rest = ("--credential", "sudo=/srv/sudo", "--", "--checks", "checks")
    try:
        place.sh("chmod 644 /srv/lab.env")
        refused = place.assess(*words, *rest)
        assert refused.code == 2
        assert "chmod 600" in refused.out
        place.sh("chmod 600 /srv/lab.env")
        done = place.assess(*words, *rest)
        assert done.code == 0, done.out
        assert "not set there" not in done.out
        name = place.status()["installed"]["name"]
        place.machine.write(
            "/srv/probe",
            "#!/bin/sh\nenv | grep -c '^LAB_SECRET=p w $HOME %h # x$'\n"
            'cat "$CREDENTIALS_DIRECTORY/sudo"\n',
            0o755,
        )
        place.machine.write(
            f"/run/systemd/system/{name}.service.d/probe.conf",
            "[Service]\nExecStartPre=/srv/probe\n",
        )
        place.sh("systemctl daemon-reload")
        done = place.assess("schedule", "run-now")
        assert done.code in {0, 1, 3}, place.sh(f"journalctl -u {name}.service")
        seen = place.sh(f"journalctl -o cat -u {name}.service -t probe")
        assert seen.splitlines() == ["1", "over-there"]
        where = ".assess runs /etc/systemd/system /var/lib/systemd"
        assert place.sh(f"grep -rlaF -e 'p w $HOME' -e over-there {where} || :") == ""
    finally:
        place.sh("rm -rf /run/systemd/system/assess-*; mv kept assessment.yaml")
        place.assess("schedule", "remove")


def test_a_file_of_variables_means_to_assess_what_it_means_to_systemd(place: Place) -> None:
    text = (
        "# a comment\n; another\n\nONE=plain\nTWO = no name\nTHREE=with spaces within  \n"
        "FOUR='single $x %h # '\nFIVE=\"double ' ` $y \"\nSIX=\nSEVEN=a#b\nEIGHT=é\n"
    ).replace("TWO = no name\n", "")
    place.machine.write("/srv/variables", text, 0o600)
    out = place.sh(
        "systemd-run --quiet --pipe --wait -p EnvironmentFile=/srv/variables "
        "sh -c 'env | grep -E \"^(ONE|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT)=\"'"
    )
    read = dict(line.split("=", 1) for line in out.splitlines())
    assert read == parse(text, Path("variables"))


def test_two_folders_do_not_get_in_each_others_way_and_nothing_is_left(place: Place) -> None:
    place.sh("rm -rf /srv/other; mkdir -p /srv/other; cp -r . /srv/other/bakker; rm -rf runs")
    place.sh("chown -R assess: /srv/other")
    other = Place(place.machine, "/srv/other/bakker")
    before = place.sh("find /etc /var/lib/systemd -newer /etc/hostname -o -name 'assess*' | sort")
    names = set()
    for each in (place, other):
        done = each.assess("schedule", "install", "--weekly", "--", "--checks", "checks")
        assert done.code == 0, done.out
        names.add(each.status()["installed"]["name"])
    assert len(names) == 2
    # A copy of a folder with a schedule has none; removing "its" leaves the other's alone.
    place.sh("cp -rp /srv/other/bakker /srv/other/copy")
    copy = Place(place.machine, "/srv/other/copy")
    assert copy.status() == {"installed": None}
    copy.assess("schedule", "remove")
    assert other.status()["active"] is True
    # A folder that was moved takes its schedule away under its old name.
    place.sh("mv /srv/other/bakker /srv/other/moved")
    moved = Place(place.machine, "/srv/other/moved")
    told = moved.assess("schedule", "status")
    assert told.code == 1
    assert "the folder was moved here from /srv/other/bakker" in told.out
    assert moved.assess("schedule", "remove").out == "Removed.\n"
    assert place.status()["active"] is True
    assert place.assess("schedule", "remove").code == 0
    assert before == place.sh(
        "find /etc /var/lib/systemd -newer /etc/hostname -o -name 'assess*' | sort"
    )
    assert place.sh("systemctl list-units --all --no-legend 'assess-*'") == ""
    assert "schedule" not in place.sh("ls .assess 2>/dev/null || :")


def test_the_systemd_of_a_user(place: Place) -> None:
    place.open_gate()
    place.sh(
        "uid=$(id -u assess); mkdir -p /run/user/$uid; chown assess /run/user/$uid\n"
        "chmod 700 /run/user/$uid\n"
        "systemd-run --quiet --unit=users --uid=assess -p Type=notify -p NotifyAccess=all "
        "-p Delegate=yes -E XDG_RUNTIME_DIR=/run/user/$uid -E HOME=/home/assess "
        "/lib/systemd/systemd --user"
    )
    words = ("schedule", "install", "--cron", "30 9 * * 1-5", "--", "--checks", "checks")
    done = place.assess(*words, user="assess")
    assert done.code == 0, done.out
    assert "loginctl enable-linger" in done.out
    told = place.assess("schedule", "status", user="assess")
    assert told.code == 0
    assert "by a timer of this user's systemd" in told.out
    done = place.assess("schedule", "run-now", user="assess")
    assert done.code in {0, 1, 3}, done.out
    refused = place.assess("schedule", "remove")
    assert refused.code == 2
    assert "do this as assess" in refused.out
    total = place.sh(
        "systemd-analyze security --no-pager --offline=yes "
        "$(ls /home/assess/.config/systemd/user/assess-*.service | grep -v failed)"
    )
    (score,) = re.findall(r"exposure level for \S+: ([\d.]+)", total)
    assert f"**{score}**" in (ROOT / "docs/schedule.md").read_text()
    assert place.assess("schedule", "remove", user="assess").code == 0
    left = place.sh("find /home/assess/.config /home/assess/.local -name '*assess-*' || :")
    assert "assess-" not in left.replace("/home/assess/", "")
    place.sh("systemctl stop users.service")


def test_cron_starts_what_is_due_and_says_nothing_when_nothing_is(place: Place) -> None:
    place.open_gate()
    place.sh("rm -rf runs; echo '5 5 * * * true # mine' | crontab -u assess -")
    words = ("schedule", "install", "--monthly", "--with", "cron", "--", "--checks", "checks")
    done = place.assess(*words, user="assess")
    assert done.code == 0, done.out
    (mine, line) = place.sh("crontab -u assess -l").splitlines()
    assert mine == "5 5 * * * true # mine"
    place.move_back()
    # Cron itself starts it, at the next full minute instead of once an hour.
    place.close_gate()
    place.machine.write("/srv/table", f"{mine}\n*{line[line.index(' ') :]}\n")
    out = place.sh(
        "crontab -u assess /srv/table; systemctl start cron\n"
        f"timeout 90 sh -c 'echo go >{GATE}' || echo rc=$?\n"
        "timeout 60 flock .assess/schedule.lock true || echo rc=$?"
    )
    assert "rc=" not in out, place.sh("journalctl -u cron; cat .assess/schedule*; ps axf")
    assert len(place.runs()) == 1
    assert place.status()["last"]["ending"] == "ended"
    quiet = place.assess("schedule", "run", "--if-due", user="assess")
    assert (quiet.code, quiet.out) == (0, "")
    assert place.assess("schedule", "remove", user="assess").code == 0
    assert place.sh("crontab -u assess -l") == "5 5 * * * true # mine\n"


def test_the_crontab_of_the_machine(place: Place) -> None:
    words = ("schedule", "install", "--monthly", "--with", "cron", "--", "--checks", "checks")
    assert place.assess(*words).code == 0
    written = place.sh("cat /etc/cron.d/assess-*")
    assert re.search(r"^\d+ \* \* \* \* assess /usr/local/bin/assess schedule", written, re.M)
    refused = place.assess("schedule", "run-now")
    assert refused.code == 2
    assert "run it as the owner" in refused.out
    assert place.assess("schedule", "remove").code == 0
    assert place.sh("ls /etc/cron.d | grep assess || :") == ""
