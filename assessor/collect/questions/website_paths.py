"""A few addresses that anybody can ask for and that should give nothing away.

What comes back is matched against the shape of the file and thrown away; only whether it matched
is kept. A site that answers every address with a page of its own is so told from one that leaks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assessor.collect.questions.http_exchange import Exchange

FIRST_BYTES = 4_096
"""Asked for with a Range header; a server may send more, which is not read."""

_OK = frozenset({200, 206})
_HTML = re.compile(rb"<(?:!doctype|html|head|body|script|div)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FixedPath:
    """One address, and what its content looks like where it is really there.

    Attributes:
        kind: ``repository``, ``settings``, ``backup``, ``internals`` or ``admin``.
        html: whether what is looked for is a page of HTML.
    """

    path: str
    kind: str
    shape: re.Pattern[bytes]
    html: bool = False

    def shown_by(self, answer: Exchange) -> bool:
        """Whether ``answer`` is what is looked for."""
        body = answer.body
        if answer.status not in _OK or not body:
            return False
        return bool(_HTML.search(body)) == self.html and bool(self.shape.search(body))


def _shape(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


_SQL = _shape(
    rb"^(?:-- (?:MySQL|MariaDB|PostgreSQL|phpMyAdmin)|CREATE (?:TABLE|DATABASE)|INSERT INTO)\b"
)

FIXED_PATHS = (
    FixedPath("/.git/HEAD", "repository", _shape(rb"\A(?:ref: refs/|[0-9a-f]{40}\s*\Z)")),
    FixedPath("/.env", "settings", _shape(rb"^(?:export )?[A-Z][A-Z0-9_]{2,}[ ]?=")),
    FixedPath("/backup.zip", "backup", re.compile(rb"\APK\x03\x04")),
    FixedPath("/backup.tar.gz", "backup", re.compile(rb"\A\x1f\x8b\x08")),
    FixedPath("/backup.sql", "backup", _SQL),
    FixedPath("/phpinfo.php", "internals", _shape(rb"<title>[^<]*phpinfo\(\)"), html=True),
    FixedPath("/server-status", "internals", _shape(rb"<title>Apache Status"), html=True),
    FixedPath("/wp-login.php", "admin", _shape(rb"""(?:id|name)=["']?loginform"""), html=True),
    FixedPath("/administrator/", "admin", _shape(rb"com_login|joomla-script-options"), html=True),
    FixedPath("/phpmyadmin/", "admin", _shape(rb"pma_username|phpmyadmin\.css"), html=True),
)
