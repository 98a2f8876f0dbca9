"""``assess questionnaire --web`` as it is used: a real server, a real browser, a phone's width."""

from __future__ import annotations

import http.client
import io
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from assessor.inputs.words import load_words
from assessor.model.attestation import Answer
from tests.end_to_end.assess import PROGRAM, assess, environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

STATEMENT = """# Privacyverklaring

## Beveiliging

Wij nemen de volgende maatregelen:

- In ons pand hangen brandblussers en rookmelders.
- Met onze leveranciers sluiten wij verwerkersovereenkomsten.
"""
SETTINGS = """organisation: Bakkerij Zoet
language: nl
statement: statement.md
targets:
  - name: website
    role: site
    address: www.example.nl
"""
STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  const out = [...document.querySelectorAll('body *')].filter(
    (e) => !e.matches('.skip, .unseen') && e.getBoundingClientRect().right > width + 1);
  return [document.documentElement.scrollWidth - width, out.map((e) => e.outerHTML)];
}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "client"
    folder.mkdir()
    (folder / "statement.md").write_text(STATEMENT, "utf-8")
    (folder / "assessment.yaml").write_text(SETTINGS, "utf-8")
    (tmp_path / "tmp").mkdir()
    return folder


@dataclass
class Served:
    """A questionnaire that is open."""

    process: subprocess.Popen[str]
    link: str
    folder: Path

    @property
    def port(self) -> int:
        return urlsplit(self.link).port or 0

    def ended(self) -> str:
        """What it printed until its end, which must be near."""
        told, errors = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, errors
        return told


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    process = subprocess.Popen(
        [*PROGRAM, "questionnaire", "--web"],
        cwd=folder,
        env=environment(TMPDIR=str(folder.parent / "tmp")),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # a shell that starts tests in the background has them ignore Ctrl-C
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    try:
        link = process.stdout.readline().strip()
        assert link.startswith("http://127.0.0.1:"), process.communicate()[1]
        yield Served(process, link, folder)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()


class Plain:
    """A browser of headers and bytes."""

    def __init__(self, page: Served) -> None:
        self.port, self.cookie = page.port, ""
        answer, _ = self.send("GET", urlsplit(page.link).path)
        self.home = answer.headers["Location"]
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]

    def send(
        self, method: str, path: str, body: bytes = b"", **headers: str
    ) -> tuple[http.client.HTTPResponse, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        if self.cookie:
            headers["Cookie"] = self.cookie
        connection.request(
            method, path, body or None, {name.replace("_", "-"): v for name, v in headers.items()}
        )
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer, text

    def answer(self, **typed: Any) -> http.client.HTTPResponse:
        path = f"{self.home}question/fire-safety"
        hidden = re.findall(
            r'type="hidden" name="(\w+)" value="([^"]*)"', self.send("GET", path)[1]
        )
        form: dict[str, Any] = {name: unescape(value) for name, value in hidden}
        form |= {"answer": "yes", "text": "Twee blussers.", "by": "A. Bakker", "role": "eigenaar"}
        boundary, body = encode_multipart({**form, **typed})
        return self.send(
            "POST",
            path,
            body,
            Content_Type=f"multipart/form-data; boundary={boundary}",
            Origin=f"http://127.0.0.1:{self.port}",
        )[0]


def photo(size: tuple[int, int] = (640, 480)) -> bytes:
    written = io.BytesIO()
    Image.new("RGB", size, (190, 30, 30)).save(written, "JPEG")
    return written.getvalue()


def test_it_listens_on_this_machine_only(folder: Path) -> None:
    with served(folder) as page:
        listening = [
            line.split()[1]
            for table in ("tcp", "tcp6")
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]
            if line.split()[3] == "0A" and line.split()[1].endswith(f":{page.port:04X}")
        ]

        assert listening == [f"0100007F:{page.port:04X}"]


