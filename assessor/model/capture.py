"""A capture: a probe's raw answer, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """Why a probe gave no answer. The words appear in evidence files: never rename one."""

    UNREACHABLE = "unreachable"
    NAME_NOT_FOUND = "name-not-found"
    HOST_KEY_UNKNOWN = "host-key-unknown"
    HOST_KEY_CHANGED = "host-key-changed"
    CERTIFICATE_REFUSED = "certificate-refused"
    AUTHENTICATION_FAILED = "authentication-failed"
    SECRET_MISSING = "secret-missing"  # noqa: S105 - a reason, not a secret
    SHELL_REFUSED = "shell-refused"
    WRONG_PLATFORM = "wrong-platform"
    NO_PRIVILEGE = "no-privilege"
    TIMED_OUT = "timed-out"
    DEADLINE = "deadline"
    DROPPED = "dropped"
    PROTOCOL = "protocol"
    NOT_RUN = "not-run"
    WORKER_SILENT = "worker-silent"
    INTERRUPTED = "interrupted"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Captured:
    """What a probe answered, decoded and redacted.

    Attributes:
        probe: the probe's key in the plan.
        stdout: standard output; bytes that are not UTF-8 are replaced by U+FFFD.
        stderr: standard error, at most 8 KiB.
        exit_status: the command's exit status; 0 for a network answer.
        at: when the probe began, by the collector's clock, in UTC.
        duration_s: how long it took, in seconds, as far as the collector can see.
        truncated: the output limit was reached: what follows is missing.
        undecodable: the output held bytes that are not UTF-8 (or NUL characters).
    """

    probe: str
    stdout: str
    stderr: str
    exit_status: int
    at: datetime
    duration_s: float = 0.0
    truncated: bool = False
    undecodable: bool = False

    @property
    def whole(self) -> bool:
        """Whether the output is complete and was decoded without loss."""
        return not (self.truncated or self.undecodable)


@dataclass(frozen=True, slots=True)
class NotCaptured:
    """Why a probe gave no answer.

    Attributes:
        probe: the probe's key in the plan.
        reason: the reason, for machines.
        detail: what happened, for people; holds no secret.
        mend: what would make it observable, for people; may be empty.
        at: when it was known, by the collector's clock, in UTC.
    """

    probe: str
    reason: Reason
    detail: str
    at: datetime
    mend: str = ""


Capture = Captured | NotCaptured
