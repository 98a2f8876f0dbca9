"""How far data from the DNS can be trusted, and why not further."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Security(StrEnum):
    """What RFC 4033, 5 calls the state of data. The words appear in evidence: never rename one."""

    SECURE = "secure"
    INSECURE = "insecure"
    BOGUS = "bogus"
    INDETERMINATE = "indeterminate"


class Why(StrEnum):
    """Why data is not secure. The words appear in evidence: never rename one."""

    NO_ANCHOR = "no-trust-anchor"
    NO_ANSWER = "no-answer"
    NO_DS = "no-ds"
    UNSUPPORTED = "unsupported-algorithm"
    OPT_OUT = "opt-out"
    TOO_COSTLY = "too-many-iterations"
    KEY_MISSING = "no-key-for-ds"
    UNSIGNED = "signature-missing"
    EXPIRED = "signature-expired"
    EARLY = "signature-not-yet-valid"
    MISMATCH = "signature-wrong"
    NO_PROOF = "denial-not-proved"
    OVERLOADED = "too-many-keys-or-signatures"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of some data: its state, and why it is not secure."""

    security: Security
    why: Why | None = None
    detail: str = ""


SECURE = Verdict(Security.SECURE)
OPTED_OUT = Verdict(Security.INSECURE, Why.OPT_OUT)


class BogusError(Exception):
    """Data that ought to check out does not."""

    def __init__(self, why: Why, detail: str) -> None:
        super().__init__(detail)
        self.verdict = Verdict(Security.BOGUS, why, detail)
