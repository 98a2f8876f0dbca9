"""Laws and standards: the data are whole, say no more than they may, and faults have a line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assessor.bundled import folder
from assessor.errors import InputError, InputErrors
from assessor.inputs.frameworks import load_frameworks
from assessor.inputs.measures import load_measures
from assessor.model.framework import Framework, Requirement
from assessor.model.language import Language
from assessor.pipeline import Checks

FILE = folder("profiles") / "frameworks.yaml"
MEASURES = tuple(load_measures(folder("profiles") / "measures.yaml"))
FRAMEWORKS = load_frameworks(FILE, MEASURES)

FORMS = {
    "gdpr": r"\d{1,2}(\(\d\)(\([a-z]\))?)?",
    "iso-27001": r"A\.[5-8]\.\d{1,2}",
    "cyfun": r"(GV|ID|PR|DE|RS|RC)\.[A-Z]{2}-\d{2}\.\d{1,2}",
    "nis2": r"2[13](\(2\)(\([a-j]\))?)?",
    "cis-ig1": r"\d{1,2}\.\d{1,2}",
}

WHOLE = {
    "iso-27001": {5: 37, 6: 8, 7: 14, 8: 34},
    "cis-ig1": {1: 2, 2: 3, 3: 6, 4: 7, 5: 4, 6: 5, 7: 4, 8: 3, 9: 2, 10: 3, 11: 4, 12: 1,
                14: 8, 15: 1, 17: 3},
}  # fmt: skip
"""How far the numbers within each chapter go."""

CONFORMITY = re.compile(r"\bvold(?:oe|aa)|\bconform|\bcompl(?:y|ie|ia)", re.IGNORECASE)


def requirements(framework: Framework) -> list[Requirement]:
    return [each for part in framework.parts for each in part.requirements]


def test_the_five_frameworks_are_there_with_their_numbers() -> None:
    assert {
        name: [part.number for part in framework.parts] for name, framework in FRAMEWORKS.items()
    } == {"gdpr": [19], "iso-27001": [93], "cyfun": [34, 99], "nis2": [12], "cis-ig1": [56]}


def test_a_report_gets_them_with_the_catalogue() -> None:
    assert Checks().reference().frameworks == FRAMEWORKS


def test_the_docs_count_what_the_file_holds() -> None:
    docs = (folder("profiles").parent / "docs" / "frameworks.md").read_text(encoding="utf-8")
    rows = re.findall(r"\| (\d+)(?:, a choice of ours)? \| (\d+) \|$", docs, re.MULTILINE)

    assert [(int(number), int(touched)) for number, touched in rows] == [
        (part.number, len(part.requirements))
        for framework in FRAMEWORKS.values()
        for part in framework.parts
    ]


def test_every_measure_exists_and_touches_something() -> None:
    named = {
        measure
        for framework in FRAMEWORKS.values()
        for each in requirements(framework)
        for measure in each.measures
    }

    assert named == set(MEASURES)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_id_is_formed_as_its_source_forms_it_and_stands_once(name: str) -> None:
    ids = [each.id for each in requirements(FRAMEWORKS[name])]

    assert [each for each in ids if not re.fullmatch(FORMS[name], each)] == []
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", WHOLE)
def test_no_id_lies_beyond_the_end_of_its_chapter(name: str) -> None:
    framework = FRAMEWORKS[name]
    for each in requirements(framework):
        chapter, number = map(int, each.id.removeprefix("A.").split("."))
        assert 1 <= number <= WHOLE[name].get(chapter, 0), each.id
    assert sum(WHOLE[name].values()) == framework.parts[0].number


@pytest.mark.parametrize("name", ["gdpr", "nis2"])
def test_a_list_of_our_own_choice_counts_what_it_holds(name: str) -> None:
    (part,) = FRAMEWORKS[name].parts

    assert part.number == len(part.requirements)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_requirements_stand_in_the_order_of_the_source(name: str) -> None:
    functions = ("GV", "ID", "PR", "DE", "RS", "RC")
    categories = {"GV": "OC RM RR PO SC", "ID": "AM RA IM", "PR": "AA AT DS PS IR",
                  "DE": "CM AE", "RS": "MA CO MI", "RC": "RP CO"}  # fmt: skip

    def place(identifier: str) -> tuple[int, ...]:
        if name == "cyfun":
            function, category = identifier[:2], identifier[3:5]
            first = (functions.index(function), categories[function].split().index(category))
            return (*first, *map(int, re.findall(r"\d+", identifier)))
        return tuple(
            int(word) if word.isdigit() else ord(word)
            for word in re.findall(r"\d+|(?<=\()[a-z]", identifier)
        )

    for part in FRAMEWORKS[name].parts:
        ids = [each.id for each in part.requirements]
        assert ids == sorted(ids, key=place)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_both_languages_are_there_and_are_not_the_same(name: str) -> None:
    framework = FRAMEWORKS[name]
    for texts in (framework.title, framework.about, framework.edition, framework.publisher):
        assert set(texts) == set(Language)
        assert all(texts.values())
    assert framework.about[Language.NL] != framework.about[Language.EN]
    for part in framework.parts:
        assert part.counted[Language.NL] != part.counted[Language.EN]
    for each in requirements(framework):
        assert set(each.heading) == set(each.cited) == set(Language)
        assert all((*each.heading.values(), *each.cited.values()))
        assert each.heading[Language.NL] != each.heading[Language.EN]


def test_an_article_is_cited_the_way_each_language_cites_it() -> None:
    article = next(each for each in requirements(FRAMEWORKS["gdpr"]) if each.id == "32(1)(a)")

    assert article.cited == {Language.NL: "Art. 32, lid 1, onder a", Language.EN: "Art. 32(1)(a)"}
    for name in ("gdpr", "nis2"):
        for each in requirements(FRAMEWORKS[name]):
            assert re.findall(r"\d+", each.cited[Language.NL]) == re.findall(r"\d+", each.id)
            assert each.cited[Language.EN].startswith(f"Art. {each.id}")


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_nothing_says_that_a_company_complies(name: str) -> None:
    framework = FRAMEWORKS[name]
    texts = [
        *framework.about.values(),
        *(text for part in framework.parts for text in part.counted.values()),
        *(text for each in requirements(framework) for text in each.heading.values()),
    ]

    assert [text for text in texts if CONFORMITY.search(text)] == []


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_words_beside_an_id_are_a_few(name: str) -> None:
    """A long one would be the source's own sentence, which may be copyrighted."""
    for each in requirements(FRAMEWORKS[name]):
        for text in each.heading.values():
            assert len(text.split()) <= 12, text


