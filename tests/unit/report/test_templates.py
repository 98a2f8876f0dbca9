"""Templates of an organisation: they go before ours, and can do no more than show."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from assessor.errors import InputError
from assessor.model.language import Language
from assessor.report.html import render_html
from assessor.report.page import render_page
from assessor.report.parts.report import ReportView
from assessor.report.templates import MAX_BYTES, Templates
from tests.unit.report.example import TEMPLATES


@pytest.fixture(name="own")
def _own(tmp_path: Path) -> Path:
    folder = tmp_path / "sjablonen"
    (folder / "parts").mkdir(parents=True)
    return folder


@pytest.fixture(name="view", scope="module")
def _view(views: Mapping[Language, ReportView]) -> ReportView:
    return views[Language.NL]


def masthead(own: Path, text: str) -> Path:
    """Puts a masthead of their own into the folder."""
    path = own / "parts" / "masthead.html.j2"
    path.write_text(text, "utf-8")
    return path


def test_an_empty_folder_changes_nothing(own: Path, view: ReportView) -> None:
    """In the sandbox the page is the same to the byte."""
    assert render_html(view, TEMPLATES, own) == render_html(view, TEMPLATES)


def test_a_part_of_their_own_goes_before_ours(own: Path, view: ReportView) -> None:
    masthead(own, "<header>{{ view.summary.title }} | {{ label.claims }}</header>")

    page = render_html(view, TEMPLATES, own)

    assert f"<header>{view.summary.title} | {view.labels['claims']}</header>" in page
    assert 'class="masthead"' not in page
    assert 'id="claims"' in page


def test_the_example_of_the_docs_is_one(own: Path, view: ReportView) -> None:
    told = (TEMPLATES.parent / "docs" / "reports.md").read_text("utf-8")
    (example,) = re.findall(r"```html\n(.*?)```", told, re.DOTALL)
    masthead(own, example)

    assert f"Koek ICT · {view.summary.subtitle}</p>" in render_html(view, TEMPLATES, own)


def test_a_style_sheet_of_their_own_goes_before_ours_under_its_hash(
    own: Path, view: ReportView
) -> None:
    (own / "style.css").write_text("body { color: #123456; }\n", "utf-8")

    page = render_html(view, TEMPLATES, own)

    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style == "body { color: #123456; }\n"
    # the test of the whole page holds hash and style side by side; here it is enough that
    # the policy is not that of our own style sheet
    assert re.findall(r"sha256-[^&]*", page) != re.findall(
        r"sha256-[^&]*", render_html(view, TEMPLATES)
    )


def test_what_they_show_is_escaped(own: Path, view: ReportView) -> None:
    masthead(own, "<i>{{ '<script>' }}{{ view.summary.title|replace('B', '<b>') }}</i>")

    page = render_html(view, TEMPLATES, own)

    assert "<i>&lt;script&gt;&lt;b&gt;akkerij Zoet</i>" in page


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("<p>\n{% if %}", 2, "Expected an expression"),
        ("{% for x in view.claims %}", 1, "Unexpected end of template"),
        ("<p>\n\n{{ view.nothing }}", 3, "UndefinedError: .*has no attribute 'nothing'"),
        ("{{ label.nothing }}", 1, "UndefinedError: .*has no attribute 'nothing'"),
        ("\n{{ 1 / 0 }}", 2, "ZeroDivisionError"),
        ('{% include "parts/nothing.j2" %}', 1, "TemplateNotFound: parts/nothing.j2"),
        ('{% include "../../x" %}', 1, "TemplateNotFound"),
        ('{% include "/etc/passwd" %}', 1, "TemplateNotFound"),
        ("{{ view|nothing }}", 1, "No filter named 'nothing'"),
        # escaping cannot be turned off
        ("\n{{ view.summary.title|safe }}", 2, "No filter named 'safe'"),
        ("\n{% autoescape false %}{{ view }}{% endautoescape %}", 2, "escaping stays on"),
        # no way from a value to the programme
        ("{{ view.__class__ }}", 1, "unsafe"),
        ("{{ view['__class__'] }}", 1, "unsafe"),
        ("{{ view|attr('__init__') }}", 1, "unsafe"),
        ("{{ view.summary.title.format.__self__ }}", 1, "no attribute '__self__'"),
        ("{{ '{0.__class__}'.format(view) }}", 1, "unsafe"),
        ("{{ cycler.__init__.__globals__ }}", 1, "unsafe"),
        # nor to what others see
        ("{% do label.clear() %}", 1, "unknown tag 'do'"),
        ("{{ label.update({'claims': 'x'}) }}", 1, "unsafe|not safely callable"),
        ("{% for x in range(10**9) %}{% endfor %}", 1, "OverflowError"),
        ("{% macro x() %}{{ x() }}{% endmacro %}{{ x() }}", 1, "RecursionError"),
    ],
)
def test_a_broken_template_names_its_file_and_line(
    own: Path, view: ReportView, text: str, line: int, what: str
) -> None:
    path = masthead(own, text)

    with pytest.raises(InputError, match=what) as caught:
        render_html(view, TEMPLATES, own)

    assert (caught.value.path, caught.value.line) == (path, line)
    assert "\n" not in caught.value.message
    assert "docs/reports.md" in caught.value.mend


def test_a_fault_of_ours_stays_one(own: Path, tmp_path: Path, view: ReportView) -> None:
    ours = tmp_path / "ours"
    shutil.copytree(TEMPLATES, ours)
    (ours / "parts" / "masthead.html.j2").write_text("{{ view.nothing }}", "utf-8")

    for folder in (own, None):
        with pytest.raises(UndefinedError):
            render_html(view, ours, folder)


@pytest.mark.parametrize("name", ["parts/masthead.html.j2", "style.css"])
def test_a_link_out_of_the_folder_is_refused(
    own: Path, tmp_path: Path, view: ReportView, name: str
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("root:x:0:0", "utf-8")
    (own / name).symlink_to(secret)

    with pytest.raises(InputError, match="leads out of the folder") as caught:
        render_html(view, TEMPLATES, own)

    assert caught.value.path == own / name


def test_a_folder_that_leads_out_is_refused_too(
    own: Path, tmp_path: Path, view: ReportView
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "masthead.html.j2").write_text("x", "utf-8")
    (own / "parts").rmdir()
    (own / "parts").symlink_to(elsewhere)

    with pytest.raises(InputError, match="leads out of the folder"):
        render_html(view, TEMPLATES, own)


def test_the_folder_itself_may_be_a_link_and_so_may_files_within(
    own: Path, tmp_path: Path, view: ReportView
) -> None:
    (own / "head.j2").write_text("<header>Zoet</header>", "utf-8")
    (own / "parts" / "masthead.html.j2").symlink_to(own / "head.j2")
    (tmp_path / "link").symlink_to(own)

    assert "<header>Zoet</header>" in render_html(view, TEMPLATES, tmp_path / "link")


@pytest.mark.parametrize(
    "head",
    [
        "",
        '<meta http-equiv="Content-Security-Policy" content="default-src *">',
        '<!-- <meta http-equiv="Content-Security-Policy" content="{{ policy }}"> -->',
        '<script>1</script><meta http-equiv="Content-Security-Policy" content="{{ policy }}">',
        '<meta name="x" content="{{ policy }}">',
    ],
)
def test_a_page_without_its_policy_is_refused(own: Path, view: ReportView, head: str) -> None:
    (own / "report.html.j2").write_text(
        f"<!doctype html><html><head>{head}<style>{{{{ style }}}}</style></head></html>", "utf-8"
    )

    with pytest.raises(InputError, match="lost its content-security policy") as caught:
        render_html(view, TEMPLATES, own)

    assert caught.value.path == own / "report.html.j2"
    assert "{{ policy }}" in caught.value.mend


def test_a_page_of_their_own_that_keeps_it_is_theirs(own: Path, view: ReportView) -> None:
    (own / "report.html.j2").write_text(
        '<!doctype html><html lang="{{ view.language }}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="{{ policy }}">'
        "<title>{{ view.summary.title }}</title><style>{{ style }}</style></head>"
        "<body>{{ view.summary.headline }}</body></html>",
        "utf-8",
    )

    page = render_html(view, TEMPLATES, own)

    assert page.endswith(f"<body>{view.summary.headline}</body></html>")


def test_a_style_sheet_cannot_end_its_element(own: Path, view: ReportView) -> None:
    (own / "style.css").write_text("p {}\n</STYLE><script>x</script>", "utf-8")

    with pytest.raises(InputError, match="holds no HTML") as caught:
        render_html(view, TEMPLATES, own)

    assert (caught.value.path, caught.value.line) == (own / "style.css", 2)


@pytest.mark.parametrize(
    ("data", "what"),
    [(b"a\n\xff", "not UTF-8"), (b" " * (MAX_BYTES + 1), "larger than 1 MB")],
)
def test_what_is_no_text_is_refused(own: Path, view: ReportView, data: bytes, what: str) -> None:
    (own / "parts" / "masthead.html.j2").write_bytes(data)

    with pytest.raises(InputError, match=what):
        render_html(view, TEMPLATES, own)


def test_only_their_own_pictures_in_the_page_are_allowed(own: Path) -> None:
    (own / "x.j2").write_text(
        '<meta http-equiv="Content-Security-Policy" content="{{ policy }}">', "utf-8"
    )

    assert "img-src data:" in render_page("x.j2", TEMPLATES, {}, own=own, pictures=True)
    assert "img-src" not in render_page("x.j2", TEMPLATES, {}, own=own)


def test_what_is_no_markup_is_not_escaped(own: Path) -> None:
    (own / "x.md.j2").write_text("{{ text }}", "utf-8")

    assert Templates(TEMPLATES, own).render("x.md.j2", {"text": "a & b"}, escape=False) == "a & b"
