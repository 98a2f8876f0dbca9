"""When a Vigor does not answer a question.

Its proper answers begin with ``%%`` as well, so only the words after that tell.
"""

from __future__ import annotations

import re

_REFUSED = re.compile(
    r"[\s%]*(?:unknown|invalid|unsupported|not support|no such|command not|wrong|syntax|incomplete"
    r"|access denied|permission|not enough|you (?:are not|don't)|usage:|\[exit \d+\])",
    re.IGNORECASE,
)


def refused(text: str) -> bool:
    """Whether it said that it does not answer, or said nothing at all."""
    return not text.strip() or bool(_REFUSED.match(text))
