"""The register of who may administer which machine, as far as a machine can tell it."""

from __future__ import annotations

from assessor.model.finding import Outcome
from assessor.report.clean import one_line
from assessor.report.context import Context
from assessor.report.parts import RegisterRow

MEASURE = "authorisation-register"
MOST = 2000


def build_register(context: Context) -> tuple[RegisterRow, ...]:
    """A row for each administrator of each machine; empty where no check listed any.

    A check of the measure lists them as the observed facts ``administrators`` and ``rights``, in
    the same order.
    """
    rows: list[RegisterRow] = []
    for finding in context.result.findings:
        seen = finding.judgement.observed
        names, rights = seen.get("administrators"), seen.get("rights")
        if (
            finding.measure != MEASURE
            or finding.outcome is Outcome.NOT_APPLICABLE
            or not isinstance(names, tuple)
            or not isinstance(rights, tuple)
        ):
            continue
        rows += [
            RegisterRow(
                one_line(str(name), 100),
                one_line(str(right), 200),
                context.target_link(finding.target),
            )
            for name, right in zip(names, rights, strict=False)
        ]
    return tuple(sorted(rows, key=lambda row: (row.account, row.target.text))[:MOST])
