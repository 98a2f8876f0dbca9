"""Reads a worker's folder: ``worker.yaml`` and the files that it names."""

from __future__ import annotations

from pathlib import Path

from assessor.errors import UsageError
from assessor.inputs.assessment import listed_inventories, make_limits
from assessor.inputs.engine import make_broker
from assessor.inputs.engine_settings import WorkerSettings
from assessor.inputs.problems import Problems
from assessor.inputs.settings import NAME
from assessor.inputs.targets import located_path, make_targets
from assessor.inputs.validation import require
from assessor.model.assessment import Signing
from assessor.model.worker import WorkerSetup
from assessor.yamlfile import Located, read_yaml

SETTINGS_FILE = "worker.yaml"


def load_worker(folder: Path, queue: str | None = None) -> WorkerSetup:
    """The settings of the worker in ``folder``.

    Args:
        folder: holds ``worker.yaml``.
        queue: the site whose orders are taken; goes before the settings' own.

    Raises:
        InputError: a file is broken; ``InputErrors`` tells several faults at once.
        UsageError: there is no ``worker.yaml``, or ``queue`` names no site.
    """
    if queue is not None and not NAME.fullmatch(queue):
        raise UsageError(
            f"{queue!r} is no name of a site",
            mend="it has letters, digits, dots, hyphens and underscores",
        )
    path = folder / SETTINGS_FILE
    if not path.is_file():
        raise UsageError(
            f"there is no {path}", mend="docs/workers.md shows one, and how a worker is set up"
        )
    located = read_yaml(path)
    settings = require(WorkerSettings, located)
    problems = Problems()
    sheets = [(settings, located), *listed_inventories(settings.inventory, located, problems)]
    targets = make_targets(sheets, problems)
    if not targets and not len(problems):
        problems.add(
            "there is no target that this worker may touch",
            located,
            field="targets",
            mend="list each under targets:, as in assessment.yaml, with its address and user",
        )
    site = queue or settings.site
    if site is None:
        problems.add(
            "is missing: which network this is",
            located,
            field="site",
            mend="write site: and its name, as the targets in assessment.yaml have it, "
            "or: assess worker --queue NAME",
        )
    broker = make_broker(settings.broker, located.at("broker"), problems)
    hubs = tuple(Path(located_path(name, folder)) for name in settings.hubs)
    checks = tuple(Path(located_path(name, folder)) for name in settings.checks or ())
    _require_there(hubs, located, "hubs", problems)
    _require_there(checks, located, "checks", problems)
    problems.raise_any()
    assert site is not None  # noqa: S101 - it was said above where it is
    return WorkerSetup(
        folder=folder,
        site=site,
        broker=broker,
        hubs=hubs,
        signing=Signing(settings.signing.key, settings.signing.passphrase),
        targets=targets,
        checks=checks,
        packages=settings.packages or (),
        limits=make_limits(settings.run),
    )


def _require_there(
    paths: tuple[Path, ...], located: Located, field: str, problems: Problems
) -> None:
    for path in paths:
        if not path.exists():
            problems.add(f"there is no {path}", located, field, mend="it is relative to this file")
