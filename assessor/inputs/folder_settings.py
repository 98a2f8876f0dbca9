"""All that may stand in ``assessment.yaml``, as one pydantic model."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from assessor.inputs.engine_settings import EngineSettings
from assessor.inputs.notify_settings import MOST_NOTICES, NotifySettings
from assessor.inputs.report_settings import ReportingSettings
from assessor.inputs.settings import AssessmentSettings


class FolderSettings(AssessmentSettings):
    """The settings of one client's folder, assessment.yaml."""

    report: ReportingSettings | None = None
    """The forms, the readers and the look of reports."""
    notify: Annotated[list[NotifySettings], Field(max_length=MOST_NOTICES)] | None = None
    """Who is told of a run, and when."""
    engine: EngineSettings | None = None
    """Workers in clients' networks; without it, everything is collected from this machine."""
