"""``assess statement advise``: what the statement had better say, from what a run has shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assessor.cli import options
from assessor.cli.console import say
from assessor.model.language import Language

if TYPE_CHECKING:
    from assessor.evidence.store import RunFolder
    from assessor.model.facts import Fact, Facts
    from assessor.model.run import RunResult
    from assessor.model.statement import ClaimVerdict, MeasureVerdict
    from assessor.pipeline import Checks


def advise(
    folder: options.Folder = Path(),
    run: Annotated[
        str,
        typer.Option("--run", help="A run: its id, the beginning of one, a path, or latest."),
    ] = "latest",
    checks: options.ChecksFolders = None,
    lang: Annotated[
        Language | None,
        typer.Option("--lang", help="Of the wording; the statement's own unless said."),
    ] = None,
    json: options.Json = False,
) -> None:
    """List what could be promised, what is promised without proof, and what had better go.

    Works from the stored evidence of a run; nothing is connected to.
    """
    from assessor import bundled, concluding, pipeline
    from assessor.cli.advice_voice import Voice
    from assessor.evidence.store import find_run
    from assessor.inputs.guidance import load_guidance, load_wording
    from assessor.inputs.questions import load_questions
    from assessor.report.phrases import Phrases
    from assessor.report.texts import load_texts
    from assessor.statement.advice import Background
    from assessor.statement.advice import advise as advise_on
    from assessor.yamlfile import canonical_json

    run_folder = find_run(folder, run)
    known = pipeline.checks_of(run_folder, tuple(checks or ()))
    result = concluding.conclude(run_folder, known)
    language = lang or (result.statement or result.facts).language
    profiles = bundled.folder("profiles")
    wording = load_wording(profiles / "wording.yaml", tuple(known.measures))
    advice = advise_on(
        _claims(run_folder, result),
        _measures(run_folder, result, known),
        wording,
        load_guidance(profiles / "guidance.yaml", tuple(known.measures)),
        language,
        Background(
            catalogue=known.measures,
            roles={planned.target.name: planned.target.role for planned in result.plan.targets},
            tested=_tested(result, known),
        ),
    )
    voice = Voice(
        wording,
        language,
        Phrases(load_texts(bundled.folder("reports"), language)),
        known.measures,
        load_questions(profiles / "questions.yaml", tuple(known.measures)),
    )
    if json:
        typer.echo(canonical_json(voice.as_json(advice, result)))
        return
    for line in voice.lines(advice, stated=result.statement is not None):
        say(line)


def _claims(run: RunFolder, result: RunResult) -> list[ClaimVerdict]:
    """Every sentence that promises something, also what no measure was found for."""
    from assessor.statement.verdicts import judge_claim

    record = run.statement()
    unmapped = [claim for claim in record.claims if not claim.measures] if record else []
    return sorted(
        [*result.claims, *(judge_claim(claim, ()) for claim in unmapped)],
        key=lambda verdict: verdict.claim.start,
    )


def _measures(run: RunFolder, result: RunResult, known: Checks) -> list[MeasureVerdict]:
    """Every measure of which anything was seen or attested, promised or not."""
    from assessor.statement.verdicts import judge_measure, unseen

    words = run.words()
    seen = {finding.measure for finding in result.findings}
    seen.update(attestation.measure for attestation in words.attestations)
    return [
        judge_measure(
            measure,
            tuple(finding for finding in result.findings if finding.measure == measure.id),
            words,
            result.facts.started_at.date(),
            others=unseen(result.plan.not_asked, measure.id),
        )
        for measure in known.measures.values()
        if measure.id in seen
    ]


def _tested(result: RunResult, known: Checks) -> dict[str, Facts]:
    """By measure, what its checks asked for, by the names that claims use."""
    tested: dict[str, dict[str, Fact]] = {}
    for finding in result.findings:
        info = known.catalogue.infos.get(finding.check)
        for name, parameter in (info.parameters if info else {}).items():
            claimed = parameter.claimed_as(finding.measure)
            if claimed and name in finding.parameters:
                tested.setdefault(finding.measure, {})[claimed] = finding.parameters[name]
    return dict(tested)
