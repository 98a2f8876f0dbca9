"""Real lm-sensors and the kernel's way of showing sensors; the sensors themselves are files."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.api import Captured, Judgement, Outcome
from tests.checks.realhost import RealHost
from tests.checks.scenario import need, play, script

SCRIPT = script("server_room", "linux_climate.sh")
SCENARIO = """
mount --bind "$CLASSES" /sys/class
ask answer "$SCRIPT"
echo "== done"
"""
WITHOUT_TOOL = """
for folder in /usr/bin /bin; do
    [ -e $folder/sensors ] && mount --bind /dev/null $folder/sensors
done
"""
CHIPS = {
    "room": ("sht3x", {"temp1_input": 23_450, "humidity1_input": 45_200}),
    "warm": ("sht3x", {"temp1_input": 36_100, "humidity1_input": 45_200}),
    "damp": ("sht3x", {"temp1_input": 23_450, "humidity1_input": 91_000}),
    "broken": ("sht3x", {"temp1_input": -127_000}),
    "processor": ("coretemp", {"temp1_input": 71_000}),
}
TRUTH = {
    "room": (Outcome.PASS, "in_bounds"),
    "warm": (Outcome.FAIL, "too_warm"),
    "damp": (Outcome.FAIL, "too_humid"),
    "broken": (Outcome.UNKNOWN, "not_believable"),
    "processor": (Outcome.NOT_APPLICABLE, "only_inside"),
}


def _classes(folder: Path, chip: str) -> Path:
    """A folder to stand for ``/sys/class``, with one chip beside the processor's."""
    name, values = CHIPS[chip]
    for number, (own, inputs) in enumerate(((name, values), CHIPS["processor"])):
        place = folder / "hwmon" / f"hwmon{number}"
        place.mkdir(parents=True)
        (place / "name").write_text(f"{own}\n", encoding="ascii")
        for file, value in inputs.items():
            (place / file).write_text(f"{value}\n", encoding="ascii")
    return folder


def _judge(answer: str) -> Judgement:
    host = RealHost("server_room")
    captured = Captured("climate", answer, "", 0, datetime.now(UTC))
    return host.judge(captured)["climate-control"]


@pytest.mark.parametrize("chip", TRUTH)
@pytest.mark.parametrize("tool", ["lm-sensors", "kernel"])
def test_verdict_follows_the_sensor(chip: str, tool: str, tmp_path: Path) -> None:
    if tool == "lm-sensors":
        need(sensors="lm-sensors")
        text = SCENARIO
    else:
        need()
        text = WITHOUT_TOOL + SCENARIO
    answer = play(text, CLASSES=_classes(tmp_path / "class", chip), SCRIPT=SCRIPT)["answer"]

    judged = _judge(answer)

    assert ("virtual" in answer) is (tool == "lm-sensors")
    assert (judged.outcome, judged.message.id) == TRUTH[chip], answer


UPS = """
mount --bind "$SETTINGS" /etc/nut
mkdir /run/nut
/lib/nut/dummy-ups -a source -u root -D >/dev/null 2>&1 &
upsd -u root -D >/dev/null 2>&1 &
until_true upsc source@localhost ups.status
ask simulated "$SCRIPT"
/lib/nut/dummy-ups -a shop -u root -D >/dev/null 2>&1 &
until_true upsc shop@localhost ambient.temperature
ask ups "$SCRIPT"
echo "== done"
"""


def test_the_sensor_of_a_real_server_of_nut(tmp_path: Path) -> None:
    need(upsd="nut-server", upsc="nut-client")
    for name, text in {
        "ups.conf": "[source]\n driver = dummy-ups\n port = source.dev\n mode = dummy-loop\n"
        "[shop]\n driver = dummy-ups\n port = source@localhost\n mode = repeater\n",
        "source.dev": "ups.status: OL\nambient.temperature: 22.5\nambient.humidity: 44.0\n",
        "upsd.conf": "LISTEN 127.0.0.1 3493\n",
        "upsd.users": "",
        "nut.conf": "MODE=standalone\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="ascii")

    answers = play(UPS, SETTINGS=tmp_path, SCRIPT=SCRIPT)

    assert "nut-" not in answers["simulated"]
    judged = _judge(answers["ups"])
    assert judged.outcome is Outcome.PASS
    assert judged.message.facts == {"sensor": "nut-shop ambient.temperature", "value": 22.5}
