"""Windows in the check on disk encryption: readers and judgement, case by case."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence

import pytest

from assessor import bundled
from assessor.api import (
    Captured,
    Captures,
    CimAnswer,
    Fields,
    Judgement,
    NotCaptured,
    Outcome,
    Parameters,
    Reason,
    UnparsedError,
)
from assessor.catalogue.manifest import read_check
from assessor.catalogue.samples import Sample, read_samples
from assessor.model.target import Platform
from checks.disk_encryption.check import CHECK
from checks.disk_encryption.windows import State, read_guards, read_places, read_rows
from checks.disk_encryption.windows_machine import read_virtual

INFO = read_check(bundled.folder("checks") / "disk_encryption", "bundled")
SAMPLES = {
    sample.name: sample
    for sample in read_samples(INFO)
    if sample.captures.target.platform is Platform.WINDOWS
}
GOOD = SAMPLES["windows11_good"]
NEEDED = ("disks", "volumes", "letters")
OF_USE = ("machine", "other_programs", "partitions", "attached", "protectors")


def _judge(sample: Sample, changed: Mapping[str, str | None]) -> Judgement:
    """The judgement where probes answer otherwise; ``None`` stands for no answer."""
    by_probe = dict(sample.captures.by_probe)
    for name, text in changed.items():
        missing = NotCaptured(name, Reason.TIMED_OUT, "late", sample.captures.at)
        by_probe[name] = missing
        if text is not None:
            capture = sample.captures.by_probe[name]
            assert isinstance(capture, Captured)
            by_probe[name] = dataclasses.replace(capture, stdout=text)
    captures = Captures(sample.captures.target, sample.captures.at, by_probe)
    (judgement,) = CHECK.evaluate(CHECK.observe(captures), Parameters({}))
    return judgement


def _row(**values: object) -> dict[str, object]:
    return {
        "DeviceID": "\\\\?\\Volume{7f0e1c03-52b6-4f29-9c6e-5d1e4a7b9f03}\\",
        "DriveLetter": "C:",
        "ProtectionStatus": 1,
        "ConversionStatus": 1,
        "EncryptionMethod": 6,
        "VolumeType": 0,
        **values,
    }


def _cim(rows: Sequence[Mapping[str, object]]) -> CimAnswer:
    return CimAnswer(True, tuple(Fields(dict(row)) for row in rows))


def _text(rows: Sequence[Mapping[str, object]], *, there: bool = True) -> str:
    return json.dumps({"class": "X", "there": there, "rows": list(rows), "end": True})


@pytest.mark.parametrize(
    ("protection", "conversion", "method", "state"),
    [
        (1, 1, 1, State.ENCRYPTED),
        (1, 1, 5, State.ENCRYPTED),
        (1, 1, 7, State.ENCRYPTED),
        (1, 1, 0, State.UNKNOWN),  # encrypted, and by nothing
        (1, 1, 8, State.UNKNOWN),
        (1, 1, -1, State.UNKNOWN),
        (1, 1, None, State.UNKNOWN),
        (0, 0, 0, State.PLAIN),
        (1, 0, 0, State.UNKNOWN),  # protected, and decrypted
        (0, 1, 6, State.OPEN_KEY),
        (0, 2, 6, State.ENCRYPTING),
        (0, 3, 6, State.DECRYPTING),
        (0, 4, 6, State.ENCRYPTING),
        (0, 5, 6, State.DECRYPTING),
        (1, 2, 6, State.ENCRYPTING),
        (1, 6, 6, State.UNKNOWN),
        (1, None, 6, State.UNKNOWN),
        (2, None, None, State.LOCKED),
        (2, 1, 6, State.LOCKED),
        (3, 1, 6, State.UNKNOWN),
    ],
)
def test_numbers_of_bitlocker(
    protection: int, conversion: int | None, method: int | None, state: State
) -> None:
    row = _row(ProtectionStatus=protection, ConversionStatus=conversion, EncryptionMethod=method)
    (found,) = read_rows(_cim([row])).values()
    assert found.state is state


def test_a_kind_of_volume_that_nobody_documents_is_unknown() -> None:
    (found,) = read_rows(_cim([_row(VolumeType=3)])).values()
    assert found.state is State.UNKNOWN


@pytest.mark.parametrize(
    "rows",
    [
        [_row(), _row()],  # the same volume twice
        [_row(ProtectionStatus="1")],
        [_row(ProtectionStatus=None)],
        [{"DeviceID": "x"}],
    ],
)
def test_a_list_that_is_not_bitlockers(rows: Sequence[Mapping[str, object]]) -> None:
    with pytest.raises(UnparsedError):
        read_rows(_cim(rows))


@pytest.mark.parametrize(
    ("name", "letter", "boot", "system", "known_as", "reserved"),
    [
        ("C:\\", "C:", True, False, "C:", False),
        ("C:\\", "C:", True, True, "C:", False),  # one partition that does both
        ("\\\\?\\Volume{x}\\", None, False, True, "", True),
        ("S:\\", "S:", False, True, "S:", True),
        ("C:\\Data\\", None, False, False, "C:\\Data", False),
        ("\\\\?\\Volume{x}\\", None, False, False, "", False),
    ],
)
def test_which_volumes_have_a_place(
    name: str, letter: str | None, boot: bool, system: bool, known_as: str, reserved: bool
) -> None:
    row = {
        "DeviceID": "\\\\?\\Volume{x}\\",
        "DriveLetter": letter,
        "Name": name,
        "DriveType": 3,
        "Capacity": None,
        "BootVolume": boot,
        "SystemVolume": system,
    }
    (place,) = read_places(_cim([row]))
    assert (place.name, place.reserved) == (known_as, reserved)


@pytest.mark.parametrize(
    ("maker", "model", "kind"),
    [
        ("Microsoft Corporation", "Virtual Machine", "Hyper-V"),
        ("Microsoft Corporation", "Surface Laptop 5", ""),
        ("VMware, Inc.", "VMware Virtual Platform", "VMware"),
        ("innotek GmbH", "VirtualBox", "VirtualBox"),
        ("QEMU", "Standard PC (i440FX + PIIX, 1996)", "QEMU"),
        ("Red Hat", "KVM", "KVM"),
        ("Xen", "HVM domU", "Xen"),
        ("Amazon EC2", "t3.large", "Amazon EC2"),
        ("Amazon EC2", "m5.metal", ""),
        ("Google", "Google Compute Engine", "Google Compute Engine"),
        ("Google", "Kohaku", ""),
        ("Dell Inc.", "OptiPlex 7090", ""),
        (None, None, ""),
    ],
)
def test_machines_that_call_themselves_virtual(
    maker: str | None, model: str | None, kind: str
) -> None:
    assert read_virtual(_cim([{"Manufacturer": maker, "Model": model}])) == kind


def test_no_two_volumes_to_start_from_and_no_unknown_drive() -> None:
    row: dict[str, object] = {
        "DeviceID": "x",
        "DriveLetter": None,
        "Name": "\\\\?\\Volume{x}\\",
        "DriveType": 3,
        "Capacity": 1,
        "BootVolume": False,
        "SystemVolume": True,
    }
    for rows in ([row, row], [{**row, "DriveType": 7}], [{**row, "DriveType": -1}], []):
        with pytest.raises(UnparsedError):
            read_places(_cim(rows))


def test_a_letter_that_only_the_script_saw_counts() -> None:
    answer = json.loads(_stdout(GOOD, "protectors"))
    answer["drives"].append({"name": "X:\\", "kind": 3})
    judgement = _judge(GOOD, {"protectors": json.dumps(answer)})
    assert judgement.message.id == "bitlocker_unlisted"
    assert judgement.message.facts["volumes"] == "X:"


def test_protectors_of_an_unknown_kind_are_not_read() -> None:
    row = {"device": "x", "percentage": 100, "protectors": [11]}
    with pytest.raises(UnparsedError):
        read_guards(json.dumps({"volumes": [row], "drives": [], "end": True}))


@pytest.mark.parametrize("probe", NEEDED)
def test_no_pass_without_the_answers_that_it_rests_on(probe: str) -> None:
    assert _judge(GOOD, {}).outcome is Outcome.PASS
    assert _judge(GOOD, {probe: None}).message.id == "not_observed"
    assert _judge(GOOD, {probe: "{}"}).message.id == "unparsed"


def test_a_pass_needs_nothing_of_the_rest() -> None:
    assert _judge(GOOD, dict.fromkeys(OF_USE)).outcome is Outcome.PASS


@pytest.mark.parametrize("probe", ["machine", "other_programs"])
def test_no_fail_where_something_else_may_encrypt(probe: str) -> None:
    sample = SAMPLES["windows11_off"]
    assert _judge(sample, {}).outcome is Outcome.FAIL
    assert _judge(sample, {probe: None}).message.id == "not_observed"


@pytest.mark.parametrize("probe", ["partitions", "attached"])
def test_a_plain_data_volume_may_lie_in_a_file(probe: str) -> None:
    sample = SAMPLES["windows11_nl_data_volume_plain"]
    assert _judge(sample, {probe: None}).message.id == "not_observed"
    # That Windows itself is plain needs no such look.
    assert _judge(SAMPLES["windows11_off"], {probe: None}).outcome is Outcome.FAIL


def test_one_volume_of_the_list_is_lost() -> None:
    answer = json.loads(_stdout(GOOD, "disks"))
    for lost in range(len(answer["rows"])):
        rows = [row for at, row in enumerate(answer["rows"]) if at != lost]
        judgement = _judge(GOOD, {"disks": _text(rows)})
        assert judgement.message.id == "bitlocker_unlisted"


def test_a_volume_that_only_bitlocker_knows_counts() -> None:
    answer = json.loads(_stdout(GOOD, "disks"))
    extra = _row(
        DeviceID="\\\\?\\Volume{x}\\",
        DriveLetter="Q:",
        ProtectionStatus=0,
        ConversionStatus=0,
        EncryptionMethod=0,
        VolumeType=1,
    )
    judgement = _judge(GOOD, {"disks": _text([*answer["rows"], extra])})
    assert (judgement.outcome, judgement.message.facts["volumes"]) == (Outcome.FAIL, "Q:")


def test_no_list_at_all_is_no_pass() -> None:
    assert _judge(GOOD, {"disks": _text([])}).message.id == "bitlocker_unlisted"
    assert _judge(GOOD, {"disks": _text([], there=False)}).message.id == "bitlocker_absent"


def _stdout(sample: Sample, probe: str) -> str:
    capture = sample.captures.by_probe[probe]
    assert isinstance(capture, Captured)
    return capture.stdout


ANSWERED = [
    (name, probe)
    for name, sample in SAMPLES.items()
    for probe in NEEDED
    if isinstance(sample.captures.by_probe.get(probe), Captured)
]


@pytest.mark.parametrize(("name", "probe"), ANSWERED)
def test_every_cut_is_unknown(name: str, probe: str) -> None:
    text = _stdout(SAMPLES[name], probe).rstrip("\n")
    for length in range(0, len(text), 7):
        assert _judge(SAMPLES[name], {probe: text[:length]}).outcome is Outcome.UNKNOWN
