"""Reads an assessment folder: ``assessment.yaml`` and the files that it names."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from assessor import bundled
from assessor.errors import InputError, UsageError
from assessor.inputs.implicit import implicit_assessment
from assessor.inputs.measures import load_measures
from assessor.inputs.parameters import ChecksOf, KnownChecks, check_parameters
from assessor.inputs.problems import Problems, did_you_mean
from assessor.inputs.profiles import load_profile
from assessor.inputs.settings import AssessmentSettings, InventorySettings, RunningSettings
from assessor.inputs.targets import located_path, make_targets, named_targets
from assessor.inputs.validation import require, validate
from assessor.model.assessment import Assessment, HistoryAddress, Signing, Stamping
from assessor.model.facts import Facts
from assessor.model.language import Language
from assessor.model.limits import Limits
from assessor.model.profile import Profile
from assessor.model.report_settings import ReportSettings
from assessor.yamlfile import Located, read_yaml

if TYPE_CHECKING:
    from assessor.model.engine import Engine
    from assessor.model.notice import Notice

SETTINGS_FILE = "assessment.yaml"
INVENTORY_FILE = "inventory.yaml"
DEFAULT_PROFILE = "mkb"


def load_assessment(
    folder: Path,
    *,
    profile: str | None = None,
    known_checks: KnownChecks | ChecksOf | None = None,
    known_measures: Collection[str] | None = None,
    profile_folders: Sequence[Path] | None = None,
) -> Assessment:
    """Reads the assessment in ``folder``; without an ``assessment.yaml``, of this machine only.

    Args:
        folder: the client's folder.
        profile: a profile's id or path that goes before the one in the settings.
        known_checks: the checks that exist, or how to find them once the profile's packages are
            known; ``None`` to take their names and parameters as they are (whoever only lists
            targets needs no checks).
        known_measures: ids of the catalogue; those of the bundled catalogue unless said.
        profile_folders: where profiles are looked for; ``folder/profiles`` and the bundled ones
            unless said.

    Raises:
        InputError: a file is broken; ``InputErrors`` tells several faults at once.
        UsageError: the folder or the profile does not exist.
    """
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", mend=f"make it with: assess init {folder}")
    folders = profile_folders or (folder / "profiles", bundled.folder("profiles"))
    measures = (
        load_measures(bundled.folder("profiles") / "measures.yaml")
        if known_measures is None
        else known_measures
    )
    path = folder / SETTINGS_FILE
    if not path.exists():
        _refuse_misnamed(folder)
        return implicit_assessment(
            folder,
            profile=profile or DEFAULT_PROFILE,
            profile_folders=folders,
            known_checks=known_checks,
            known_measures=measures,
        )
    located = _read_settings(path)
    settings = _validated(located)
    problems = Problems()
    sheets = [(settings, located), *listed_inventories(settings.inventory, located, problems)]
    targets = make_targets(sheets, problems)
    if not targets and not len(problems):
        problems.add(
            "there is no target to assess",
            located,
            "targets",
            field="targets",
            mend="list one under targets:, or read them in with: assess inventory import FILE",
        )
    statement = _statement(settings, located, problems)
    chosen = _profile(settings, located, profile, folders, known_checks, measures, problems)
    further = _further(settings, located, problems)
    problems.raise_any()
    return Assessment(
        folder=folder,
        organisation=settings.organisation,
        assessor=settings.assessor,
        language=Language(settings.language),
        statement=statement,
        targets=targets,
        profile=chosen,
        limits=make_limits(settings.run),
        signing=Signing(settings.signing.key, settings.signing.passphrase)
        if settings.signing
        else None,
        stamping=Stamping(
            settings.timestamp.url, Path(located_path(settings.timestamp.ca_file, folder))
        )
        if settings.timestamp
        else None,
        history=HistoryAddress(settings.history.url, settings.history.password)
        if settings.history
        else None,
        notices=further.notices,
        report=further.report,
        engine=further.engine,
    )


@dataclass(frozen=True, slots=True)
class _Further:
    """The parts that few assessments have: what reads them is loaded where there is one."""

    notices: tuple[Notice, ...] = ()
    report: ReportSettings = field(default_factory=ReportSettings)
    engine: Engine | None = None


def _validated(located: Located) -> AssessmentSettings:
    said = located.value
    if isinstance(said, dict) and said.keys() <= AssessmentSettings.model_fields.keys():
        return require(AssessmentSettings, located)
    from assessor.inputs.folder_settings import FolderSettings

    return require(FolderSettings, located)


def _further(settings: AssessmentSettings, located: Located, problems: Problems) -> _Further:
    if type(settings) is AssessmentSettings:
        return _Further()
    from assessor.inputs.engine import make_engine
    from assessor.inputs.folder_settings import FolderSettings
    from assessor.inputs.notices import make_notices
    from assessor.inputs.reporting import make_report_settings

    assert isinstance(settings, FolderSettings)  # noqa: S101 - there is no third kind
    folder, language = located.path.parent, Language(settings.language)
    return _Further(
        notices=make_notices(settings.notify or (), folder, language),
        report=make_report_settings(settings.report, located, problems),
        engine=make_engine(settings.engine, located, problems),
    )


def make_limits(said: RunningSettings | None) -> Limits:
    """The limits, as ``run:`` says them; all as usual where it is left out."""
    said = said or RunningSettings()
    return Limits(
        jobs=said.jobs,
        deadline_s=said.deadline,
        per_jump=said.per_jump,
        per_site=said.per_site,
        connections_per_s=said.connections_per_second,
        run_deadline_s=said.run_deadline,
        retries=said.retries,
    )


def other_targets(folder: Path, inventory: Path) -> tuple[dict[str, str], bool]:
    """The targets that stand outside ``inventory``: name (case-folded) to ``file:line``.

    Returns:
        The targets, and whether the settings name ``inventory`` among their further files.

    Raises:
        InputError: the settings, or another of their inventory files, are broken.
    """
    path = folder / SETTINGS_FILE
    if not path.exists():
        return {}, False
    located = _read_settings(path)
    settings = _validated(located)
    problems = Problems()
    own = inventory.resolve()
    paths = [Path(located_path(name, folder)).resolve() for name in settings.inventory or ()]
    others = listed_inventories(settings.inventory, located, problems, without=own)
    problems.raise_any()
    places = {
        name.casefold(): where.place()
        for sheet, where_all in [(settings, located), *others]
        for name, where in named_targets(sheet, where_all)
    }
    return places, own in paths


def _read_settings(path: Path) -> Located:
    """A settings file; raises ``InputError`` where it holds nothing."""
    located = read_yaml(path)
    if located.value is None:
        raise InputError(
            "the file is empty",
            path=path,
            mend="assess init makes a first one in another folder; copy what you need",
        )
    return located


def _refuse_misnamed(folder: Path) -> None:
    for name in ("assessment.yml", "assessment.json", "Assessment.yaml"):
        if (folder / name).exists():
            raise InputError(
                "this file is not read", path=folder / name, mend=f"rename it to {SETTINGS_FILE}"
            )


def listed_inventories(
    names: Sequence[str] | None, located: Located, problems: Problems, without: Path | None = None
) -> list[tuple[InventorySettings, Located]]:
    """The further files with groups and targets, each once; not the one ``without``."""
    sheets = []
    seen: set[Path] = set()
    for position, name in enumerate(names or ()):
        path = Path(located_path(name, located.path.parent))
        if path.resolve() in seen:
            problems.add(f"{name!r} is named twice", located, "inventory", position)
            continue
        seen.add(path.resolve())
        if path.resolve() == without:
            continue
        if not path.exists():
            problems.add(
                f"there is no file {name!r}",
                located,
                "inventory",
                position,
                mend="mind the path (it is relative to this file), or make the file with: "
                "assess inventory import FILE",
            )
            continue
        try:
            sheet = _read_settings(path)
        except InputError as error:
            problems.note(error)
            continue
        inventory = validate(InventorySettings, sheet, problems)
        if inventory is not None:
            sheets.append((inventory, sheet))
    return sheets


def _statement(settings: AssessmentSettings, located: Located, problems: Problems) -> str | None:
    said = settings.statement
    if said is None or said.lower().startswith("https://"):
        return said
    path = Path(located_path(said, located.path.parent))
    if not path.exists():
        problems.add(
            f"there is no file {said!r}",
            located,
            "statement",
            mend="mind the path (it is relative to this file), or give the https address",
        )
    return str(path)


def _profile(
    settings: AssessmentSettings,
    located: Located,
    chosen: str | None,
    folders: Sequence[Path],
    known_checks: KnownChecks | ChecksOf | None,
    known_measures: Collection[str],
    problems: Problems,
) -> Profile:
    """The profile with the assessment's own parameters over it."""
    name = chosen if chosen is not None else settings.profile
    if chosen is None and ("/" in name or name.endswith((".yaml", ".yml"))):
        name = located_path(name, located.path.parent)
    known: KnownChecks | None = None

    def find(packages: Sequence[str]) -> KnownChecks:
        nonlocal known
        assert known_checks is not None  # noqa: S101 - else this function is not handed on
        known = known_checks(packages) if callable(known_checks) else known_checks
        return known

    try:
        profile = load_profile(
            name, folders, None if known_checks is None else find, known_measures
        )
    except InputError as error:
        problems.note(error)
        problems.raise_any()
        raise
    except UsageError as error:
        if chosen is not None:
            raise
        problems.add(error.message, located, "profile", field="profile", mend=error.mend)
        problems.raise_any()
        raise
    return _overridden(profile, settings, known, located, problems)


def _overridden(
    profile: Profile,
    settings: AssessmentSettings,
    known: KnownChecks | None,
    located: Located,
    problems: Problems,
) -> Profile:
    checks: dict[str, Facts] = dict(profile.checks)
    for check, values in (settings.checks or {}).items():
        if check not in profile.checks:
            problems.add(
                f"the profile {profile.id!r} has no check {check!r}",
                located,
                "checks",
                check,
                mend=did_you_mean(check, profile.checks)
                or "choose a profile that has it; assess checks list shows all checks",
            )
            continue
        parameters = None if known is None else known[check]
        facts = check_parameters(check, values, parameters, located.at("checks", check), problems)
        checks[check] = MappingProxyType({**checks[check], **facts})
    return replace(profile, checks=MappingProxyType(checks))