def test_every_framework_says_how_its_ids_were_verified() -> None:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    for name in FRAMEWORKS:
        above = lines[lines.index(f"{name}:") - 1]
        assert above.startswith("# ")


# --- broken files ------------------------------------------------------------------------------

GOOD = """\
law:
  title: {nl: Wet, en: Law}
  about: {nl: Een wet., en: A law.}
  edition: {nl: Wet 1, en: Law 1}
  publisher: {nl: Parlement, en: Parliament}
  date: 2024-01-31
  url: https://law.example/1
  parts:
    all:
      number: 3
      counted: {nl: artikelen, en: articles}
      requirements:
        A.1: {nl: Slot, en: Lock, measures: [tls]}
        "2": {nl: Kopie, en: Copy, measures: [backup, tls]}
"""


def told(tmp_path: Path, text: str) -> InputError:
    path = tmp_path / "frameworks.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_frameworks(path, ["tls", "backup"])
    return caught.value


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "frameworks.yaml"
    path.write_text(GOOD, encoding="utf-8")

    (framework,) = load_frameworks(path, ["tls", "backup"]).values()

    assert (framework.id, framework.date) == ("law", "2024-01-31")
    (part,) = framework.parts
    assert part.title == {Language.NL: "", Language.EN: ""}
    assert [each.id for each in part.requirements] == ["A.1", "2"]
    assert part.requirements[1].cited == {Language.NL: "2", Language.EN: "2"}
    assert part.requirements[1].measures == ("backup", "tls")


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "message", "mend"),
    [
        ("measures: [tls]", "measures: [tsl]", 13, "law.parts.all.requirements.A.1.measures[0]",
         "the catalogue has no measure 'tsl'", "did you mean 'tls'?"),
        ("[backup, tls]", "[tls, tls]", 14, "law.parts.all.requirements.2.measures[1]",
         "'tls' is named twice", "keep one of them"),
        ("A.1:", "a 1:", 13, "law.parts.all.requirements.a 1",
         "is no id of a requirement", "A.8.13"),
        ("number: 3", "number: 1", 10, "law.parts.all.number",
         "is less than the 2 requirements below it", "write how many there are in the source"),
        ("nl: Slot, ", "", 13, "law.parts.all.requirements.A.1.nl", "is missing", ""),
        (", en: Copy", ", en: ''", 14, "law.parts.all.requirements.2.en", "at least 1", ""),
        ("url: https", "url: http", 7, "law.url", "match pattern", ""),
        ("date: 2024-01-31", "date: soon", 6, "law.date", "", ""),
        ("  about: {nl: Een wet., en: A law.}\n", "", 1, "law.about", "is missing", ""),
        ("counted:", "counts:", 11, "law.parts.all.counts", "is no setting of this place",
         "did you mean 'counted'?"),
        ("law:", "The Law:", 1, "The Law", "an id holds small letters", ""),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_line_its_field_and_its_mend(
    tmp_path: Path, old: str, new: str, line: int, field: str, message: str, mend: str
) -> None:
    assert old in GOOD

    error = told(tmp_path, GOOD.replace(old, new))

    faults = error.problems if isinstance(error, InputErrors) else (error,)
    fault = next(each for each in faults if each.field == field)
    assert fault.line == line
    assert message in fault.message
    assert mend in fault.mend


def test_an_id_in_two_parts_and_parts_without_a_title_are_told(tmp_path: Path) -> None:
    second = """\
    more:
      number: 1
      counted: {nl: artikelen, en: articles}
      requirements:
        A.1: {nl: Slot, en: Lock, measures: [tls]}
"""

    error = told(tmp_path, GOOD + second)

    assert isinstance(error, InputErrors)
    assert [(each.line, each.message) for each in error.problems] == [
        (9, "has no title"),
        (15, "has no title"),
        (19, "stands in this framework twice"),
    ]


def test_an_id_that_stands_twice_in_one_part_is_told(tmp_path: Path) -> None:
    error = told(tmp_path, GOOD.replace('"2":', "A.1:"))

    assert error.line == 14
    assert "twice" in error.message


@pytest.mark.parametrize("text", ["", "[]", "{}", "law"])
def test_a_file_that_holds_no_frameworks_is_told(tmp_path: Path, text: str) -> None:
    assert "must be a mapping" in told(tmp_path, text).message
