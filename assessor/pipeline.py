"""Joins the stages of a run, in their order.

::

    prepare -> begin -> collect -> concluding -> reporting
               resume ---^            ^--- evaluate RUN

This is what comes before judging; nothing after ``collect`` touches a network. The stages after it
have joiners of their own above this one: ``concluding``, ``chronicle`` and ``retrospect`` (the runs
before), ``reporting``, ``bundling``.

What only some commands or runs need (a statement, Windows) is imported where it is used:
loading all of it takes longer than planning, and collecting holds it in memory for nothing.
"""

from __future__ import annotations

import gc
import platform
import sys
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import assessor
from assessor import bundled
from assessor.catalogue.catalogue import Catalogue, read_catalogue
from assessor.catalogue.sources import Source, directory, packages
from assessor.errors import EvidenceError, StatementError
from assessor.evidence.key import fingerprint_key
from assessor.evidence.redact import Redactor, device_rules
from assessor.evidence.seals import is_sealed, manifest_digest
from assessor.evidence.store import RunFolder, list_runs, new_run_id, without_secrets
from assessor.inputs.assessment import load_assessment
from assessor.inputs.measures import load_measures
from assessor.inputs.parameters import KnownChecks
from assessor.inputs.selection import select
from assessor.inputs.words_reading import load_words
from assessor.model.assessment import Assessment
from assessor.model.check import ProbeKind
from assessor.model.evidence import RunFacts
from assessor.model.language import Language
from assessor.model.measure import Measure
from assessor.model.plan import Plan, TargetPlan
from assessor.model.target import Platform, Role, TransportKind
from assessor.plan.planner import make_plan

if TYPE_CHECKING:
    from assessor.collect.runner import Journal, Progress, Store
    from assessor.collect.transports.base import RequestTransport, ShellTransport
    from assessor.collect.transports.device import Devices
    from assessor.model.decision import Decision
    from assessor.model.framework import Frameworks
    from assessor.model.limits import Limits
    from assessor.model.run import Reference
    from assessor.model.statement import Claim, StatementText


@dataclass(slots=True)
class Checks:
    """The catalogue of checks for one command, read once the profile's packages are known."""

    folders: Sequence[Path] = ()
    measures: Mapping[str, Measure] = field(
        default_factory=lambda: load_measures(bundled.folder("profiles") / "measures.yaml")
    )
    _catalogue: Catalogue | None = None
    _frameworks: Frameworks | None = None

    def read(self, names: Sequence[str] = ()) -> Catalogue:
        """Finds the bundled checks, those of ``folders`` and those of the packages ``names``."""
        sources = [
            Source("bundled", bundled.folder("checks")),
            *(directory(folder) for folder in self.folders),
            *packages(names),
        ]
        self._catalogue = read_catalogue(sources, frozenset(self.measures))
        return self._catalogue

    def known(self, names: Sequence[str]) -> KnownChecks:
        """What a profile may name: each check's parameters; ``None`` for a broken one."""
        return self.read(names).parameters()

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue, read with no packages where no profile was read before."""
        return self._catalogue or self.read()

    def reference(self) -> Reference:
        """What a report needs to know of measures, checks, laws and standards."""
        from assessor.model.run import Reference

        if self._frameworks is None:
            from assessor.inputs.frameworks import load_frameworks

            path = bundled.folder("profiles") / "frameworks.yaml"
            self._frameworks = load_frameworks(path, tuple(self.measures))
        return Reference(
            self.measures, self.catalogue.infos, self.catalogue.texts(), self._frameworks
        )


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that is known before anything is asked.

    Attributes:
        left_out: checks of the profile that are broken and will not judge, with the reason.
    """

    assessment: Assessment
    checks: Checks
    plan: Plan
    left_out: Mapping[str, str]


def prepare(
    folder: Path,
    checks: Checks,
    *,
    profile: str | None = None,
    language: Language | None = None,
    statement: str | None = None,
    limit: Sequence[str] = (),
) -> Prepared:
    """Reads the assessment, the profile and the checks, and makes the plan.

    Args:
        folder: the assessment folder; without ``assessment.yaml``, only this machine is assessed.
        checks: the catalogue.
        profile: goes before the assessment's own.
        language: goes before the assessment's own.
        statement: goes before the assessment's own; a path or an https address.
        limit: which targets are asked (``inputs.selection``); all where it is empty.

    Raises:
        UsageError: something that the user can mend; says where and how.
    """
    assessment = load_assessment(
        folder, profile=profile, known_checks=checks.known, known_measures=tuple(checks.measures)
    )
    selection = select(assessment.targets, limit)
    assessment = replace(
        assessment,
        language=language or assessment.language,
        statement=statement or assessment.statement,
        targets=selection.chosen,
    )
    named = checks.catalogue.among(assessment.profile.checks)
    plan = make_plan(selection.chosen, assessment.profile, named.infos, selection.others)
    return Prepared(assessment, checks, plan, named.broken)


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """A statement with the bytes it was read from and the claims in it."""

    raw: bytes
    text: StatementText
    claims: tuple[Claim, ...]


