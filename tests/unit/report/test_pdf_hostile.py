"""A PDF of hostile words fetches nothing, opens nothing, and says what was said."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience, HouseStyle, Logo
from assessor.report.parts.report import ReportView
from assessor.report.pdf import DEBIAN, html_to_pdf, render_one_page_pdf, render_pdf
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests.unit.inputs.pictures import svg
from tests.unit.report.example import TEMPLATES, example_reference, example_result
from tests.unit.report.pdf_reading import Printed, letters
from tests.unit.report.test_html import HOSTILE, MISLEADING, hostile_run
from tests.unit.report.test_injection import FORMULAS, UNSEEN

try:
    import weasyprint
except OSError as error:
    pytest.skip(f"WeasyPrint lacks libraries ({error}): {DEBIAN}", allow_module_level=True)

Texts = Mapping[Language, ReportTexts]

SECRET = "geheimbestand"
"""Stands in a file that pages try to show; letters only, so that no line breaks in it."""


@dataclass
class Web:
    """A web server that only counts what it is asked.

    Attributes:
        file: a picture on this machine that says ``SECRET``.
    """

    address: str
    file: Path
    asked: list[str] = field(default_factory=list)


@pytest.fixture(name="web")
def _web(tmp_path: Path) -> Iterator[Web]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            web.asked.append(self.path)
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            pass

    file = tmp_path / "secret.svg"
    file.write_bytes(svg(f"<text y='15' font-size='5'>{SECRET}</text>"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    web = Web(f"http://127.0.0.1:{server.server_port}", file)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield web
    server.shutdown()
    thread.join()
    server.server_close()


def addresses(web: Web) -> list[str]:
    """Addresses that say where they are asked for; the last two are of a file."""
    return [f"{web.address}/it", web.file.as_uri(), str(web.file)]


def live(address: str) -> str:
    """All ways in which a page can ask for ``address``, as if nothing had been escaped."""
    inside = (
        f"<image href='{address}' width='9' height='9'/><use href='{address}#x'/>"
        f"<style>@import url({address}); rect {{ fill: url({address}#x) }}</style>"
    )
    data = base64.b64encode(svg(inside)).decode()
    return f"""
<style>@import "{address}"; @font-face {{ font-family: x; src: url("{address}") }}
p {{ background-image: url("{address}"); font-family: x; list-style: url("{address}") }}
p::before {{ content: url("{address}") }}</style>
<link rel="stylesheet" href="{address}"><link rel="attachment" href="{address}">
<a rel="attachment" href="{address}">enclosed</a>
<p style="border-image: url({address})">x</p><img src="{address}" alt="a">
<img src="data:image/svg+xml;base64,{data}" alt="b">
<object data="{address}">c</object><embed src="{address}">
<iframe src="{address}"></iframe><video src="{address}" poster="{address}"></video>
<svg viewBox="0 0 9 9" aria-label="d">{inside}</svg><svg aria-hidden="true">{inside}</svg>
<form action="{address}"><input name="e"><button formaction="{address}">e</button></form>
"""


def document(body: str) -> str:
    return f"<!doctype html><html lang='nl'><title>t</title><body><h1>h</h1>{body}</body></html>"


@pytest.fixture(name="view", scope="module")
def _view(texts: Texts) -> ReportView:
    return build_view(example_result(), example_reference(), Language.NL, texts[Language.NL])


def test_a_page_in_which_nothing_is_escaped_gets_no_file_and_asks_no_server(
    view: ReportView, web: Web
) -> None:
    body = "".join(map(live, addresses(web)))

    printed = Printed(html_to_pdf(document(body), view, TEMPLATES))

    assert web.asked == []
    assert SECRET not in "".join(printed.pages)
    assert [each for each in printed.acts if not each.startswith("/URI http")] == []
    assert {each.get("/Subtype") for each in printed.objects} & {"/FileAttachment", "/Widget"} == (
        set()
    )


def test_a_base_does_not_make_a_relative_address_lead_there(view: ReportView, web: Web) -> None:
    page = document(f"<base href='{web.address}/'><img src='it' alt='a'><a href='it'>b</a>")

    printed = Printed(html_to_pdf(page, view, TEMPLATES))

    assert web.asked == []
    assert printed.acts == []


def test_the_server_and_the_file_would_be_seen(
    view: ReportView, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its bounds, the same page does ask and does show: the tests above can fail."""
    fetcher = weasyprint.urls.URLFetcher

    def unbound(**_: object) -> object:
        return fetcher()

    monkeypatch.setattr(weasyprint.urls, "URLFetcher", unbound)

    printed = Printed(html_to_pdf(document("".join(map(live, addresses(web)))), view, TEMPLATES))

    assert web.asked
    assert SECRET in "".join(printed.pages)


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "//evil.example/", "x"],
)
def test_a_link_leads_to_the_web_a_mailbox_a_telephone_or_a_place_in_the_page(
    view: ReportView, href: str
) -> None:
    good = ["https://a.example/", "mailto:a@b.example", "tel:+31"]
    page = document("".join(f"<a href='{each}'>x</a>" for each in [href, *good, "#p"]) + "<i id=p>")

    assert Printed(html_to_pdf(page, view, TEMPLATES)).acts == sorted(f"/URI {u}" for u in good)


