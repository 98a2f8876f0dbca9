r"""The audit policy of Windows, as ``auditpol /get /category:* /r`` tells it.

The subcategories stand there by GUID ([MS-GPAC]), but their settings only in the language
of the Windows. Their numbers stand in two places: below ``HKLM\SECURITY``, which SYSTEM alone may
read, and in what ``auditpol /backup`` writes to a file, and nothing is written on a target. What
group policy wants (``audit.csv``) has numbers too, but is not what holds. So the words are looked
up in a table of published ones, and a word that is not there is unknown, never "no".

Only the letters a to z of a word count: a program's output is in the code page of a console, which
the reading side may take for another one, and then every other letter is lost.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from assessor.api import UnparsedError, read_object

SUCCESS, FAILURE = 1, 2
_ROW = re.compile(
    r"\{0CCE9(2[0-9A-F]{2})-69AE-11D9-BED3-505054503030\},([^,]*)(?:,[^,]*)?\s*", re.IGNORECASE
)

LOGON = "215"
_RECOMMENDED: Mapping[str, tuple[str, int]] = MappingProxyType(
    {
        "216": ("Logoff", SUCCESS),
        "217": ("Account Lockout", FAILURE),
        "21b": ("Special Logon", SUCCESS),
        "235": ("User Account Management", SUCCESS | FAILURE),
        "237": ("Security Group Management", SUCCESS),
        "22f": ("Audit Policy Change", SUCCESS),
        "23f": ("Credential Validation", SUCCESS | FAILURE),
    }
)
"""What the CIS Benchmarks and Microsoft's baselines ask besides ``Logon``."""
_ON_CONTROLLERS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {"242": ("Kerberos Authentication Service", SUCCESS | FAILURE)}
)
PROCESS_CREATION = "22b"

# English, Dutch, German, Italian, French: the table of mondoo's mql (pull request 8286). Dutch and
# German also as in auditpolmsg.dll.mui (file-info.xyz), with "no auditing"; Spanish: issue 42 of
# AuditPolicyDsc. In the code page of a console, a letter with an accent may be lost.
_WORDS = {
    "noauditing": 0,
    "success": SUCCESS,
    "failure": FAILURE,
    "successandfailure": SUCCESS | FAILURE,
    "geencontrole": 0,
    "geslaagd": SUCCESS,
    "mislukt": FAILURE,
    "geslaagdenmislukt": SUCCESS | FAILURE,
    "keineberwachung": 0,
    "erfolg": SUCCESS,
    "erfolgreich": SUCCESS,
    "fehler": FAILURE,
    "erfolgundfehler": SUCCESS | FAILURE,
    "operazioneriuscita": SUCCESS,
    "errore": FAILURE,
    "esitopositivoenegativo": SUCCESS | FAILURE,
    "succs": SUCCESS,
    "chec": FAILURE,
    "echec": FAILURE,
    "succsetchec": SUCCESS | FAILURE,
    "succsetechec": SUCCESS | FAILURE,
    "aciertos": SUCCESS,
    "errores": FAILURE,
}
_NOTHING: Mapping[str, int | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AuditPolicy:
    """What Windows audits.

    Attributes:
        settings: by the last three digits of the first part of a subcategory's GUID, in small
            letters: a sum of ``SUCCESS`` and ``FAILURE``; ``None`` for a word that is not known.
        unknown_words: the words that are not known, as Windows writes them.
    """

    settings: Mapping[str, int | None] = field(default_factory=lambda: _NOTHING)
    unknown_words: tuple[str, ...] = ()

    @property
    def log_ins(self) -> int | None:
        """How log-ins are audited; ``None`` where that is not known."""
        return self.settings.get(LOGON)

    def lacking(self, controller: bool) -> tuple[str, ...]:
        """What is recommended besides, and was seen not to be audited so."""
        wanted = {**_RECOMMENDED, **(_ON_CONTROLLERS if controller else {})}
        found = []
        for part, (name, flags) in wanted.items():
            seen = self.settings.get(part)
            if seen is not None and seen & flags != flags:
                found.append(name)
        return tuple(found)


def read_audit_policy(text: str) -> AuditPolicy:
    """Reads the answer of ``windows_audit_policy.ps1``.

    Raises:
        UnparsedError: it is no whole answer, or a row is not as ``auditpol`` writes it.
    """
    answer = read_object(text)
    if answer.integer("status"):
        raise UnparsedError(f"auditpol: {answer.integer('status')}")
    settings: dict[str, int | None] = {}
    strange = []
    for row in answer.texts("rows"):
        shape = _ROW.fullmatch(row)
        if shape is None or shape[1].lower() in settings:
            raise UnparsedError(row[:60])
        settings[shape[1].lower()] = meaning(shape[2])
        if meaning(shape[2]) is None:
            strange.append(shape[2].strip()[:40])
    return AuditPolicy(settings, tuple(sorted(set(strange))))


def meaning(word: str) -> int | None:
    """The number of a setting; ``None`` for a word that is not known."""
    return _WORDS.get("".join(letter for letter in word.lower() if "a" <= letter <= "z"))
