"""The client's PDF holds nothing that helps an attacker."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience
from assessor.report.parts.report import ReportView
from assessor.report.pdf import DEBIAN, render_one_page_pdf, render_pdf
from assessor.report.texts import ReportTexts
from assessor.report.view import build_view
from tests.unit.report.example import TEMPLATES
from tests.unit.report.pdf_reading import Printed
from tests.unit.report.secretive import PORT, secretive_run
from tests.unit.report.test_client import words

try:
    import weasyprint  # noqa: F401 - whether it loads
except OSError as error:
    pytest.skip(f"WeasyPrint lacks libraries ({error}): {DEBIAN}", allow_module_level=True)

Texts = Mapping[Language, ReportTexts]


def test_the_client_is_told_nothing_that_helps_an_attacker(texts: Texts) -> None:
    def client(beginning: str, render: Callable[[ReportView, Path], bytes]) -> bytes:
        run = secretive_run(words(beginning))
        presentation = Presentation(Audience.CLIENT)
        return render(build_view(*run, Language.NL, texts[Language.NL], presentation), TEMPLATES)

    for render in (render_pdf, render_one_page_pdf):
        data = client("zq8", render)
        printed = Printed(data)
        text = "".join(printed.pages) + "".join(map(str, printed.objects))

        assert re.findall(r"zq8\w+", text.lower()) == []
        assert re.findall(rf"192\.0\.2|198\.51|2001:db8|{PORT}|/srv/", text) == []
        assert client("Yv-3.k", render) == data
