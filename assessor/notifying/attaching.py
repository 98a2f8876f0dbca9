"""What goes with an e-mail: the report or the bundle, without people's account names."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from assessor import bundled, concluding, pipeline, reporting
from assessor.bundling import bundle_of, telling_of, without_names
from assessor.errors import UsageError
from assessor.evidence.bundle import SUFFIX
from assessor.evidence.key import fingerprint_key
from assessor.evidence.store import RunFolder
from assessor.history.notify.mail import Attachment
from assessor.history.notify.texts import load_texts
from assessor.inputs.assessment import load_assessment
from assessor.inputs.reporting import load_report_settings
from assessor.model.capture import Captured
from assessor.model.evidence import Stored
from assessor.model.keys import DEFAULT_KEY
from assessor.model.language import Language, LanguageTag
from assessor.model.notice import Attach
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Format
from assessor.model.run import RunResult
from assessor.retrospect import past_of
from assessor.signing import signing_key


def attachment(
    folder: Path,
    run: RunFolder,
    attach: Attach,
    language: Language,
    ask: Callable[[str], str | None],
) -> Attachment | None:
    """What goes with an e-mail about a finished run.

    Raises:
        UsageError: there is no key to sign a bundle with.
        EvidenceError: the run is damaged.
    """
    match attach:
        case Attach.NONE:
            return None
        case Attach.REPORT:
            checks = pipeline.checks_of(run)
            result = _without_answers(concluding.conclude(run, checks), language)
            settings = load_report_settings(folder)
            report = reporting.make_report(
                result,
                checks,
                language,
                fingerprint_key(folder),
                Presentation(style=settings.style, past=past_of(folder, run, result).past),
                settings.region,
            )
            html = reporting.written(report, Format.HTML, settings.templates)
            return Attachment(f"report.{language}.html", "text/html", html)
        case Attach.BUNDLE:
            return Attachment(
                f"{run.id}{SUFFIX}", "application/zip", _bundle(folder, run, language, ask)
            )


def _without_answers(result: RunResult, language: Language) -> RunResult:
    """The run without what machines answered, which pseudonyms do not cover in full.

    Each answer is named by its digest instead, so that it can be found in the run's folder.
    """
    texts = load_texts(bundled.folder("reports"), language)

    def silent(stored: Stored) -> Stored:
        if not isinstance(stored.capture, Captured):
            return stored
        said = texts.text("attached.left_out", digest=stored.digest)
        return replace(stored, capture=replace(stored.capture, stdout=said, stderr=""))

    evidence = {
        name: replace(each, captures={key: silent(one) for key, one in each.captures.items()})
        for name, each in result.evidence.items()
    }
    return replace(result, evidence=evidence)


def _bundle(
    folder: Path, run: RunFolder, language: Language, ask: Callable[[str], str | None]
) -> bytes:
    signing = load_assessment(folder).signing
    key = signing_key(signing, ask)
    if key is None:
        raise UsageError(
            "there is no key to sign the bundle with", mend="make one with: assess key new"
        )
    with tempfile.TemporaryDirectory(prefix="assess-bundle-") as place:
        covered = without_names(run, Path(place), fingerprint_key(folder), key)
        telling = telling_of(folder, run, [LanguageTag(language)])
        return bundle_of(covered, key, signing.key if signing else DEFAULT_KEY, telling)