@pytest.mark.parametrize(
    "inside", ["<image href='{}' width='40' height='20'/>", "<use href='{}'/>"]
)
def test_a_logo_brings_nothing_along(texts: Texts, web: Web, inside: str) -> None:
    pictures = "".join(inside.format(address) for address in addresses(web))
    style = HouseStyle(logo=Logo("image/svg+xml", svg(pictures)))
    view = build_view(
        example_result(), example_reference(), Language.NL, texts[Language.NL],
        Presentation(style=style),
    )  # fmt: skip

    printed = Printed(render_one_page_pdf(view, TEMPLATES))

    assert web.asked == []
    assert SECRET not in "".join(printed.pages)


@pytest.mark.parametrize("audience", Audience)
@pytest.mark.parametrize("render", [render_pdf, render_one_page_pdf])
def test_hostile_names_do_nothing_that_tame_names_do_not(
    texts: Texts, web: Web, audience: Audience, render: Callable[[ReportView, Path], bytes]
) -> None:
    def told(text: str) -> Printed:
        run = hostile_run(text)
        view = build_view(*run, Language.NL, texts[Language.NL], Presentation(audience))
        return Printed(render(view, TEMPLATES))

    wild = told(" ".join([*HOSTILE, *FORMULAS, *map(live, addresses(web))]))

    assert web.asked == []
    assert SECRET not in "".join(wild.pages)
    assert wild.acts == told("tamme woorden").acts
    assert wild.faults == []


@pytest.mark.parametrize("text", [" ".join(HOSTILE[:6]), " ".join(HOSTILE[6:])])
def test_hostile_words_are_printed_as_they_were_said(texts: Texts, text: str) -> None:
    view = build_view(*hostile_run(text), Language.NL, texts[Language.NL])

    printed = Printed(render_pdf(view, TEMPLATES))

    assert letters(text) in printed.letters
    assert "49{" not in printed.letters


def test_nothing_that_is_printed_is_hidden(texts: Texts) -> None:
    view = build_view(*hostile_run(MISLEADING), Language.NL, texts[Language.NL])

    printed = Printed(render_pdf(view, TEMPLATES))

    text = "".join(printed.pages)
    assert UNSEEN.findall(text) == []
    for sign in (
        "[U+0000]",
        "[U+001B]",
        "[U+0007]",
        "[U+202E]",
        "[U+200B]",
        "[U+D800]",
        "[U+E0041]",
    ):
        assert sign in letters(text)
    titles = "".join(title for _, title, _ in printed.outline)
    assert UNSEEN.findall(titles) == []
    assert "[U+202E]" in titles
