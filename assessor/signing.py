"""Which key signs, and where its passphrase comes from: joins the keys with the secrets."""

from __future__ import annotations

import os
from collections.abc import Callable

from assessor.collect.secrets import SourcedSecrets
from assessor.evidence.keyring_store import KeyStore
from assessor.evidence.signing import SigningKey
from assessor.model.assessment import Signing
from assessor.model.keys import DEFAULT_KEY, Place
from assessor.model.target import SecretSource

PASSPHRASE_VARIABLE = "ASSESS_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable


def signing_key(signing: Signing | None, ask: Callable[[str], str | None]) -> SigningKey | None:
    """The key that signs; ``None`` where the settings name none and there is no default one.

    A default key in a file signs where its passphrase is in the environment: a run that nobody
    watches must not wait for one.

    Raises:
        UsageError: the key that is named does not exist or does not open.
    """
    keys = KeyStore()
    if signing is None:
        if not keys.has(DEFAULT_KEY):
            return None
        in_file = keys.place(DEFAULT_KEY) is Place.FILE
        if in_file and PASSPHRASE_VARIABLE not in os.environ:
            return None
        signing = Signing(
            DEFAULT_KEY, SecretSource("env", (PASSPHRASE_VARIABLE,)) if in_file else None
        )
    return keys.load(signing.key, passphrase_of(signing, ask))


def passphrase_of(signing: Signing, ask: Callable[[str], str | None]) -> Callable[[], str]:
    """Gives the passphrase when it is due: from its source, the environment, or the user."""
    source = signing.passphrase
    if source is None:
        in_environment = PASSPHRASE_VARIABLE in os.environ
        source = SecretSource("env", (PASSPHRASE_VARIABLE,)) if in_environment else None
    about = f"Passphrase of the key {signing.key}"
    return lambda: SourcedSecrets(ask).named(source or SecretSource("ask"), about)
