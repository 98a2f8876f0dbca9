"""The register of who may administer which machine, as far as a machine can tell it."""

from __future__ import annotations

from assessor.model.finding import Outcome
from assessor.report.clean import one_line
from assessor.report.context import Context
from assessor.report.parts.targets import RegisterRow

MEASURE = "authorisation-register"
MOST = 2000


def build_register(context: Context) -> tuple[tuple[RegisterRow, ...], str]:
    """A row for each administrator of each machine; and that there are more, in words.

    In a run of many systems, those who may do the same on several machines have one row. There are
    no rows where no check listed anyone: a check of the measure lists them as the observed facts
    ``administrators`` and ``rights``, in the same order.
    """
    rows: dict[tuple[str, ...], list[str]] = {}
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
        for name, right in zip(names, rights, strict=False):
            row = one_line(str(name), 100), one_line(str(right), 200)
            apart = () if context.many else (finding.target, str(len(rows)))
            rows.setdefault((*row, *apart), []).append(finding.target)
    told = [
        RegisterRow(account, right, context.target_link(first), context.named(others))
        for (account, right, *_), names in rows.items()
        for first, *others in [dict.fromkeys(names)]
    ]
    told.sort(key=lambda row: (row.account, row.target.text))
    hidden = len(told) - MOST
    return tuple(told[:MOST]), context.phrases.count("more_kept", hidden) if hidden > 0 else ""
