"""Lets one browser in, once, and knows it again.

The link's token is exchanged for a cookie and is dead from then on. The cookie counts only below a
path that is drawn at random: cookies know no ports, and another server on 127.0.0.1 must not be
sent this one.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from assessor.web.uploads import Upload

_BYTES = 24
"""Of each secret: 192 bits."""
MOST_WRONG = 100
"""How many wrong links are borne before the right one is dead as well."""


@dataclass(slots=True)
class Draft:
    """An answer that was typed and is not recorded; kept in memory only.

    Attributes:
        fields: what was typed, by field.
        files: what was handed in with it.
        faults: why it was not recorded, by field; empty where nobody tried.
    """

    fields: dict[str, str] = field(default_factory=dict)
    files: list[Upload] = field(default_factory=list)
    faults: Mapping[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Lets go of the files."""
        for file in self.files:
            file.close()
        self.files.clear()


@dataclass(slots=True)
class Session:
    """One browser at the page.

    Attributes:
        cookie: what the browser shows with each request.
        room: the path segment below which the page stands.
        csrf: what each form carries; no other site can know it.
        by: who answers; offered with the next question.
        role: what that person is in the company.
        drafts: by measure.
        recorded: where each form led that was recorded, so that sending it twice records once.
        notice: told on the next page, once.
        saved: the measure whose answer the notice is about.
    """

    by: str = ""
    role: str = ""
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(_BYTES), repr=False)
    room: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(_BYTES), repr=False)
    drafts: dict[str, Draft] = field(default_factory=dict)
    recorded: dict[str, str] = field(default_factory=dict)
    notice: str = ""
    saved: str = ""

    @property
    def held_bytes(self) -> int:
        """What the files of all drafts take."""
        return sum(file.size for draft in self.drafts.values() for file in draft.files)


class Doorkeeper:
    """Holds the one-time token, then the session it was exchanged for."""

    def __init__(self, port: int) -> None:
        self.cookie_name = f"assess_{port}"
        self.session: Session | None = None
        self._token: str | None = secrets.token_urlsafe(_BYTES)
        self._wrong = 0

    @property
    def token(self) -> str:
        """What the link carries; empty once it is used up."""
        return self._token or ""

    def enter(self, token: str, session: Session) -> bool:
        """Exchanges the right ``token`` for ``session``; it never works again."""
        if self._token is None or not _same(token, self._token):
            self._wrong += 1
            if self._wrong >= MOST_WRONG:
                self._token = None
            return False
        self._token, self.session = None, session
        return True

    def known(self, cookies: Mapping[str, str], room: str) -> Session | None:
        """The session to which the request belongs, if any."""
        session = self.session
        if session is None:
            return None
        # Both are compared whatever the first says: time tells nothing.
        right = _same(cookies.get(self.cookie_name, ""), session.cookie)
        return session if _same(room, session.room) & right else None


def carries_csrf(form: Mapping[str, str], session: Session) -> bool:
    """Whether a form is one of ours."""
    return _same(form.get("csrf", ""), session.csrf)


def _same(given: str, wanted: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())
