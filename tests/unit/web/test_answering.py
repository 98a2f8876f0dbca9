"""What is recorded, what is refused, and what is never lost."""

from __future__ import annotations

from typing import Any

import pytest

from assessor.web.desk import Refused
from assessor.web.uploads import Limits
from tests.unit.web.support import BASE, PHOTO, PORT, Visitor, file

SMALL = Limits(file_bytes=1000, files=2, held_bytes=1500, request_bytes=20_000)


def test_an_answer_is_recorded_and_leads_to_the_next_open_question() -> None:
    visitor = Visitor().enter()

    sent = visitor.post(visitor.filled(files=[file(), file(b"%PDF-1.7", "deed.pdf")]))

    assert (sent.status_code, sent.headers["Location"]) == (
        303,
        f"{visitor.home}question/physical-access",
    )
    (recorded,) = visitor.desk.recorded
    assert (recorded.answer, recorded.text, recorded.by) == (
        "yes",
        "Two extinguishers.",
        "A. Bakker",
    )
    assert [each.name for each in recorded.files] == ["photo.jpg", "deed.pdf"]
    assert visitor.desk.contents == [PHOTO, b"%PDF-1.7"]
    assert "Fire safety. Recorded." in visitor.page("physical-access")
    assert "Fire safety. Recorded." not in visitor.page("physical-access"), "told once"


def test_the_same_form_sent_twice_records_once() -> None:
    visitor = Visitor().enter()
    form = visitor.filled()

    first, second = visitor.post(dict(form)), visitor.post(dict(form))

    assert first.headers["Location"] == second.headers["Location"]
    assert len(visitor.desk.recorded) == 1
    visitor.post(visitor.filled(text="Three now."))
    assert [each.text for each in visitor.desk.recorded] == ["Two extinguishers.", "Three now."]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": f"http://127.0.0.1:{PORT + 1}"},
        {"Origin": f"https://127.0.0.1:{PORT}"},
        {"Origin": f"http://localhost:{PORT}"},
        {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
        {"Origin": BASE, "Sec-Fetch-Site": "same-site"},
        {"Origin": BASE, "Sec-Fetch-Site": "none"},
    ],
)
def test_a_form_from_another_page_is_refused(headers: dict[str, str]) -> None:
    visitor = Visitor().enter()

    assert visitor.post(visitor.filled(), headers=headers).status_code == 403
    assert visitor.post(visitor.filled(), "done", headers=headers).status_code == 403
    assert visitor.desk.recorded == []
    assert not visitor.app.over.is_set()


@pytest.mark.parametrize("csrf", ["", "wrong", "é", None])
@pytest.mark.parametrize("path", ["question/fire-safety", "done"])
def test_a_form_without_our_mark_is_refused(csrf: str | None, path: str) -> None:
    visitor = Visitor().enter()
    form = visitor.filled(csrf=csrf)
    if path != "done":
        form["files"] = file()
    if csrf is None:
        del form["csrf"]

    assert visitor.post(form, path).status_code == 403
    assert visitor.desk.recorded == []
    assert not visitor.app.over.is_set()
    assert "photo.jpg" not in visitor.page()


def test_a_form_for_another_host_name_is_refused() -> None:
    visitor = Visitor().enter()
    host = f"http://evil.example:{PORT}"

    assert visitor.post(visitor.filled(), headers={"Origin": host}, host=host).status_code == 403


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "application/json", "text/plain", ""]
)
def test_another_kind_of_content_is_refused(kind: str) -> None:
    visitor = Visitor().enter()
    form = visitor.filled()

    sent = visitor.client.post(
        f"{visitor.home}question/fire-safety",
        base_url=BASE,
        headers={"Origin": BASE},
        data=f"csrf={form['csrf']}&answer=yes&text=x",
        content_type=kind,
    )

    assert sent.status_code == 415
    assert visitor.desk.recorded == []


def test_an_unknown_measure_is_not_there() -> None:
    visitor = Visitor().enter()

    for measure in ("none", "..%2f..%2fetc", "fire-safety/"):
        assert visitor.post(visitor.filled(), f"question/{measure}").status_code == 404
    assert visitor.desk.recorded == []


def test_a_file_that_is_too_large_costs_nothing_of_what_was_typed() -> None:
    visitor = Visitor(limits=SMALL).enter()

    sent = visitor.post(visitor.filled(files=[file(b"x" * 1001, "big.jpg"), file()]))

    page = visitor.page()
    assert sent.headers["Location"] == f"{visitor.home}question/fire-safety"
    assert visitor.desk.recorded == []
    assert "big.jpg is too large: 0 MB a file at most." in page
    assert "Remove photo.jpg" in page
    assert "Remove big.jpg" not in page
    assert "Two extinguishers." in page
    visitor.post(visitor.filled())
    assert visitor.desk.contents == [PHOTO], "the good file had stayed"


def test_more_files_than_allowed_are_refused_and_so_is_too_much_together() -> None:
    visitor = Visitor(limits=SMALL).enter()
    visitor.post(visitor.filled(files=[file(), file(), file(name="third.jpg")]))
    assert "Those are too many files: 2 an answer at most." in visitor.page()

    other = Visitor(limits=SMALL).enter()
    other.post(other.filled(files=[file(b"x" * 900, "one.jpg"), file(b"y" * 900, "two.jpg")]))
    page = other.page()
    assert "two.jpg was not taken." in page
    assert "Remove one.jpg" in page


