"""Values come back as they were, and what is not of their shape is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor.errors import EvidenceError
from assessor.evidence.codec import decode, encode, json_pieces
from assessor.model.capture import Capture, Captured, NotCaptured, Reason


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True, slots=True)
class Leaf:
    number: int
    part: float = 0.5


@dataclass(frozen=True, slots=True)
class Other:
    word: str


@dataclass(frozen=True, slots=True)
class Tree:
    name: str
    colour: Colour
    at: datetime
    day: date | None
    path: Path
    kinds: frozenset[Colour]
    leaf: Leaf | Other | None
    facts: Mapping[str, object]
    by_colour: Mapping[Colour, Leaf] = field(default_factory=dict)
    children: tuple[Tree, ...] = ()


moments = st.datetimes(timezones=st.just(UTC), min_value=datetime(1970, 1, 1))  # noqa: DTZ001
leaves = st.builds(Leaf, st.integers(), st.floats(allow_nan=False, allow_infinity=False))
facts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def trees(children: st.SearchStrategy[tuple[Tree, ...]]) -> st.SearchStrategy[Tree]:
    return st.builds(
        Tree,
        st.text(),
        st.sampled_from(Colour),
        moments,
        st.none() | st.dates(),
        st.text(alphabet="abc/.", min_size=1).map(Path),
        st.frozensets(st.sampled_from(Colour)),
        st.none() | leaves | st.builds(Other, st.text()),
        st.dictionaries(st.text(), facts),
        st.dictionaries(st.sampled_from(Colour), leaves),
        children,
    )


whole = trees(st.lists(trees(st.just(())), max_size=2).map(tuple))


@given(whole)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_value_comes_back_as_it_was(tree: Tree) -> None:
    assert decode(Tree, json.loads(json.dumps(encode(tree)))) == tree


@given(whole)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_file_in_pieces_is_the_file_as_a_whole(tree: Tree) -> None:
    assert "".join(json_pieces(tree)) == json.dumps(encode(tree), ensure_ascii=False) + "\n"


def test_what_is_no_dataclass_is_one_piece() -> None:
    assert list(json_pieces({"a": (1, 2)})) == ['{"a": [1, 2]}\n']


@dataclass(frozen=True, slots=True)
class Holder:
    capture: Capture


@pytest.mark.parametrize(
    "capture",
    [
        Captured("p", "out", "", 0, datetime(2026, 11, 1, tzinfo=UTC), 1.0),
        NotCaptured("p", Reason.DEADLINE, "too late", datetime(2026, 11, 1, tzinfo=UTC)),
    ],
    ids=["captured", "not captured"],
)
def test_which_of_two_it_was_is_told_by_its_fields(capture: Capture) -> None:
    assert decode(Holder, encode(Holder(capture))) == Holder(capture)


GOOD: dict[str, object] = {
    "name": "n", "colour": "red", "at": "2026-11-01T00:00:00Z", "day": None, "path": "a",
    "kinds": [], "leaf": {"number": 1, "part": 1}, "facts": {}, "by_colour": {}, "children": [],
}  # fmt: skip


def test_a_whole_number_may_stand_for_a_part() -> None:
    leaf = decode(Tree, GOOD).leaf

    assert isinstance(leaf, Leaf)
    assert isinstance(leaf.part, float)


@pytest.mark.parametrize(
    "wrong",
    [
        {"colour": "green"}, {"at": "yesterday"}, {"at": 5}, {"day": "2026-13-01"}, {"path": 1},
        {"kinds": {}}, {"kinds": ["green"]}, {"leaf": {"number": True, "part": 0.0}},
        {"leaf": {"part": 1.0}}, {"leaf": 3}, {"facts": []}, {"by_colour": {"green": {}}},
        {"children": [{}]}, {"children": {}}, {"name": None},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_of_another_shape_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(EvidenceError, match="damaged: this is no Tree"):
        decode(Tree, {**GOOD, **wrong})


def test_what_has_no_place_in_evidence_is_refused() -> None:
    with pytest.raises(TypeError, match="bytes has no place in evidence"):
        encode({"secret": b"raw"})
