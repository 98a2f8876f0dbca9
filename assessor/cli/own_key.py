"""The key that the settings name, for a command that signs."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assessor.evidence.signing import SigningKey
    from assessor.model.assessment import Signing


def own_key(signing: Signing | None) -> SigningKey | None:
    """See ``signing_key``; whoever sits at the terminal is asked for a passphrase."""
    from assessor.collect.terminal import Terminal
    from assessor.signing import signing_key

    return signing_key(signing, Terminal(threading.Event()).ask)
