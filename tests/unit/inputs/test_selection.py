"""``--limit``: which targets of the inventory its words name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.errors import UsageError
from assessor.inputs.selection import select
from assessor.model.target import Target
from tests.factories import make_target


def target(name: str, *groups: str, tags: tuple[str, ...] = ()) -> Target:
    return replace(make_target(name), groups=groups, tags=tags)


INVENTORY = (
    target("web01", "servers", "web", tags=("klant-a", "production")),
    target("web02", "servers", "web", tags=("klant-b", "old")),
    target("NAS", tags=("klant-a",)),
    target("db.lan", "servers", tags=("a:b",)),
)


def names(*limit: str) -> list[str]:
    return [each.name for each in select(INVENTORY, limit).chosen]


@pytest.mark.parametrize(
    ("limit", "chosen"),
    [
        ((), ["web01", "web02", "NAS", "db.lan"]),
        (("web01",), ["web01"]),
        (("db.lan,web01",), ["web01", "db.lan"]),
        (("db.lan", " web01 "), ["web01", "db.lan"]),
        (("nas",), ["NAS"]),
        (("web*",), ["web01", "web02"]),
        (("web0[12]",), ["web01", "web02"]),
        (("@servers",), ["web01", "web02", "db.lan"]),
        (("@all",), ["web01", "web02", "NAS", "db.lan"]),
        (("@web,NAS",), ["web01", "web02", "NAS"]),
        (("tag:klant-a",), ["web01", "NAS"]),
        (("tag:klant-*",), ["web01", "web02", "NAS"]),
        (("tag:a:b",), ["db.lan"]),
        (("web01,@servers,tag:klant-a",), ["web01", "web02", "NAS", "db.lan"]),
        (("!tag:old",), ["web01", "NAS", "db.lan"]),
        (("!@web", "!NAS"), ["db.lan"]),
        (("@servers,!web02",), ["web01", "db.lan"]),
        (("!web02,@servers",), ["web01", "db.lan"]),
        (("@servers,! tag:old",), ["web01", "db.lan"]),
    ],
)
def test_words(limit: tuple[str, ...], chosen: list[str]) -> None:
    assert names(*limit) == chosen


@pytest.mark.parametrize(
    ("limit", "problem", "mend"),
    [
        ("web1", "no target 'web1'", "did you mean 'web01'?"),
        ("@server", "no group 'server'", "did you mean 'servers'?"),
        ("tag:klant_a", "no tag 'klant_a'", "did you mean 'klant-a'?"),
        ("!tag:odl", "no tag 'odl'", "did you mean 'old'?"),
        ("zzz", "no target 'zzz'", "it has: web01, web02, NAS, db.lan"),
        ("klant-a", "no target 'klant-a'", "it has: "),
        ("web01,,NAS", "no target ''", "it has: "),
        ("", "no target ''", "it has: "),
        ("!", "no target ''", "it has: "),
        ("web01,!@servers", "--limit web01,!@servers leaves no target", "assess inventory list"),
        ("!@all", "leaves no target", "assess inventory list"),
    ],
)
def test_a_word_that_names_nothing_is_refused(limit: str, problem: str, mend: str) -> None:
    with pytest.raises(UsageError) as caught:
        select(INVENTORY, [limit])
    assert problem in caught.value.message
    assert mend in caught.value.mend


def test_an_inventory_without_tags_says_so() -> None:
    with pytest.raises(UsageError) as caught:
        select([make_target("a")], ["tag:x"])
    assert caught.value.mend == "no target has a tag"


def test_of_a_large_inventory_not_all_names_are_told() -> None:
    with pytest.raises(UsageError) as caught:
        select([make_target(f"host{number:04}") for number in range(500)], ["@x,zzz"])
    assert "no group 'x'" in caught.value.message
    with pytest.raises(UsageError) as caught:
        select([make_target(f"host{number:04}") for number in range(500)], ["zzz"])
    assert caught.value.mend.endswith("and 480 more")


@given(
    limit=st.lists(
        st.sampled_from(["web*", "NAS", "@servers", "@web", "tag:old", "tag:klant-a"]).flatmap(
            lambda word: st.sampled_from([word, f"!{word}"])
        ),
        max_size=5,
    )
)
def test_both_parts_are_the_whole_inventory_in_its_order(limit: list[str]) -> None:
    try:
        parts = select(INVENTORY, limit)
    except UsageError as error:
        assert "leaves no target" in error.message
        return
    assert sorted(parts.chosen + parts.others, key=INVENTORY.index) == list(INVENTORY)
    for part in (parts.chosen, parts.others):
        assert list(part) == sorted(part, key=INVENTORY.index)
    joined = select(INVENTORY, [",".join(limit)]) if limit else parts
    assert joined == parts
