"""What could be better on a Windows network, without breaking a promise."""

from __future__ import annotations

from collections.abc import Iterator

from assessor.api import Message

from .protocols import Domain, Settings, Sharing, Spooler

_BEST_LEVEL = 5
_SHARES = ("\\\\*\\netlogon", "\\\\*\\sysvol")


def advice(
    domain: Domain | None,
    settings: Settings | None,
    sharing: Sharing | None,
    spooler: Spooler | None,
    features: tuple[str, ...],
    *,
    server: bool,
    guarded: bool,
) -> tuple[Message, ...]:
    """Hints, each from what was read; nothing is said about what was not."""
    hints: list[Message] = []
    if sharing is not None:
        hints += _sharing(sharing, domain, server=server)
    if settings is not None:
        hints += _settings(settings, domain, guarded=guarded)
    idle = spooler is not None and not spooler.runs and not spooler.disabled
    if domain is not None and domain.controller and idle:
        hints.append(Message("spooler_may_start"))
    old = tuple(name for name in features if name.startswith("SMB1Protocol"))
    if old:
        hints.append(Message("smb1_installed", {"features": old}))
    if len(old) < len(features):
        hints.append(Message("old_powershell"))
    return tuple(hints)


def _sharing(sharing: Sharing, domain: Domain | None, *, server: bool) -> Iterator[Message]:
    controller = domain is not None and domain.controller
    sides = []
    if sharing.serving and sharing.signs is False and not controller:
        sides.append("server")
    if sharing.reaching and sharing.client_signs is False:
        sides.append("client")
    if sides:
        yield Message("signing_not_required", {"sides": tuple(sides)})
    if server and sharing.serving and sharing.encrypts is False:
        yield Message("sharing_not_encrypted")


def _settings(settings: Settings, domain: Domain | None, *, guarded: bool) -> Iterator[Message]:
    if settings.by_broadcast:
        yield Message("names_by_broadcast", {"protocols": settings.by_broadcast})
    if domain is not None and settings.level < _BEST_LEVEL:
        yield Message("log_in_could_be_stricter", {"level": settings.level})
    if domain is not None and domain.controller and settings.channel_binding in (None, 0):
        yield Message("no_channel_binding")
    if not settings.lsa_protected and not guarded:
        yield Message("log_ins_unprotected")
    if settings.plain_in_memory:
        yield Message("passwords_in_memory")
    if domain is not None and domain.member:
        missing = tuple(path for path in _SHARES if path not in settings.hardened)
        if missing:
            yield Message("paths_not_hardened", {"paths": missing})
    if settings.proxy_search:
        yield Message("proxy_search")
    if settings.weak:
        yield Message("without_name", {"settings": settings.weak})