def test_a_killed_server_loses_nothing_that_it_said_is_saved(folder: Path) -> None:
    with served(folder) as page:
        browser = Plain(page)
        held = browser.answer(text="", files=FileStorage(io.BytesIO(photo((64, 64))), "wacht.jpg"))
        assert held.headers["Location"].endswith("fire-safety"), "this one waits for its text"
        sent = browser.answer(
            files=FileStorage(io.BytesIO(photo()), "../../../../tmp/<b>blusser.jpg")
        )
        assert sent.status == 303
        assert list((folder.parent / "tmp").iterdir()) == [], "no upload has a name"

        page.process.kill()
        page.process.communicate()

    (kept,) = load_words(folder).attestations  # it also holds the files against their digests
    assert (kept.measure, kept.answer, kept.text) == (
        "fire-safety",
        Answer.YES,
        "Twee blussers.",
    )
    assert [file.name for file in kept.files] == ["wacht.jpg", "_b_blusser.jpg"]
    assert {path.name for path in folder.iterdir()} == {
        "assessment.yaml",
        "statement.md",
        "attestations",
    }
    assert {path.name for path in (folder / "attestations" / "files").iterdir()} == {
        file.sha256 for file in kept.files
    }


def test_ctrl_c_ends_it_and_tells_what_was_recorded(folder: Path) -> None:
    with served(folder) as page:
        Plain(page).answer()

        page.process.send_signal(signal.SIGINT)

        told = page.ended()
    assert "Brandveiligheid: ja, geldig tot en met" in told
    assert "1 beantwoord, 1 nog open" in told


def test_more_than_is_read_at_all_is_refused_before_it_is_sent(folder: Path) -> None:
    with served(folder) as page, socket.create_connection(("127.0.0.1", page.port)) as line:
        line.sendall(
            b"POST / HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 999999999\r\n\r\n"
            % page.port
        )

        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_port_that_is_taken_and_one_without_a_page_are_told(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = assess(folder, "questionnaire", "--web", "--port", port)
    assert (refused.returncode, f"port {port}" in refused.stderr) == (2, True)
    assert "mend:" in refused.stderr

    alone = assess(folder, "questionnaire", "--port", "8712")
    assert (alone.returncode, "--web" in alone.stderr) == (2, True)


def watched(context: BrowserContext, served: Served) -> tuple[Page, list[str]]:
    """A page, and all that it said, asked for or ran that it should not."""
    page = context.new_page()
    ours = f"http://127.0.0.1:{served.port}/"
    wrong: list[str] = []
    page.on("console", lambda message: wrong.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
    page.on("dialog", lambda dialog: wrong.append(f"dialog: {dialog.message}"))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((ours, "data:,")) else wrong.append(request.url)
        ),
    )
    return page, wrong


@pytest.mark.parametrize("scripts", [True, False])
def test_a_phone_answers_with_a_photo(
    browser: Browser, folder: Path, tmp_path: Path, scripts: bool
) -> None:
    (tmp_path / "blusser.jpg").write_bytes(photo())
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, java_script_enabled=scripts
    )
    with served(folder) as open_page:
        page, wrong = watched(context, open_page)
        page.goto(open_page.link)
        assert "enter" not in page.url
        page.get_by_role("link", name="Brandveiligheid").click()

        page.locator("#files").set_input_files(tmp_path / "blusser.jpg")
        page.get_by_label("Uw naam").fill("A. Bakker")
        page.get_by_role("button", name="Bewaar").click()
        page.locator("#faults").wait_for()
        assert page.title().startswith("Fout: Brandveiligheid")
        assert page.get_by_label("blusser.jpg weghalen").is_visible(), "the photo stays"
        if scripts:
            page.wait_for_function("document.activeElement.id === 'faults'")
        page.get_by_role("link", name="Leg uit").click()
        page.get_by_label("Leg uit").fill("Twee blussers. <script>alert(1)</script>")
        page.get_by_label("Deels").check()
        page.get_by_label("Uw functie").fill("eigenaar")
        page.get_by_role("button", name="Bewaar").click()

        page.get_by_role("status").filter(has_text="Brandveiligheid. Bewaard").first.wait_for()
        (kept,) = load_words(folder).attestations
        assert (kept.answer, kept.text) == (
            Answer.PARTLY,
            "Twee blussers. <script>alert(1)</script>",
        )
        assert [file.name for file in kept.files] == ["blusser.jpg"]
        page.get_by_role("link", name="Brandveiligheid").click()
        assert "<script>alert(1)</script>" in page.locator(".about .word").inner_text()
        page.get_by_role("link", name="Alle vragen").click()
        page.get_by_role("button", name="Klaar").click()
        page.locator("main", has_text="1 beantwoord, 1 nog open").wait_for()
        assert "bewijs: blusser.jpg" in open_page.ended()
    assert wrong == []
    context.close()


