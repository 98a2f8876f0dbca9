"""Who may log in to the router."""

from __future__ import annotations

import re

from assessor.devices.device import Account, Secret, Storage
from assessor.devices.secrets import MARK, secret
from assessor.devices.vyatta.grammar import Node

# The makers' own passwords, which everybody knows: ubnt/ubnt of EdgeOS and UniFi, vyos/vyos of the
# live image of VyOS. Their hashes are the same on every machine; "redaction/vyatta.yaml" leaves
# them readable. Verified with crypt(3).
_VYOS = (
    "$6$QxPS.uk6mfo$9QBSo8u1FkH16gMyAVhus6fU3LOzvLR9Z9.82m3tiHFAxTtIkhaZSWssSgzt4v4d"
    "GAL8rhVQxTg0oAG9/q11h/"
)
FACTORY = frozenset({"$1$zKNoUbAo$gomzUbYvgyUMcD436Wo66.", _VYOS})
# A mark for what is no secret, so that a later run sees whether it was changed.
_FACTORY_MARK = "0" * 16
_LOCKED = re.compile(r"[!*x]{1,2}")
_SCHEMES = {"$1$": Storage.WEAK_HASH, "$5$": Storage.HASH, "$6$": Storage.HASH}
_SCHEMES |= {"$y$": Storage.HASH, "$7$": Storage.HASH, "$2": Storage.HASH}


def read_accounts(root: Node) -> tuple[Account, ...]:
    """The users of ``system login``."""
    return tuple(_account(name, node) for name, node in root.items("system", "login", "user"))


def _account(name: str, node: Node) -> Account:
    authentication = node.at("authentication")
    keys = sum(1 for _, key in authentication.items("public-keys") if key.has("key"))
    known = _password(authentication)
    # With a key alone nobody asks for the code (docs.vyos.io, "Login/User Management").
    second = bool(authentication.value("otp", "key")) and not keys
    return Account(
        name,
        enabled=not node.has("disable"),
        administrator=not (node.has("level", "operator") or node.has("operator")),
        secret=known,
        keys=keys,
        second_factor=second,
    )


def _password(node: Node) -> Secret | None:
    plain = node.value("plaintext-password")
    if plain and not _LOCKED.fullmatch(plain):
        return secret(plain, Storage.CLEAR)
    return hashed(node.value("encrypted-password"))


def hashed(text: str | None) -> Secret | None:
    """The password of which ``text`` is the hash; ``None`` where it lets nobody in."""
    if not text or _LOCKED.fullmatch(text):
        return None
    if text in FACTORY:
        return Secret(_FACTORY_MARK, _storage(text), factory=True)
    return secret(text, _storage(text))


def _storage(text: str) -> Storage:
    for scheme, storage in _SCHEMES.items():
        if text.startswith(scheme):
            return storage
    # Nothing but a mark: crypt's old form, the only one without a scheme that is accepted.
    return Storage.WEAK_HASH if MARK.fullmatch(text) else Storage.UNKNOWN
