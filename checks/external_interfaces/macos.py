"""Whether storage that is plugged in to a Mac can be used.

Only one thing on a Mac refuses it and can be seen: the declaration
``com.apple.configuration.diskmanagement.settings`` of its management (macOS 15 and later). The
older ``mount-controls`` of com.apple.systemuiserver are deprecated since macOS 11 and no ground for
a pass. Asking before an accessory connects is for the user to answer, so it refuses nothing by
itself. Where none of these says anything, other software may still do so: that is unknown, not a
fail.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from assessor.api import (
    Captures,
    Fact,
    Facts,
    Judgement,
    NotCaptured,
    failed,
    not_observed,
    passed,
    records,
    unknown,
)

MEASURE = "interface-lock"
_ABSENT = "does not exist"


@dataclass(frozen=True, slots=True)
class Mac:
    """What a Mac's management says.

    Attributes:
        version: of macOS.
        external: ``Allowed``, ``ReadOnly`` or ``Disallowed``; empty where management says nothing,
            ``None`` where that could not be seen.
        asks: whether accessories must be allowed; ``None`` where management says nothing.
        mount_controls: whether the older setting is there.
        gap: why ``external`` could not be seen.
    """

    version: str
    external: str | None
    asks: bool | None
    mount_controls: bool
    gap: NotCaptured | None

    def facts(self) -> Facts:
        """The facts for a finding."""
        facts: dict[str, Fact] = {"version": self.version, "mount_controls": self.mount_controls}
        if self.external is not None:
            facts["external_storage"] = self.external
        if self.asks is not None:
            facts["accessories_ask"] = self.asks
        return facts


def observe(captures: Captures) -> Mac | NotCaptured | None:
    """What the probes saw; ``None`` when the script's output is damaged."""
    answer = captures.answered("storage")
    if answer is None:
        return captures.gap("storage")
    found = records(answer.stdout)
    if found is None:
        return None
    said = dict(found)
    external = None
    gap = None
    if "disk_management" in said:
        external = _external(said["disk_management"])
    elif "disk_management_absent" in said:
        external = ""
    else:
        external, gap = _as_root(captures)
    modes = {"0": False, "1": True}
    return Mac(
        version=said.get("version", ""),
        external=external,
        asks=modes.get(said.get("usb_restricted_mode", "")),
        mount_controls="mount_controls" in said,
        gap=gap,
    )


def _as_root(captures: Captures) -> tuple[str | None, NotCaptured | None]:
    answer = captures.answered("disk_management")
    if answer is None:
        return None, captures.gap("disk_management")
    if answer.exit_status == 0:
        return _external(answer.stdout), None
    absent = _ABSENT in answer.stdout or _ABSENT in answer.stderr
    return ("" if absent else None), None


def _external(text: str) -> str | None:
    """What the declaration says of external storage; ``None`` when it is not whole."""
    try:
        settings = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(settings, dict):
        return None
    restrictions = settings.get("Restrictions", {})
    value = restrictions.get("ExternalStorage", "") if isinstance(restrictions, dict) else None
    return value if isinstance(value, str) else None


def evaluate(seen: Mac) -> Judgement:
    """What management refuses holds; what it allows does not; its silence says nothing."""
    observed = seen.facts()
    match seen.external:
        case "Disallowed":
            return passed(MEASURE, "storage_refused", observed=observed)
        case "ReadOnly":
            return passed(MEASURE, "storage_read_only", observed=observed)
        case "Allowed":
            return failed(MEASURE, "storage_allowed", observed=observed)
        case None if seen.gap is not None:
            return not_observed(MEASURE, seen.gap)
        case "":
            pass
        case _:
            return unknown(MEASURE, "unparsed", observed=observed)
    if seen.mount_controls:
        return unknown(MEASURE, "old_mount_controls", observed=observed)
    if seen.asks is False:
        return failed(MEASURE, "accessories_always", observed=observed)
    return unknown(MEASURE, "nothing_says", observed=observed)
