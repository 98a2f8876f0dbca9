"""``assess export``: a run in the formats of other people's tools."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from assessor.cli import options
from assessor.cli.console import say, warn
from assessor.cli.stages import RunName
from assessor.errors import UsageError
from assessor.model.language import LanguageTag
from assessor.report.exports.formats import Format

EPILOG = """
Examples:

  assess export --format oscal > results.json       the last run

  assess export 2026 --format sarif --format csv -o exports/ --lang en

  assess export --format hdf --pseudonyms -o for-heimdall.json

What each format says, and what it cannot, is in docs/exports.md.
"""


def export(
    run: RunName = "latest",
    folder: options.Folder = Path(),
    formats: Annotated[
        list[Format] | None, typer.Option("--format", help="May be repeated.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="A file; a folder for several formats."),
    ] = None,
    lang: options.ReportLang = None,
    pseudonyms: Annotated[
        bool,
        typer.Option("--pseudonyms", help="Put pseudonyms in the place of people's account names."),
    ] = False,
    checks: options.ChecksFolders = None,
) -> None:
    """Write a run as OSCAL, SARIF, JUnit, CSV, OCSF or HDF, for the tools that read these."""
    wanted = list(dict.fromkeys(formats or []))
    if not wanted:
        known = ", ".join(Format)
        raise UsageError("which format?", mend=f"say --format with one of: {known}")
    if len(wanted) > 1 and (output is None or output.is_file()):
        raise UsageError(
            "several formats need a folder to stand in", mend="say -o FOLDER, or one --format"
        )
    texts = _texts(folder, run, wanted, lang, tuple(checks or ()), pseudonyms=pseudonyms)
    if output is None:
        (text,) = texts.values()
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    _write(texts, output, into=len(wanted) > 1 or output.is_dir())


def _texts(
    folder: Path,
    name: str,
    wanted: list[Format],
    lang: LanguageTag | None,
    checks: tuple[Path, ...],
    *,
    pseudonyms: bool,
) -> dict[str, str]:
    """Each wanted format's text, by the name of its file."""
    from assessor import bundled, concluding, pipeline
    from assessor.evidence.key import fingerprint_key
    from assessor.evidence.seals import manifest_digest
    from assessor.evidence.store import find_run
    from assessor.inputs.reporting import load_report_settings
    from assessor.report.exports.formats import export as written
    from assessor.report.exports.sheet import Sheet
    from assessor.report.pseudonyms import pseudonymised
    from assessor.report.texts import load_texts
    from assessor.reporting import region_of

    run = find_run(folder, name)
    catalogue = pipeline.checks_of(run, checks)
    result = concluding.conclude(run, catalogue)
    manifest = manifest_digest(run)
    if not manifest:
        warn(f"{run.id} was broken off: what was not asked is unknown (assess run --resume)")
    elif concluding.differences(run, result):
        warn("The findings are not those that were stored; assess evaluate names the differences.")
    if pseudonyms:
        result = pseudonymised(result, catalogue.catalogue.infos, fingerprint_key(folder))
    tag = lang or LanguageTag(result.facts.language)
    language = tag.language
    region = region_of(tag, load_report_settings(folder))
    texts = load_texts(bundled.folder("reports"), language, region)
    sheet = Sheet(result, catalogue.reference(), language, texts, manifest)
    kind = ".pseudonyms" if pseudonyms else ""
    return {f"{run.id}.{language}{kind}.{each.suffix}": written(each, sheet) for each in wanted}


def _write(texts: dict[str, str], output: Path, *, into: bool) -> None:
    """Writes each text whole or not at all, and says where."""
    from assessor.inputs.files import write_whole

    if into:
        try:
            output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{output}: {error.strerror}") from None
    for name, text in texts.items():
        path = output / name if into else output
        write_whole(path, text, replace=True)
        say(str(path.resolve()))
