"""The answer to a ``website`` question, as far as the hardening of a site shows in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import Fields, UnparsedError, read_answer

FAMILIES = ("ipv4", "ipv6")
SCHEMES = ("https", "http")
_ENDS = frozenset({"answer", "silent", "elsewhere", "malformed", "loop", "too-many"})
PATHS = (
    "/.git/HEAD",
    "/.env",
    "/backup.zip",
    "/backup.tar.gz",
    "/backup.sql",
    "/phpinfo.php",
    "/server-status",
    "/wp-login.php",
    "/administrator/",
    "/phpmyadmin/",
)
"""All that are asked for; an answer with fewer is not whole."""

HEADERS = (
    "content-security-policy",
    "permissions-policy",
    "referrer-policy",
    "server",
    "strict-transport-security",
    "x-aspnet-version",
    "x-aspnetmvc-version",
    "x-content-type-options",
    "x-frame-options",
    "x-powered-by",
)
"""Those that are read here."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie as it was set, without its value."""

    name: str
    secure: bool
    http_only: bool
    same_site: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a visit; ``status`` is ``None`` where it got no answer."""

    url: str
    scheme: str
    host: str
    outcome: str
    status: int | None
    location: str | None
    headers: Mapping[str, tuple[str, ...]]
    cookies: tuple[Cookie, ...]

    def value(self, header: str) -> str | None:
        """The first value of ``header``."""
        return next(iter(self.headers.get(header, ())), None)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request with the redirects that were followed, and how it ended."""

    family: str
    scheme: str
    steps: tuple[Step, ...]
    end: str

    @property
    def first(self) -> Step:
        """The request that a visitor makes."""
        return self.steps[0]

    @property
    def last(self) -> Step:
        """Where the redirects led."""
        return self.steps[-1]


@dataclass(frozen=True, slots=True)
class Form:
    """Where a form of the page sends what was filled in."""

    url: str
    scheme: str
    method: str
    password: bool


@dataclass(frozen=True, slots=True)
class Page:
    """The page that a visitor gets."""

    scheme: str
    whole: bool
    generator: str | None
    csp: str | None
    referrer: str | None
    forms: tuple[Form, ...]
    loaded: tuple[tuple[str, str], ...]
    """Scheme and host of all that it loads."""


@dataclass(frozen=True, slots=True)
class SecurityTxt:
    """The answer to the request for ``security.txt``."""

    end: str
    status: int | None
    media_type: str
    cut: bool
    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FixedPath:
    """One fixed address: whether something answered it with what it is feared for."""

    path: str
    kind: str
    outcome: str
    status: int | None
    shown: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a visitor of the site got.

    Attributes:
        http_asked: whether plain HTTP was asked at all.
        own_authority: the extra authority that the inventory names, or ``None``.
        addresses: by family.
        no_page: why there is no page.
        stopped: why what follows is missing.
    """

    name: str
    http_asked: bool
    own_authority: str | None
    addresses: Mapping[str, tuple[str, ...]]
    visits: tuple[Visit, ...]
    page: Page | None
    no_page: str | None
    security_txt: SecurityTxt | None
    paths: tuple[FixedPath, ...]
    stopped: str | None

    def visits_of(self, scheme: str) -> tuple[Visit, ...]:
        """The visits that began with ``scheme``."""
        return tuple(visit for visit in self.visits if visit.scheme == scheme)


def read_visit(text: str) -> Answer:
    """Reads the answer; raises ``UnparsedError`` where it is not as documented."""
    answer = read_answer(text, "website")
    page, txt = answer.optional_part("page"), answer.optional_part("security_txt")
    ca_file = answer.part("trust").optional_part("ca_file")
    addresses = answer.part("addresses")
    found = Answer(
        name=answer.text("name"),
        http_asked=answer.part("ports").optional_integer("http") is not None,
        own_authority=ca_file.text("name") if ca_file else None,
        addresses={family: addresses.texts(family) for family in FAMILIES},
        visits=tuple(_visit(one) for one in answer.parts("visits")),
        page=_page(page) if page else None,
        no_page=answer.optional_text("no_page"),
        security_txt=_security_txt(txt) if txt else None,
        paths=tuple(_path(one) for one in answer.parts("paths")),
        stopped=answer.optional_text("stopped"),
    )
    if (found.page is None) == (found.no_page is None):
        raise UnparsedError("no_page")
    return found


def _visit(part: Fields) -> Visit:
    visit = Visit(
        part.text("family"),
        part.text("scheme"),
        tuple(_step(one) for one in part.parts("steps")),
        part.text("end"),
    )
    if (
        not visit.steps
        or visit.family not in FAMILIES
        or visit.scheme not in SCHEMES
        or visit.first.scheme != visit.scheme
        or visit.end not in _ENDS
        or (visit.end == "silent") != (visit.last.outcome != "answered")
    ):
        raise UnparsedError("visits")
    return visit


def _step(part: Fields) -> Step:
    headers = part.part("headers")
    step = Step(
        part.text("url"),
        part.text("scheme"),
        part.text("host"),
        part.text("outcome"),
        part.optional_integer("status"),
        part.optional_text("location"),
        {name: headers.texts(name) for name in HEADERS if headers.has(name)},
        tuple(_cookie(one) for one in part.parts("cookies")),
    )
    if (step.outcome == "answered") != (step.status is not None):
        raise UnparsedError("status")
    return step


def _cookie(part: Fields) -> Cookie:
    return Cookie(
        part.text("name"),
        part.boolean("secure"),
        part.boolean("http_only"),
        part.optional_text("same_site"),
    )


def _page(part: Fields) -> Page:
    forms = tuple(
        Form(one.text("url"), one.text("scheme"), one.text("method"), one.boolean("password"))
        for one in part.parts("forms")
    )
    return Page(
        part.text("scheme"),
        part.boolean("whole"),
        part.optional_text("generator"),
        part.optional_text("csp"),
        part.optional_text("referrer"),
        forms,
        tuple((one.text("scheme"), one.text("host")) for one in part.parts("resources")),
    )


def _security_txt(part: Fields) -> SecurityTxt:
    fields = part.parts("fields")
    return SecurityTxt(
        part.text("end"),
        part.optional_integer("status"),
        part.text("media_type"),
        part.boolean("cut"),
        tuple((one.text("name"), one.text("value")) for one in fields),
    )


def _path(part: Fields) -> FixedPath:
    return FixedPath(
        part.text("path"),
        part.text("kind"),
        part.text("outcome"),
        part.optional_integer("status"),
        part.boolean("shown"),
    )
