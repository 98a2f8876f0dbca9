"""Makes the example reports in ``docs/example`` and the pictures of them that the README shows.

    .venv/bin/python scripts/example_report.py              # the reports
    .venv/bin/python scripts/example_report.py --pictures   # and the pictures, with Chromium

The run is the made-up one of ``tests/unit/report/example.py``: nothing in it was measured. A test
holds the reports against what this script makes.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from assessor.model.language import Language  # noqa: E402
from assessor.model.presentation import Presentation  # noqa: E402
from assessor.model.report_settings import Audience  # noqa: E402
from assessor.report.html import render_html  # noqa: E402
from assessor.report.markdown import render_markdown  # noqa: E402
from assessor.report.one_page import render_one_page  # noqa: E402
from assessor.report.parts.report import ReportView  # noqa: E402
from assessor.report.texts import load_texts  # noqa: E402
from assessor.report.view import build_view  # noqa: E402
from tests.unit.report.example import TEMPLATES, example_reference, example_result  # noqa: E402
from tests.unit.report.pasts import example_past  # noqa: E402

FOLDER = ROOT / "docs" / "example"
PICTURES = FOLDER / "pictures"
SHOTS = (
    ("first-screen.png", "report.nl.client.html", 1280, 900, "#summary"),
    ("phone.png", "report.nl.client.html", 390, 844, "#summary"),
    ("promise.png", "report.nl.client.html", 1280, 900, "#claim-4"),
    ("statement.png", "report.nl.client.html", 1280, 900, "#statement"),
    ("matrix.png", "report.nl.html", 1280, 900, "#targets"),
    ("one-page.png", "summary.nl.client.html", 900, 1250, ""),
)
"""Of each picture: its name, the page, the width and height of the window, and where it stands."""


def example_view(language: Language, audience: Audience) -> ReportView:
    """The example run with eleven months before it."""
    result = example_result()
    presentation = Presentation(audience, past=example_past(result))
    texts = load_texts(TEMPLATES, language)
    return build_view(result, example_reference(), language, texts, presentation)


def example_files() -> Mapping[str, str]:
    """The text of every example, by its name in ``docs/example``."""
    files = {
        f"report.{language}.client.html": render_html(
            example_view(language, Audience.CLIENT), TEMPLATES
        )
        for language in Language
    }
    dutch = example_view(Language.NL, Audience.CLIENT)
    files["report.nl.html"] = render_html(example_view(Language.NL, Audience.INTERNAL), TEMPLATES)
    files["report.nl.client.md"] = render_markdown(dutch)
    files["summary.nl.client.html"] = render_one_page(dutch, TEMPLATES)
    return files


def take_pictures() -> None:
    """Pictures of the pages in ``docs/example``, as ``SHOTS`` lists them."""
    from playwright.sync_api import sync_playwright

    from tests.lab.browser import QUIET

    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*QUIET, "--hide-scrollbars"]
        )
        for name, page_name, width, height, place in SHOTS:
            page = browser.new_page(viewport={"width": width, "height": height})
            page.emulate_media(reduced_motion="reduce")
            page.goto(f"{(FOLDER / page_name).as_uri()}{'' if place == '#summary' else place}")
            page.screenshot(path=PICTURES / name)
            page.close()
        browser.close()


def main() -> None:
    """Writes the reports and, where asked, the pictures."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in example_files().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    if "--pictures" in sys.argv[1:]:
        take_pictures()


if __name__ == "__main__":
    main()
