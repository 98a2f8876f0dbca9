"""The texts of a check, as its ``texts.yaml`` says them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckTexts:
    """The texts of one check in one language. The reader is a shop owner.

    Attributes:
        title: what is checked, in a few words.
        why: why it matters, in one or two sentences.
        messages: a text per message id, with ``{name}`` for each fact that fills it in.
        remedies: what to do, per message id, for ``fail`` and ``unknown``.
    """

    title: str
    why: str
    messages: Mapping[str, str]
    remedies: Mapping[str, str]
