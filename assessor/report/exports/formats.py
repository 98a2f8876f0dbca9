"""Which formats there are, and how each is written."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessor.report.exports.sheet import Sheet


class Format(StrEnum):
    """A format that a run can be written in, as the command line calls it."""

    OSCAL = "oscal"
    SARIF = "sarif"
    JUNIT = "junit"
    CSV = "csv"
    OCSF = "ocsf"
    HDF = "hdf"

    @property
    def suffix(self) -> str:
        """What the name of a file of this format ends with, as the tools that read it expect."""
        return _SUFFIXES[self]


_SUFFIXES = {
    Format.OSCAL: "oscal-ar.json",
    Format.SARIF: "sarif",
    Format.JUNIT: "junit.xml",
    Format.CSV: "csv",
    Format.OCSF: "ocsf.jsonl",
    Format.HDF: "hdf.json",
}


def export(wanted: Format, sheet: Sheet) -> str:
    """The run of ``sheet`` in a format; the same text each time for the same run."""
    module = import_module(f"assessor.report.exports.{wanted.value}")
    render: Callable[[Sheet], str] = module.render
    return render(sheet)