def test_the_keyboard_alone_answers_a_question(browser: Browser, folder: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    with served(folder) as open_page:
        page, wrong = watched(context, open_page)
        page.goto(open_page.link)

        def tab_to(wanted: str) -> None:
            for _ in range(40):
                page.keyboard.press("Tab")
                if page.evaluate(f"document.activeElement.matches({wanted!r})"):
                    ring = page.evaluate(
                        "(() => { const e = document.activeElement;"
                        " return [e, e.closest('.choice')].map("
                        "(x) => x ? getComputedStyle(x).outlineStyle : 'none'); })()"
                    )
                    assert "solid" in ring, f"{wanted} shows no focus"
                    return
            pytest.fail(f"Tab never reaches {wanted}")

        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        tab_to(".cards a")
        tab_to(".cards a")
        page.keyboard.press("Enter")
        page.wait_for_url("**/question/**")
        title = page.locator("h1").inner_text()
        tab_to("#answer-yes")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        assert page.locator("#answer-partly").is_checked()
        page.keyboard.press("ArrowUp")
        tab_to("#text")
        page.keyboard.type("Ja, overal.")
        tab_to("#by")
        page.keyboard.type("A. Bakker")
        tab_to("#role")
        page.keyboard.type("eigenaar")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "BUTTON"
        page.keyboard.press("Enter")

        page.locator(".notice.saved").wait_for()
        assert f"{title}. Bewaard" in page.locator(".notice.saved").inner_text()
        (kept,) = load_words(folder).attestations
        assert (kept.answer, kept.text) == (Answer.YES, "Ja, overal.")
        assert wrong == []
    context.close()


def test_a_wrong_link_opens_nothing_and_a_link_in_webmail_opens_the_page(
    browser: Browser, folder: Path
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    with served(folder) as open_page:
        page = context.new_page()
        answer = page.goto(open_page.link[:-4] + "0000")
        assert answer is not None
        assert answer.status == 403
        assert "Deze pagina gaat niet open" in page.locator("main").inner_text()
        assert page.locator("a[href^='/'], form, [data-measure]").count() == 0
        assert page.evaluate(STICKING_OUT) == [0, []]
        assert context.cookies() == []

        page.route(
            "http://mail.example/",
            lambda route: route.fulfill(
                content_type="text/html", body=f'<a href="{open_page.link}">open</a>'
            ),
        )
        page.goto("http://mail.example/")
        page.get_by_role("link").click()
        page.get_by_role("link", name="Brandveiligheid").wait_for()
        assert "enter" not in page.url
        page.go_back()
        assert context.request.get(open_page.link).status == 403
    context.close()


def test_it_fits_every_screen_and_what_was_typed_survives_a_reload(
    browser: Browser, folder: Path
) -> None:
    context = browser.new_context()
    with served(folder) as open_page:
        page, wrong = watched(context, open_page)
        page.goto(open_page.link)
        home = page.url
        for width in (360, 390, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            for path in ("", "question/processor-agreement", "question/fire-safety"):
                page.goto(home + path)
                assert page.evaluate(STICKING_OUT) == [0, []], (width, path)
        small = """() => [...document.querySelectorAll('main a, button, label.choice, #text')]
            .filter((e) => e.getBoundingClientRect().height < 24).map((e) => e.outerHTML)"""
        assert page.evaluate(small) == []

        page.get_by_label("Leg uit").fill("Nog niet af")
        page.get_by_label("Nee", exact=True).check()
        page.reload()

        assert page.get_by_label("Leg uit").input_value() == "Nog niet af"
        assert page.get_by_label("Nee", exact=True).is_checked()
        ground = page.locator(".masthead").evaluate("(e) => getComputedStyle(e).backgroundColor")
        assert ground == "rgb(22, 48, 63)", "the report's style is applied under the policy"
        assert wrong == []
    context.close()