def read_statement(
    source: str,
    folder: Path,
    language: Language | None = None,
    decisions: Sequence[Decision] = (),
) -> ReadStatement:
    """Reads the statement at ``source``: a path (from ``folder``), an https address, or ``-``.

    Args:
        source: where it is.
        folder: where a path begins.
        language: the statement's; found out unless said.
        decisions: what people decided about its promises.

    Raises:
        StatementError: it cannot be fetched or read.
    """
    from assessor.statement.claims import find_claims
    from assessor.statement.decisions import decide
    from assessor.statement.lexicon import load_lexicon
    from assessor.statement.reading import LARGEST_STATEMENT, parse_statement

    media_type = ""
    if source.startswith(("https://", "http://")):
        from assessor.collect.fetch import fetch_statement

        page = fetch_statement(source)
        raw, media_type = page.raw, page.media_type
    elif source == "-":
        raw = sys.stdin.buffer.read(LARGEST_STATEMENT + 1)
    else:
        path = folder / source
        try:
            with path.open("rb") as stream:
                raw = stream.read(LARGEST_STATEMENT + 1)
        except OSError as error:
            raise StatementError(
                f"the statement {path} cannot be read: {error.strerror}",
                mend="name the right file under 'statement' in assessment.yaml",
            ) from None
    text = parse_statement(raw, source=source, media_type=media_type, language=language)
    lexicon = load_lexicon(bundled.folder("profiles") / "lexicon", text.language)
    return ReadStatement(raw, text, decide(text, find_claims(text, lexicon), decisions))


def read_own_statement(assessment: Assessment, measures: Collection[str]) -> ReadStatement | None:
    """The assessment's statement with the decisions about it; ``None`` where it has none.

    Raises:
        UsageError: the statement or the decisions cannot be read.
    """
    if not assessment.statement:
        return None
    from assessor.inputs.decisions import decisions_file, load_decisions

    path = decisions_file(assessment.folder, assessment.statement)
    decisions = load_decisions(path, measures)
    return read_statement(assessment.statement, assessment.folder, decisions=decisions)


def begin(prepared: Prepared, vantage: str = "") -> RunFolder:
    """Reads the statement and makes the run's folder, before anything is asked.

    Args:
        prepared: what is assessed.
        vantage: where everything is seen from, in the words of the user; this machine's name
            where it is empty.

    Raises:
        StatementError: the statement cannot be read.
        EvidenceError: the folder cannot be made.
    """
    assessment = prepared.assessment
    words = load_words(assessment.folder, known_measures=prepared.checks.measures)
    read = read_own_statement(assessment, tuple(prepared.checks.measures))
    started_at = datetime.now(UTC)
    runs = list_runs(assessment.folder)
    earlier = [run for run in runs if is_sealed(run)]
    facts = RunFacts(
        id=new_run_id(started_at, runs[-1].id if runs else ""),
        assess_version=assessor.__version__,
        profile=assessment.profile.id,
        organisation=assessment.organisation,
        assessor=assessment.assessor,
        language=assessment.language,
        started_at=started_at,
        vantage=vantage or platform.node() or "unknown",
        previous=manifest_digest(earlier[-1]) if earlier else "",
        left_out=tuple(prepared.left_out),
        measures=assessment.profile.measures,
        packages=assessment.profile.packages,
    )
    run = RunFolder(assessment.folder / "runs" / facts.id)
    run.create(facts, without_secrets(prepared.plan))
    if earlier and (known := earlier[-1].remembered()).secrets:
        run.write("known.json", known)
    if read:
        from assessor.evidence.conclusions import StatementRecord

        run.write_bytes("statement.raw", read.raw)
        run.write("statement.json", StatementRecord(read.text, read.claims))
    # The files first: a run that was broken off in between must not name what it does not have.
    for attestation in words.attestations:
        from assessor.inputs.evidence_files import FILES_FOLDER

        for file in attestation.files:
            run.keep_file(assessment.folder / FILES_FOLDER / file.sha256, file.sha256)
    run.write("words.json", words)
    return run