def test_what_all_open_answers_hold_together_is_bounded() -> None:
    visitor = Visitor(limits=SMALL).enter()
    visitor.post(visitor.filled(answer="later", files=file(b"x" * 900, "one.jpg")))
    form = visitor.filled(files=file(b"y" * 900, "two.jpg"))

    visitor.post(form, "question/physical-access")

    assert "two.jpg was not taken." in visitor.page("physical-access")


@pytest.mark.parametrize(
    "form",
    [
        {"files": (b"x" * 30_000, "big.jpg")},
        {"text": "x" * 17_000},
        {f"field{number}": "x" for number in range(101)},
    ],
)
def test_more_than_is_read_at_all_is_refused(form: dict[str, Any]) -> None:
    visitor = Visitor(limits=SMALL).enter()
    if "files" in form:
        form = {"files": file(*form["files"])}

    sent = visitor.post({**visitor.filled(), **form})

    assert sent.status_code == 413
    assert "Nothing was saved." in sent.text
    assert visitor.desk.recorded == []
    assert visitor.complaints == []


def test_faults_are_told_at_their_field_and_the_first_thing_focused_names_them() -> None:
    visitor = Visitor().enter()
    form = visitor.filled(text="", files=file())
    del form["answer"]

    visitor.post(form)

    page = visitor.page()
    assert "<title>Error: Fire safety" in page
    assert 'id="faults" tabindex="-1" autofocus' in page
    assert 'href="#answer-yes"' in page
    assert 'id="text-fault"' in page
    assert 'aria-describedby="text-fault" aria-invalid="true"' in page
    assert "Remove photo.jpg" in page
    visitor.post(visitor.filled())
    assert "Error:" not in visitor.page()


def test_a_refused_kind_of_file_is_told_and_not_kept() -> None:
    visitor = Visitor().enter()

    visitor.post(visitor.filled(files=[file(name="run.exe")]))

    assert "run.exe is not taken." in visitor.page()
    assert "Remove run.exe" not in visitor.page()
    assert visitor.desk.recorded == []


def test_a_file_that_was_ticked_is_let_go_of() -> None:
    visitor = Visitor().enter()
    visitor.post(visitor.filled(text="", files=[file(b"\xff\xd8\xff 1", "a.jpg"), file()]))

    visitor.post(visitor.filled(drop="0"))

    assert [each.name for each in visitor.desk.recorded[0].files] == ["photo.jpg"]


def test_later_records_nothing_and_keeps_what_was_typed() -> None:
    visitor = Visitor().enter()

    sent = visitor.post(visitor.filled(answer="later"))

    assert sent.headers["Location"].endswith("physical-access")
    assert visitor.desk.recorded == []
    assert "Two extinguishers." in visitor.page()
    assert "filled in, not saved yet" in visitor.get(visitor.home).text


def test_who_and_role_are_offered_with_the_next_question() -> None:
    visitor = Visitor().enter()
    assert 'value="A. Bakker"' in visitor.page()

    visitor.post(visitor.filled(by="C. Dekker", role="head of <IT>"))

    page = visitor.page("physical-access")
    assert 'value="C. Dekker"' in page
    assert 'value="head of &lt;IT&gt;"' in page


HOSTILE = '"><script>alert(1)</script></textarea>{{ 7*7 }}'


def test_nothing_that_is_typed_becomes_markup() -> None:
    visitor = Visitor().enter()
    visitor.post(
        visitor.filled(
            text=HOSTILE,
            by=HOSTILE,
            role=HOSTILE,
            given=HOSTILE,
            answer="",
            files=file(name=HOSTILE),
        )
    )
    before = visitor.page()
    visitor.post(visitor.filled(text=HOSTILE))

    for page in (before, visitor.page(), visitor.get(visitor.home).text):
        assert "<script>alert" not in page
        assert "49" not in page.partition("</head>")[2]
        assert "<b>Zoet" not in page
        assert "<i>it" not in page
        assert page.count("<script") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;/textarea&gt;" in before


def test_an_answer_that_the_disk_does_not_take_is_not_said_to_be_saved() -> None:
    visitor = Visitor().enter()
    visitor.desk.broken = Refused({"": "The disk is full."})

    visitor.post(visitor.filled(files=file()))

    page = visitor.page()
    assert "The disk is full." in page
    assert "Two extinguishers." in page
    visitor.desk.broken = None
    visitor.post(visitor.filled())
    assert visitor.desk.contents == [PHOTO]


def test_a_fault_of_ours_is_told_on_the_terminal_and_shows_nothing_of_itself() -> None:
    visitor = Visitor().enter()
    visitor.desk.broken = RuntimeError("secret path /home/x")

    sent = visitor.post(visitor.filled())

    assert sent.status_code == 500
    assert "secret path" not in sent.text
    assert [str(each) for each in visitor.complaints] == ["secret path /home/x"]


def test_done_ends_it_once_the_page_that_says_so_was_sent() -> None:
    visitor = Visitor().enter()
    visitor.post(visitor.filled())

    sent = visitor.post(visitor.hidden(), "done")
    sent.close()

    assert "Done: 1 answered." in sent.text
    assert visitor.app.over.is_set()
