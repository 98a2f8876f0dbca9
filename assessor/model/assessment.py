"""An assessment: one client's folder, read and validated."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from assessor.model.language import Language
from assessor.model.limits import Limits
from assessor.model.profile import Profile
from assessor.model.report_settings import ReportSettings
from assessor.model.target import SecretSource, Target

if TYPE_CHECKING:
    from assessor.model.engine import Engine
    from assessor.model.notice import Notice


@dataclass(frozen=True, slots=True)
class Signing:
    """With which key runs are signed.

    Attributes:
        key: its name in the store of keys.
        passphrase: where its passphrase comes from; ``None`` for a key in the system's keyring.
    """

    key: str
    passphrase: SecretSource | None = None


@dataclass(frozen=True, slots=True)
class Stamping:
    """Who stamps the time of a run.

    Attributes:
        url: of a time stamp authority (RFC 3161).
        ca_file: certificates (PEM) by which its stamps are verified.
    """

    url: str
    ca_file: Path


@dataclass(frozen=True, slots=True)
class HistoryAddress:
    """A database in which the history is kept.

    Attributes:
        url: without a password.
        password: where its password comes from; ``None`` where libpq finds it by itself.
    """

    url: str
    password: SecretSource | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """One client's settings, as ``assessment.yaml`` says them.

    Attributes:
        folder: where it stands; runs are kept in ``folder/runs``.
        organisation: the company whose promises are assessed; may be empty.
        assessor: who assesses, as the report names it; may be empty.
        statement: path or https address of the statement, or ``None`` when there is none.
        language: of the report.
        limits: how many targets at once, how fast, and how long it may take.
        signing: the key of this assessment; ``None`` where the settings name none.
        stamping: who stamps the time of a run; ``None`` for nobody.
        history: the database of the history; ``None`` for a file in the folder.
        notices: who is told of a run.
        report: its forms, readers and style.
        engine: who collects the targets of sites; ``None`` where the settings name none.
        implicit: there is no ``assessment.yaml``: only this machine is assessed.
    """

    folder: Path
    organisation: str
    assessor: str
    language: Language
    statement: str | None
    targets: tuple[Target, ...]
    profile: Profile
    limits: Limits = field(default_factory=Limits)
    signing: Signing | None = None
    stamping: Stamping | None = None
    history: HistoryAddress | None = None
    notices: tuple[Notice, ...] = ()
    report: ReportSettings = field(default_factory=ReportSettings)
    engine: Engine | None = None
    implicit: bool = False
