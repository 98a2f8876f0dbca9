"""The answers of a device as one text, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.devices.answers import joined, parted
from assessor.model.answers import UnparsedError

LINES = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30)
SAID = st.lists(LINES | st.just("==== end") | st.just("==== show version"), max_size=5).map(
    "\n".join
)


@given(st.lists(SAID, min_size=1, max_size=4))
def test_no_answer_passes_for_another(said: list[str]) -> None:
    asked = [(f"question {number}", text) for number, text in enumerate(said)]
    found = parted(joined(asked))
    assert list(found) == [question for question, _ in asked]
    for question, text in asked:
        lines = [f" {line}" if line.startswith("==== ") else line for line in text.split("\n")]
        assert found[question].rstrip("\n") == "\n".join(lines).rstrip("\n")


def test_line_ends_of_all_kinds_are_one() -> None:
    assert parted(joined([("q", "a\r\nb\rc\n")]))["q"] == "a\nb\nc\n"


@pytest.mark.parametrize(
    "text", ["", "x", "==== q\na\n", "a\n==== end\n", "==== q\n==== q\n==== end\n"]
)
def test_what_is_not_whole_is_no_answer(text: str) -> None:
    with pytest.raises(UnparsedError):
        parted(text)


def test_no_part_of_a_text_is_a_text() -> None:
    text = joined([("one", "a\nb"), ("two", "c")])
    for cut in range(len(text)):
        with pytest.raises(UnparsedError):
            parted(text[:cut])
