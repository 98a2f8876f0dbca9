"""Damaged output of the disk probes: never a crash, and no ``pass`` without what it rests on."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping

import pytest

from assessor import bundled
from assessor.api import Captured, Captures, Judgement, Outcome, Parameters
from assessor.catalogue.manifest import read_check
from assessor.catalogue.samples import Sample, read_samples
from checks.disk_encryption.check import CHECK

INFO = read_check(bundled.folder("checks") / "disk_encryption", "bundled")
SAMPLES = {sample.name: sample for sample in read_samples(INFO)}
PASSING = [
    name
    for name, sample in SAMPLES.items()
    if sample.expect["disk-encryption"].outcome is Outcome.PASS
]


def _judge(sample: Sample, texts: Mapping[str, str]) -> Judgement:
    by_probe = dict(sample.captures.by_probe)
    for name, text in texts.items():
        capture = by_probe[name]
        assert isinstance(capture, Captured)
        by_probe[name] = dataclasses.replace(capture, stdout=text)
    captures = Captures(sample.captures.target, sample.captures.at, by_probe)
    (judgement,) = CHECK.evaluate(CHECK.observe(captures), Parameters({}))
    return judgement


def _texts(sample: Sample) -> dict[str, str]:
    return {
        name: capture.stdout
        for name, capture in sample.captures.by_probe.items()
        if isinstance(capture, Captured) and capture.stdout
    }


@pytest.mark.parametrize("name", PASSING)
def test_no_pass_on_any_cut_of_the_script_s_answer(name: str) -> None:
    sample = SAMPLES[name]
    text = _texts(sample)["disks"].rstrip("\n")
    for length in range(len(text)):
        assert _judge(sample, {"disks": text[:length]}).outcome is Outcome.UNKNOWN


def test_no_cut_of_dmsetup_s_answer_hides_a_mapping_without_a_cipher() -> None:
    sample = SAMPLES["null_cipher"]
    text = _texts(sample)["dm_crypt"].rstrip("\n")
    for length in range(len(text)):
        assert _judge(sample, {"dm_crypt": text[:length]}).outcome is not Outcome.PASS


@pytest.mark.parametrize("name", PASSING)
def test_no_pass_without_the_lines_that_show_encryption(name: str) -> None:
    """Every line that says how a device is encrypted is needed."""
    sample = SAMPLES[name]
    lines = _texts(sample)["disks"].splitlines(keepends=True)
    for number, line in enumerate(lines):
        if "uuid=CRYPT-" in line or line.startswith("zfs aes") or line == "swaps readable\n":
            without = "".join(lines[:number] + lines[number + 1 :])
            used = line.split(" ")[-1].strip() not in ("rpool", "tank")  # not mounted themselves
            assert not used or _judge(sample, {"disks": without}).outcome is not Outcome.PASS, line


def _mutations(text: str, chance: random.Random) -> list[str]:
    lines = text.splitlines(keepends=True)
    places = [chance.randrange(len(text)) for _ in range(6)]
    flipped = list(text)
    for place in places:
        flipped[place] = chr(chance.choice((0, 9, 10, 32, 45, 47, 61, 92, 0xFFFD, 0x1F600)))
    shuffled = lines[:]
    chance.shuffle(shuffled)
    return [
        text[: places[0]],
        text[places[1] :],
        "".join(line for line in lines if chance.random() > 0.2),
        "".join(shuffled),
        "".join(flipped),
        text + text,
        text.replace("\n", "\r\n"),
        text.replace(" ", "  "),
        text.replace(" ", ""),
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_mutated_answers_always_end_in_a_judgement(name: str) -> None:
    sample = SAMPLES[name]
    chance = random.Random(name)
    for probe, text in _texts(sample).items():
        for mutated in _mutations(text, chance) * 5:
            assert _judge(sample, {probe: mutated}).measure == "disk-encryption"


@pytest.mark.parametrize(
    "lines",
    [
        (
            "block a 1:1 parent=b members= uuid=- name=- level=- backing=- file=-\n"
            "block b 1:2 parent=a members= uuid=- name=- level=- backing=- file=-\n"
        ),
        "block a 1:1 parent=- members=a,a,a,a uuid=LVM-x name=x level=- backing=- file=-\n",
        "block loop0 1:1 parent=- members= uuid=- name=- level=- backing=- file=/image\n",
        "block a 1:1 parent=- members=b uuid=LVM-CRYPT-LUKS2- name=x level=- backing=- file=-\n",
    ],
)
def test_devices_in_a_circle_or_on_nothing_are_not_encrypted(lines: str) -> None:
    sample = SAMPLES["luks2_lvm_no_rights"]
    text = f"mount 1:1 ext4 / /dev/a rw\nswaps readable\n{lines}virt none\nend\n"

    assert _judge(sample, {"disks": text}).outcome is Outcome.UNKNOWN
