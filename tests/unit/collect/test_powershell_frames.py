"""The reader of a Windows host's frames: never an answer from damage, whatever comes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.collect.powershell.frames import PowershellReader
from assessor.collect.powershell.script import render
from assessor.collect.shell.script import Mark
from assessor.errors import TransportError
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.check import Probe, ProbeKind
from assessor.model.plan import PlannedProbe
from tests.lab.powershell import Call, Said, asked_by, frame, frames, packed

MARK = Mark("==left", "right==")
TEXTS = {"a": "first\n", "b": "é€" * 40, "c": "", "d": "x" * 9000}
PROBES = [PlannedProbe(key, Probe(key, ProbeKind.SCRIPT, text)) for key, text in TEXTS.items()]
WHOLE = b"".join(
    frames(asked_by(render(PROBES, MARK, 60).text), lambda call: Said(TEXTS[call.key]))
)


def read(stream: bytes, sizes: int = 0) -> tuple[dict[str, Capture], TransportError | None]:
    """What comes of a stream that arrives in pieces of ``sizes`` bytes."""
    kept: dict[str, Capture] = {}

    def keep(capture: Capture) -> None:
        assert capture.probe not in kept
        kept[capture.probe] = capture

    reader = PowershellReader(PROBES, MARK, keep, user="assess")
    error = None
    try:
        for at in range(0, len(stream), sizes or len(stream) or 1):
            reader.output(stream[at : at + (sizes or len(stream))])
    except TransportError as caught:
        error = caught
    gap = None if error is None else NotCaptured("", error.reason, error.detail, reader._now())
    reader.close(gap)
    assert set(kept) == set(TEXTS)
    return kept, error


def answers(kept: dict[str, Capture]) -> dict[str, str]:
    return {
        key: capture.stdout
        for key, capture in kept.items()
        if isinstance(capture, Captured) and capture.whole
    }


@pytest.mark.parametrize("size", [0, 1, 2, 7, 4096])
def test_pieces_of_any_size(size: int) -> None:
    kept, error = read(WHOLE, size)
    assert error is None
    assert answers(kept) == TEXTS


def test_lines_may_end_as_windows_ends_them_and_noise_may_stand_between() -> None:
    stream = b"Microsoft Windows [Version 10]\r\nC:\\>" + WHOLE.replace(b"\n", b"\r\n")
    kept, error = read(stream)
    assert error is None
    assert answers(kept) == TEXTS


@pytest.mark.parametrize("cut", range(0, len(WHOLE), 97))
def test_a_stream_that_ends_anywhere_gives_whole_answers_or_none(cut: int) -> None:
    kept, _ = read(WHOLE[:cut])
    assert answers(kept).items() <= TEXTS.items()


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.integers(1, 3))
def test_damage_never_gives_another_answer(at: int, byte: int, times: int) -> None:
    chance = random.Random(at * 256 + byte)
    stream = bytearray(WHOLE)
    for _ in range(times):
        stream[at] = byte
        at = chance.randrange(len(stream))
    kept, _ = read(bytes(stream))
    assert answers(kept).items() <= TEXTS.items()


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_lost_lines_never_give_another_answer(lines: int) -> None:
    whole = WHOLE.split(b"\n")
    for at in range(len(whole)):
        kept, _ = read(b"\n".join(whole[:at] + whole[at + lines :]))
        assert answers(kept).items() <= TEXTS.items()


def head(**more: object) -> bytes:
    import json

    facts = {"format": 1, "system": "Windows", "epoch": 1_800_000_000} | more
    return frame("==leftright==", f"H {packed(json.dumps(facts).encode())}")


@pytest.mark.parametrize(
    "stream",
    [
        frame("==leftright==", "B a"),
        head() + head(),
        head() + frame("==leftright==", "E a x"),
        head() + frame("==leftright==", "O a x"),
        head() + frame("==leftright==", "B z"),
        head() + frame("==leftright==", "B a") + frame("==leftright==", "B b"),
        head() + frame("==leftright==", "B a") + frame("==leftright==", "Z"),
        head() + frame("==leftright==", "Z") + frame("==leftright==", "B a"),
        head() + frame("==leftright==", ""),
        head(format=2),
        head(system=1),
        frame("==leftright==", "H " + packed(b"[" * 100_000)),
        frame("==leftright==", "H " + "A" * 100_000),
        head() + frame("==leftright==", "B a") + frame("==leftright==", f"E a {packed(b'null')}"),
    ],
)
def test_frames_that_stand_wrong(stream: bytes) -> None:
    kept, error = read(stream)
    assert error is not None
    assert error.reason is Reason.PROTOCOL
    assert answers(kept) == {}


def test_a_bomb_is_not_unpacked() -> None:
    bomb = packed(b"\0" * 200_000_000)
    pieces = b"".join(
        frame("==leftright==", f"O a {bomb[at : at + 8000]}") for at in range(0, len(bomb), 8000)
    )
    end = packed(
        b'{"state": "done", "failed": false, "denied": false, "seen": 200000000, "said": ""}'
    )
    begin = head() + frame("==leftright==", "B a")
    kept, _ = read(begin + pieces + frame("==leftright==", f"E a {end}"))
    assert isinstance(kept["a"], NotCaptured)


def test_another_system_than_the_inventory_says() -> None:
    _, error = read(head(system="Unix"))
    assert error is not None
    assert error.reason is Reason.WRONG_PLATFORM


@pytest.mark.parametrize("epoch", ["soon", -1, 1 << 60, True, None, 1.5])
def test_a_clock_that_says_nothing(epoch: object) -> None:
    _, error = read(head(epoch=epoch))
    assert error is None


def test_constrained_language_is_told_by_its_id_not_by_its_words() -> None:
    reader = PowershellReader(PROBES, MARK, lambda capture: None, user="assess")
    reader.error(b"    + FullyQualifiedErrorId : MethodInvocationNotSupportedInConstrainedLanguage")
    assert "Constrained Language" in reader.silence().detail


def test_what_had_no_turn_before_the_deadline() -> None:
    asked = asked_by(render(PROBES[:1], MARK, 60).text)
    kept, error = read(b"".join(frames(asked, lambda call: Said(TEXTS[call.key]))))
    assert error is None
    assert answers(kept) == {"a": TEXTS["a"]}
    missing = kept["b"]
    assert isinstance(missing, NotCaptured)
    assert missing.reason is Reason.DEADLINE


def test_a_call_is_read_as_it_was_written() -> None:
    calls = asked_by(render(PROBES, MARK, 60).text).calls
    assert calls[0] == Call("a", 10, 262_144, "first\n", ())
