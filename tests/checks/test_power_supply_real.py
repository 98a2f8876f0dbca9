"""A real server of NUT with a UPS that its dummy driver plays, and a real apcaccess."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.api import Captured, Judgement, Outcome
from tests.checks.realhost import RealHost
from tests.checks.scenario import need, play, script

SCENARIO = r"""
mount --bind "$SETTINGS" /etc/nut
mkdir /run/nut
source_plays() { [ "$(upsc source@localhost ups.status)" = "OL CHRG" ]; }
status_is() { [ "$(upsc shop@localhost ups.status)" = "$1" ]; }
value_is() { [ "$(upsc shop@localhost "$1")" = "$2" ]; }
set_to() { sed -i "s#^$1: .*#$1: $2#" /etc/nut/source.dev; }
logged_in() { upsc -c shop@localhost | grep -q .; }
shutting_down() { upsc shop@localhost ups.status | grep -q FSD; }
gone() { ! upsc shop@localhost ups.status; }

ask silent "$SCRIPT"
/lib/nut/dummy-ups -a source -u root -D >/dev/null 2>&1 &
upsd -u root -D >/dev/null 2>&1 &
until_true source_plays
ask not_started "$SCRIPT"
/lib/nut/dummy-ups -a shop -u root -D >/dev/null 2>&1 &
shop=$!
until_true status_is "OL CHRG"
ask not_guarded "$SCRIPT"
upsmon -D -u root >/dev/null 2>&1 &
until_true logged_in
ask in_order "$SCRIPT"
for status in "OB DISCHRG" "OL RB" "OL BYPASS" "OFF"; do
    set_to ups.status "$status"
    until_true status_is "$status"
    ask "$status" "$SCRIPT"
done
set_to ups.status OL
set_to battery.runtime 95
until_true value_is battery.runtime 95
until_true status_is OL
ask too_short "$SCRIPT"
set_to battery.runtime 2400
set_to ups.test.result "Done and error"
until_true value_is ups.test.result "Done and error"
until_true value_is battery.runtime 2400
ask test_failed "$SCRIPT"
set_to ups.status "OB DISCHRG LB"
until_true shutting_down
ask shutting_down "$SCRIPT"
kill $shop
until_true gone
ask no_contact "$SCRIPT"
echo "== done"
"""
TRUTH = {
    "silent": (Outcome.UNKNOWN, "program_silent"),
    "not_started": (Outcome.UNKNOWN, "no_contact"),
    "not_guarded": (Outcome.FAIL, "not_guarded"),
    "in_order": (Outcome.PASS, "in_order"),
    "OB DISCHRG": (Outcome.UNKNOWN, "on_battery"),
    "OL RB": (Outcome.FAIL, "replace_battery"),
    "OL BYPASS": (Outcome.FAIL, "bypassed"),
    "OFF": (Outcome.FAIL, "switched_off"),
    "too_short": (Outcome.FAIL, "too_short"),
    "test_failed": (Outcome.FAIL, "test_failed"),
    # On an empty battery a real upsmon has the machine shut down (here by "true").
    "shutting_down": (Outcome.FAIL, "shutting_down"),
    "no_contact": (Outcome.UNKNOWN, "no_contact"),
}
SETTINGS = {
    # A second driver repeats the first, as for a UPS at another server: so it is not simulated.
    "ups.conf": """\
pollinterval = 1
[source]
 driver = dummy-ups
 port = source.dev
 mode = dummy-loop
[shop]
 driver = dummy-ups
 port = source@localhost
 mode = repeater
""",
    "source.dev": """\
ups.status: OL CHRG
battery.charge: 100
battery.runtime: 2400
battery.date: 2001/01/01
ups.model: Ellipse PRO 850
ups.test.result: Done and passed
""",
    "upsd.conf": "LISTEN 127.0.0.1 3493\n",
    "upsd.users": "[mon]\n password = a-secret\n upsmon primary\n",
    "upsmon.conf": """\
MONITOR shop@localhost 1 mon a-secret primary
MINSUPPLIES 1
SHUTDOWNCMD "true"
RUN_AS_USER root
POWERDOWNFLAG /run/killpower
""",
    "nut.conf": "MODE=standalone\n",
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the script answered in each state of the UPS."""
    need(upsd="nut-server", upsc="nut-client", upsmon="nut-client")
    settings = tmp_path_factory.mktemp("nut")
    for name, text in SETTINGS.items():
        (settings / name).write_text(text, encoding="ascii")
    return play(SCENARIO, SETTINGS=settings, SCRIPT=script("power_supply", "linux_ups.sh"))


def _judge(answer: str) -> Judgement:
    host = RealHost("power_supply")
    return host.judge(Captured("ups", answer, "", 0, datetime.now(UTC)))["ups"]


@pytest.mark.parametrize("case", TRUTH)
def test_verdict_follows_the_supply(answers: dict[str, str], case: str) -> None:
    judged = _judge(answers[case])

    assert (judged.outcome, judged.message.id) == TRUTH[case], answers[case]


def test_the_password_is_not_shown(answers: dict[str, str]) -> None:
    assert "a-secret" not in "".join(answers.values())


def test_the_runtime_is_shown(answers: dict[str, str]) -> None:
    judged = _judge(answers["in_order"])

    assert judged.message.facts == {"ups": "shop (Ellipse PRO 850)", "minutes": 40}
    assert judged.advice == ()


NIS = r"""
import socket, struct, sys
status = sys.argv[1].encode().split(b"|")
server = socket.create_server(("127.0.0.1", 3551))
while True:
    connection, _ = server.accept()
    connection.recv(64)
    for line in status:
        connection.sendall(struct.pack(">H", len(line) + 1) + line + b"\n")
    connection.sendall(struct.pack(">H", 0))
    connection.close()
"""
APC = (
    "APC      : 001,037,0948|MODEL    : Back-UPS BX1500G |STATUS   : {status} "
    "|TIMELEFT : 36.8 Minutes|SELFTEST : OK|END APC  : 2026-11-28 13:30:01 +0000"
)
APC_TRUTH = {
    "ONLINE": (Outcome.PASS, "in_order"),
    "ONLINE REPLACEBATT": (Outcome.FAIL, "replace_battery"),
    "COMMLOST": (Outcome.UNKNOWN, "no_contact"),
    "ONBATT": (Outcome.UNKNOWN, "on_battery"),
}


@pytest.mark.parametrize("status", APC_TRUTH)
def test_a_real_apcaccess(status: str, tmp_path: Path) -> None:
    """Its daemon needs a device; a small server speaks the daemon's protocol in its place."""
    need(apcaccess="apcupsd", python3="python3")
    (tmp_path / "nis.py").write_text(NIS, encoding="ascii")
    answers = play(
        'python3 "$SERVER" "$STATUS" &\nuntil_true apcaccess status localhost:3551\n'
        'ask answer "$SCRIPT"\necho "== done"\n',
        SERVER=tmp_path / "nis.py",
        STATUS=APC.format(status=status),
        SCRIPT=script("power_supply", "linux_ups.sh"),
    )

    judged = _judge(answers["answer"])

    assert (judged.outcome, judged.message.id) == APC_TRUTH[status], answers["answer"]
