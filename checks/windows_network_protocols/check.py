"""Whether a Windows computer speaks protocols that are plainly out of date.

The promise is a general one, "appropriate measures". So only what no auditor would call appropriate
today fails it: SMB 1, file sharing without a password, LM and NTLMv1, and on a domain controller
unsigned traffic and a running print service. What could be better is advice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    Parameters,
    Role,
    Told,
    failed,
    nothing_told,
    passed,
    read_cim,
    read_object,
    read_registry,
    told,
    unknown,
)

from .advice import advice
from .protocols import (
    SERVER_2025,
    Domain,
    Settings,
    Sharing,
    Spooler,
    read_domain,
    read_features,
    read_guard,
    read_settings,
    read_sharing,
    read_spooler,
)

MEASURE = "general-measures"
_NTLMV2 = 3
_REFUSES_NTLMV1 = 5


@dataclass(frozen=True, slots=True)
class Observation:
    """What each probe told. The spooler counts on domain controllers alone."""

    server: bool
    domain: Told[Domain]
    settings: Told[Settings]
    sharing: Told[Sharing]
    spooler: Told[Spooler | None]
    features: Told[tuple[str, ...]]
    guarded: Told[bool]


def observe(captures: Captures) -> Observation:
    """Reads the settings, and what holds for file sharing now."""
    return Observation(
        captures.target.role is Role.SERVER,
        told(captures, "computer", lambda text: read_domain(read_cim(text))),
        told(captures, "settings", lambda text: read_settings(read_registry(text))),
        told(captures, "smb", lambda text: read_sharing(read_object(text))),
        told(captures, "spooler", lambda text: read_spooler(read_cim(text))),
        told(captures, "features", lambda text: read_features(read_cim(text))),
        told(captures, "device_guard", lambda text: read_guard(read_cim(text))),
    )


def evaluate(seen: Observation, parameters: Parameters) -> list[Judgement]:
    """Fails on what is seen to be out of date; passes only where all that is judged was read."""
    faults = list(_faults(seen))
    hints = advice(
        seen.domain.answer,
        seen.settings.answer,
        seen.sharing.answer,
        seen.spooler.answer,
        seen.features.answer or (),
        server=seen.server,
        guarded=seen.guarded.answer is True,
    )
    observed = _observed(seen)
    if faults:
        first, *rest = faults
        return [
            failed(MEASURE, first.id, first.facts, observed=observed, advice=(*rest, *hints)),
        ]
    for part in _judged(seen):
        if part.gap is not None or part.unparsed:
            return [nothing_told(MEASURE, part)]
    unsure = next(_unsure(seen), None)
    if unsure is not None:
        return [unknown(MEASURE, unsure.id, unsure.facts, observed=observed, advice=hints)]
    message = "controller_up_to_date" if _is_controller(seen) else "up_to_date"
    return [passed(MEASURE, message, observed=observed, advice=hints)]


def _is_controller(seen: Observation) -> bool:
    return seen.domain.answer is not None and seen.domain.answer.controller


def _judged(seen: Observation) -> Iterator[Told[Any]]:
    yield seen.domain
    yield seen.settings
    yield seen.sharing
    if _is_controller(seen):
        yield seen.spooler


def _guests(settings: Settings | None, sharing: Sharing) -> bool | None:
    """Whether files are opened at servers that ask for no password.

    A policy comes first. Where signing is required, there is no way in for guests.
    """
    if not sharing.reaching or sharing.client_signs:
        return False
    if settings is not None and settings.guests is not None:
        return settings.guests
    return sharing.guests


def _faults(seen: Observation) -> Iterator[Message]:
    settings, sharing = seen.settings.answer, seen.sharing.answer
    if sharing is not None and sharing.serving and sharing.smb1:
        yield Message("smb1_server")
    if settings is not None and settings.smb1_client:
        yield Message("smb1_client")
    if sharing is not None and _guests(settings, sharing):
        yield Message("guest_sharing")
    # NTLMv1 is no longer a part of Windows 11 24H2 and Windows Server 2025, whatever is set.
    if settings is not None and settings.build < SERVER_2025 and settings.level < _NTLMV2:
        yield Message("old_log_in", {"level": settings.level})
    if _is_controller(seen):
        yield from _controller_faults(seen, settings, sharing)


def _controller_faults(
    seen: Observation, settings: Settings | None, sharing: Sharing | None
) -> Iterator[Message]:
    if sharing is not None and sharing.serving and sharing.signs is False:
        yield Message("controller_unsigned")
    if settings is not None and settings.ldap_signing is False:
        yield Message("ldap_unsigned")
    level = settings.level if settings is not None and settings.build < SERVER_2025 else None
    if level is not None and _NTLMV2 <= level < _REFUSES_NTLMV1:
        yield Message("controller_accepts_ntlmv1", {"level": level})
    if seen.spooler.answer is not None and seen.spooler.answer.runs:
        yield Message("controller_spooler")


def _unsure(seen: Observation) -> Iterator[Message]:
    """What was read, but does not say enough."""
    settings, sharing = seen.settings.answer, seen.sharing.answer
    if settings is None or sharing is None:
        return
    if sharing.serving and sharing.smb1 is None and settings.smb1_server is not False:
        yield Message("sharing_not_told", {"setting": "EnableSMB1Protocol"})
    if _guests(settings, sharing) is None:
        yield Message("sharing_not_told", {"setting": "EnableInsecureGuestLogons"})
    if not _is_controller(seen):
        return
    if not sharing.serving or sharing.signs is None:
        yield Message("sharing_not_told", {"setting": "RequireSecuritySignature"})
    if settings.ldap_signing is None:
        yield Message("ldap_signing_unsure")


def _observed(seen: Observation) -> Facts:
    domain, settings, sharing = seen.domain.answer, seen.settings.answer, seen.sharing.answer
    facts: dict[str, bool | int | str | tuple[str, ...] | None] = {}
    if domain is not None:
        facts["domain_controller"] = domain.controller
    if sharing is not None:
        facts |= {
            "smb1_server": sharing.smb1,
            "signing_required": sharing.signs,
            "encryption_required": sharing.encrypts,
            "client_signing_required": sharing.client_signs,
            "guest_logons": _guests(settings, sharing),
        }
    if settings is not None:
        facts |= {
            "build": settings.build,
            "smb1_client": settings.smb1_client,
            "lm_level": settings.level,
            "restrict_sending_ntlm": settings.sends_ntlm,
            "restrict_receiving_ntlm": settings.receives_ntlm,
            "names_by_broadcast": settings.by_broadcast,
        }
        if _is_controller(seen):
            facts["ldap_signing"] = settings.ldap_signing
            facts["ldap_channel_binding"] = settings.channel_binding
    if _is_controller(seen) and seen.spooler.answer is not None:
        facts["spooler_runs"] = seen.spooler.answer.runs
    return facts


CHECK = Check(observe=observe, evaluate=evaluate)
