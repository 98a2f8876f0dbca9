"""Assessment folders for the tests of ``assessor.inputs``."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.errors import InputError, InputErrors
from assessor.inputs.assessment import load_assessment

ONE_TARGET = "targets: [{name: web01, role: server}]\n"


def folder_with(folder: Path, settings: str | bytes, **files: str) -> Path:
    """``folder`` with an ``assessment.yaml`` and further files, named without ``.yaml``."""
    data = settings if isinstance(settings, bytes) else settings.encode()
    (folder / "assessment.yaml").write_bytes(data)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path) -> tuple[InputError, ...]:
    """The faults of the assessment in ``folder``, each by itself."""
    with pytest.raises(InputError) as caught:
        load_assessment(folder)
    error = caught.value
    return error.problems if isinstance(error, InputErrors) else (error,)


def placed(problems: tuple[InputError, ...]) -> list[tuple[int | None, str]]:
    """Line and field of every fault."""
    return [(problem.line, problem.field) for problem in problems]
