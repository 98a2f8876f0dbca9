"""The output of the scripts is read as it arrives, in any pieces, and damage is never a result."""

from __future__ import annotations

import pytest

from assessor.errors import TransportError
from assessor.restore.answers import Answers, Head, RestoredFile, Seen

MARK = "==mark=="
SHA = "ab" * 32
OUTPUT = f"""Welcome

{MARK} head 0 1700000000 Linux web01

{MARK} .

{MARK} seen 12 1

{MARK} file 6|6 1.5 2.5 {SHA}|absent|etc/a|b c

{MARK} file 6|absent|unreadable|x

{MARK} done

{MARK} removed

{MARK} end
"""


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_pieces_of_any_size_read_the_same(size: int) -> None:
    answers = Answers(MARK)
    data = OUTPUT.encode()
    for start in range(0, len(data), size):
        answers.output(data[start : start + size])
    answers.error(f"\n{MARK} end\n".encode())
    assert answers.finished
    assert answers.done
    assert answers.removed is True
    assert answers.head == Head(0, 1700000000, "Linux", "web01")
    assert (answers.listed, answers.skipped) == (12, 1)
    assert answers.files == [
        RestoredFile("etc/a|b c", 6, Seen(6, 1.5, 2.5, SHA), None),
        RestoredFile("x", 6, None, None, unreadable=True),
    ]


def test_it_ends_with_both_outputs() -> None:
    answers = Answers(MARK)
    answers.output(f"\n{MARK} end\n".encode())
    assert not answers.finished


def test_what_is_said_belongs_to_its_step() -> None:
    answers = Answers(MARK)
    answers.error(f"banner\n\n{MARK} step list\nFatal: no\n\n{MARK} step restore\nhm\n".encode())
    answers.output(f"\n{MARK} step list\n\n{MARK} fail program 1\n".encode())
    assert answers.failure == ("program", "1")
    assert answers.complaints() == "Fatal: no"


def test_a_flood_of_complaints_is_bounded_and_keeps_both_ends() -> None:
    answers = Answers(MARK)
    answers.error("".join(f"line {number}\n" for number in range(10_000)).encode())
    (said,) = answers.said.values()
    assert len(said) <= 40
    assert (said[0], said[-1]) == ("line 0", "line 9999")


@pytest.mark.parametrize(
    "frame",
    [
        "file",
        "file x|absent|absent|p",
        "file 1|absent|p",
        "file 1|1 2 3|absent|p",
        f"file 1|1 2 x {SHA}|absent|p",
        f"file 1|1 2 3 {SHA[:-1]}|absent|p",
        "head x",
        "seen 1",
        "over 1 -2",
    ],
)
def test_a_damaged_frame_ends_the_reading(frame: str) -> None:
    with pytest.raises(TransportError, match="damaged"):
        Answers(MARK).output(f"\n{MARK} {frame}\n".encode())


def test_a_frame_of_another_mark_is_none() -> None:
    answers = Answers(MARK)
    answers.output(b"\n==other== done\n x ==mark== done\n")
    assert not answers.done