def resume(prepared: Prepared, run: RunFolder) -> Prepared:
    """What is left to ask in ``run``, which was broken off.

    The probes are those that the run began with; how the targets are reached is taken from the
    inventory as it is now.

    Raises:
        EvidenceError: nothing is left to resume.
    """
    if is_sealed(run):
        raise EvidenceError(f"run {run.id} was finished; there is nothing to resume")
    done = {name for name, evidence in run.evidence().items() if evidence.complete}
    targets = {target.name: target for target in prepared.assessment.targets}
    left = tuple(
        replace(planned, target=targets.get(planned.target.name, planned.target))
        for planned in run.plan().targets
        if planned.target.name not in done
    )
    from assessor.evidence.deliveries import forget_delivery

    for planned in left:
        forget_delivery(run, planned.target.name)
    return replace(prepared, plan=Plan(left))


def newest_unfinished(folder: Path) -> RunFolder:
    """The last run that was broken off; raises ``EvidenceError`` where there is none."""
    unfinished = [run for run in list_runs(folder) if not is_sealed(run)]
    if not unfinished:
        raise EvidenceError(f"{folder}: no run was broken off; begin one with: assess run")
    return unfinished[-1]


class _RunStore:
    """Opens a run's journals with the assessment's redaction."""

    def __init__(self, run: RunFolder, key: bytes, devices: Collection[str]) -> None:
        self._run = run
        self._redactor = Redactor(key)
        self._of_devices = Redactor(key, device_rules(), classes=True) if devices else None
        self._devices = devices

    def journal(self, target: str, at: datetime) -> Journal:
        redactor = self._redactor
        if self._of_devices is not None and target in self._devices:
            redactor = self._of_devices
        return self._run.journal(target, at, lambda text: redactor.redact(text).text)


def gather(
    prepared: Prepared,
    run: RunFolder,
    progress: Progress,
    abandoned: threading.Event,
    limits: Limits,
) -> None:
    """Asks the targets and stores what comes back in ``run``."""
    devices = {
        planned.target.name
        for planned in prepared.plan.targets
        if planned.target.platform is Platform.DEVICE
    }
    store = _RunStore(run, fingerprint_key(prepared.assessment.folder), devices)
    ask(prepared, store, progress, abandoned, limits)


def ask(
    prepared: Prepared,
    store: Store,
    progress: Progress,
    abandoned: threading.Event,
    limits: Limits,
) -> None:
    """Asks the targets; see ``collect.runner.collect``."""
    # Here, so that judging does not hold in memory what connects: with paramiko, 20 MB.
    from assessor.collect.runner import Transports, collect
    from assessor.collect.secrets import SourcedSecrets
    from assessor.collect.terminal import Terminal
    from assessor.collect.transports.device import FileDevices, SshDevices
    from assessor.collect.transports.ssh import SshTransport

    secrets = SourcedSecrets(Terminal(abandoned).ask)
    # What was loaded until here stays, and is hardly garbage yet: its collector need not go through
    # it, now or later.
    gc.freeze()
    wanted = {each.target.transport for each in prepared.plan.targets}
    with SshTransport(secrets, abandoned, retries=limits.retries) as ssh:
        shells: dict[TransportKind, ShellTransport] = {TransportKind.SSH: ssh}
        if TransportKind.LOCAL in wanted:
            from assessor.collect.transports.local import LocalTransport

            shells[TransportKind.LOCAL] = LocalTransport(abandoned)
        if TransportKind.WINRM in wanted:
            from assessor.collect.transports.winrm import WinrmTransport

            shells[TransportKind.WINRM] = WinrmTransport(secrets, abandoned)
        network: RequestTransport | None = None
        if any(_has_requests(each) for each in prepared.plan.targets):
            from assessor.collect.transports.network import NetworkTransport

            network = NetworkTransport(abandoned, sites=_site_names(prepared.plan))
        devices: Devices = {TransportKind.SSH: SshDevices(ssh), TransportKind.FILE: FileDevices()}
        if TransportKind.TR064 in wanted:
            from assessor.collect.transports.tr064 import Tr064Devices

            devices[TransportKind.TR064] = Tr064Devices(secrets, abandoned)
        transports = Transports(shells, network, secrets, devices)
        collect(prepared.plan, transports, store, progress, abandoned, limits)


def _has_requests(planned: TargetPlan) -> bool:
    return any(each.probe.kind is ProbeKind.REQUEST for each in planned.probes)


def _site_names(plan: Plan) -> list[str]:
    """The names of the sites that are assessed: a redirect may lead from one to another."""
    targets = [planned.target for planned in plan.targets]
    return [
        str(target.options.get("server_name") or target.address)
        for target in targets
        if target.role is Role.SITE
    ]


def checks_of(run: RunFolder, folders: Sequence[Path] = ()) -> Checks:
    """The checks that ``run`` was made with, as they are installed now."""
    checks = Checks(folders)
    checks.read(run.facts().packages)
    return checks
