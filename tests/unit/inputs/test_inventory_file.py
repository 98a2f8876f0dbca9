"""Extending inventory.yaml keeps what people wrote in it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.errors import InputError
from assessor.inputs.importers.imported import Candidate, Imported
from assessor.inputs.inventory_file import Change, plan_change

PATH = Path("inventory.yaml")


def _plan(
    text: str | None,
    *candidates: Candidate,
    replace: bool = False,
    elsewhere: dict[str, str] | None = None,
) -> Change:
    imported = Imported(Path("hosts"), "csv", candidates, ())
    return plan_change(imported, PATH, text, elsewhere or {}, replace=replace)


def _candidate(name: str, **settings: object) -> Candidate:
    return Candidate(name, settings, {"role": "server"}, 7)


def _changed(text: str | None, *candidates: Candidate, replace: bool = False) -> str:
    changed = _plan(text, *candidates, replace=replace).text
    assert changed is not None
    return changed


def test_a_new_file_explains_itself() -> None:
    text = _changed(None, _candidate("a", port=22), _candidate("b", tags=["x", "no"]))

    assert text.startswith("# ")
    assert yaml.safe_load(text) == {
        "targets": [
            {"name": "a", "role": "server", "port": 22},
            {"name": "b", "role": "server", "tags": ["x", "no"]},
        ]
    }


BY_HAND = """\
# of Bakker
groups:
  linux: {user: assess}   # everywhere

targets:
  # the old one
  - name: web01      # do not touch
    role: server
    options:
      note: |
        two
        lines
  - {name: web02, role: nas}   # flow
  -
    name: web03
    role: server

# the end
"""


def test_an_entry_is_added_after_the_last_and_all_else_stays() -> None:
    text = _changed(BY_HAND, _candidate("new", user="jan"))

    added = "  - name: new\n    role: server\n    user: jan\n"
    assert text == BY_HAND.replace("    role: server\n\n#", f"    role: server\n{added}\n#")


@pytest.mark.parametrize("name", ["web01", "web02", "web03"])
def test_an_entry_is_replaced_where_it_stands(name: str) -> None:
    text = _changed(BY_HAND, _candidate(name, port=2222), replace=True)

    before, after = yaml.safe_load(BY_HAND), yaml.safe_load(text)
    for entry in before["targets"]:
        if entry["name"] == name:
            entry["port"] = 2222
    assert after == before
    for comment in ("# of Bakker", "# everywhere", "# the old one", "# the end"):
        assert comment in text


def test_an_entry_of_a_mapping_is_added_and_replaced() -> None:
    before = "targets:\n    a:\n        role: nas\n    b: {role: nas}\n# end\n"

    text = _changed(before, _candidate("b", port=1), _candidate("c"), replace=True)

    assert text == (
        "targets:\n    a:\n        role: nas\n    b:\n      role: nas\n      port: 1\n"
        "    c:\n      role: server\n# end\n"
    )


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# nothing yet\n",
        "# nothing yet",
        "groups: {g: {user: jan}}",
        "targets:\n",
        "targets: # none yet\n",
        "targets: []   # none yet\ngroups: {}\n",
        "groups: {}\ntargets: {}\n",
        "targets: ~\n",
        "targets:\n- {name: a, role: nas}\n",
        "targets:\n- {name: a, role: nas}\ngroups: {}\n",
        "targets:\n  - {name: a, role: nas}\n...\n",
        "targets:\r\n  - name: a\r\n    role: nas\r\n",
    ],
)
def test_every_form_of_a_file_takes_a_first_or_a_next_entry(before: str) -> None:
    text = _changed(before, _candidate("new"))

    old = yaml.safe_load(before) or {}
    expected = {**old, "targets": [*(old.get("targets") or []), {"name": "new", "role": "server"}]}
    assert yaml.safe_load(text) == expected
    assert text.count("#") == before.count("#")
    assert ("\r\n" in before) == ("\r\n" in text)


@pytest.mark.parametrize(
    "before",
    [
        "targets: [{name: a, role: nas}]\n",
        "targets: {a: {role: nas}}\n",
        "{groups: {}}\n",
        "  groups: {}\n",
    ],
)
def test_a_file_that_cannot_be_extended_safely_is_left_alone(before: str) -> None:
    with pytest.raises(InputError) as caught:
        _plan(before, _candidate("new"))

    assert caught.value.mend


def test_a_broken_file_is_complained_about() -> None:
    with pytest.raises(InputError) as caught:
        _plan("targets:\n  - {name: a, rol: nas}\n", _candidate("new"))

    assert (caught.value.line, caught.value.field) == (2, "targets[0].rol")


def test_names_that_are_there_stay_as_they_are() -> None:
    change = _plan(BY_HAND, _candidate("WEB01", port=9), _candidate("web02"))

    assert change.text is None
    assert change.unchanged == ("web02",)
    assert [left.subject for left in change.left_out] == ["WEB01"]
    assert "--replace" in change.left_out[0].reason


def test_a_role_that_was_only_assumed_does_not_replace_one_that_was_written() -> None:
    text = _changed(BY_HAND, _candidate("web02", port=22), replace=True)

    assert "    role: nas\n    port: 22\n" in text


def test_names_of_other_files_and_names_named_twice_stay_out() -> None:
    change = _plan(
        None,
        _candidate("a"),
        _candidate("A", port=1),
        _candidate("b"),
        elsewhere={"b": "assessment.yaml:12"},
    )

    assert change.added == ("a",)
    assert [(left.subject, left.line) for left in change.left_out] == [("A", 7), ("b", 7)]
    assert "assessment.yaml:12" in change.left_out[1].reason


def test_what_would_not_be_valid_stays_out_with_the_reason() -> None:
    change = _plan(None, _candidate("a", port=0), _candidate("b", address="x y"), _candidate("c"))

    assert change.added == ("c",)
    assert [left.subject for left in change.left_out] == ["a", "b"]


_names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,10}", fullmatch=True)
_words = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1
).filter(str.strip)


@settings(deadline=None, max_examples=40)
@given(
    st.dictionaries(_names, st.dictionaries(_names, _words), min_size=1, max_size=4),
    st.dictionaries(_names, st.dictionaries(_names, _words), min_size=1, max_size=4),
)
def test_whatever_is_imported_reads_back_as_it_was(
    first: dict[str, dict[str, str]], second: dict[str, dict[str, str]]
) -> None:
    def candidates(entries: dict[str, dict[str, str]]) -> list[Candidate]:
        return [
            _candidate(name, options={f"o{key}": value for key, value in options.items()})
            for name, options in entries.items()
        ]

    text = _plan(None, *candidates(first)).text
    assert text is not None
    change = _plan(text, *candidates(second), replace=True)

    found = {
        entry["name"].casefold(): entry.get("options", {})
        for entry in yaml.safe_load(change.text or text)["targets"]
    }
    left_out = {left.subject for left in change.left_out}
    for name, options in second.items():
        if name not in left_out:
            assert found[name.casefold()] == {f"o{key}": value for key, value in options.items()}
