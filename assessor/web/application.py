"""The page's requests and what becomes of them."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import quote

from werkzeug.exceptions import Forbidden, HTTPException, NotFound, UnsupportedMediaType
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from assessor.web import address
from assessor.web.desk import Answered, Attached, Card, Desk, Refused
from assessor.web.doorkeeper import Doorkeeper, Draft, Session, carries_csrf
from assessor.web.pages import Pages, guarded
from assessor.web.uploads import MEGABYTE, Limits, Overflow, Room, Upload

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LATER = "later"
TYPED = tuple(field.name for field in fields(Answered) if field.name not in ("measure", "files"))
"""The fields that are typed or chosen."""
_LONGEST_FIELD = 16 * 1024
_CHUNK = 64 * 1024

_ROUTES = Map(
    [
        Rule("/enter/<token>", endpoint="enter", methods=["GET"]),
        Rule("/<room>/", endpoint="overview", methods=["GET"]),
        Rule("/<room>/question/<measure>", endpoint="question", methods=["GET"]),
        Rule("/<room>/question/<measure>", endpoint="answer", methods=["POST"]),
        Rule("/<room>/done", endpoint="done", methods=["POST"]),
    ],
    strict_slashes=True,
    merge_slashes=False,
    redirect_defaults=False,
)


class _Request(Request):
    """A request that takes no file unless it was given room for it."""

    max_form_memory_size = _LONGEST_FIELD
    max_form_parts = 100

    def __init__(self, environ: WSGIEnvironment) -> None:
        super().__init__(environ)
        self.room: Room | None = None
        self.uploads: list[Upload] = []

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.room is None:
            raise UnsupportedMediaType
        upload = Upload(filename or "", self.room)
        self.uploads.append(upload)
        return cast("IO[bytes]", upload)

    def let_go(self) -> None:
        """Keeps none of the files."""
        for upload in self.uploads:
            upload.close()


@dataclass(frozen=True, slots=True)
class _Place:
    """A card and where it stands among the others."""

    card: Card
    number: int
    before: Card | None
    after: Card | None


class Application:
    """A WSGI application that lets one person answer the questions of ``desk``.

    Args:
        desk: the questions; called by one thread at a time.
        pages: renders.
        port: where the server listens.
        by: who is offered as the one who answers, at first.
        role: the role that is offered.
        limits: how much may be handed in.
        complain: is told of a fault of ours.
        clock: seconds that only go up.

    Attributes:
        over: set once the person said that it is done and the page that confirms it was sent.
    """

    def __init__(
        self,
        desk: Desk,
        pages: Pages,
        port: int,
        *,
        by: str = "",
        role: str = "",
        limits: Limits | None = None,
        complain: Callable[[Exception], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.over = threading.Event()
        self.doorkeeper = Doorkeeper(port)
        self._desk, self._pages, self._port = desk, pages, port
        self._person = (by, role)
        self._limits = limits or Limits()
        self._complain, self._clock = complain, clock
        self._one_at_a_time = threading.Lock()
        self._seen = clock()

    @property
    def idle_seconds(self) -> float:
        """How long ago the last request was that was let in."""
        return self._clock() - self._seen

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one request, as WSGI wants it."""
        request = _Request(environ)
        request.max_content_length = self._limits.request_bytes
        try:
            response = self._answer_to(request)
        except HTTPException as refusal:
            response = self._error(refusal)
        except (TimeoutError, ConnectionError):
            raise  # the browser is gone: the server's to deal with
        except Exception as fault:
            self._complain(fault)
            response = self._pages.response("error", 500, text="error_fault", home="")
        if request.method == "POST":
            _drain(request)  # or the browser would see a broken connection and not the answer
        return response(environ, start_response)

    def _answer_to(self, request: _Request) -> Response:
        if not address.is_ours(request.headers, self._port):
            raise Forbidden
        routes = _ROUTES.bind_to_environ(request.environ)
        try:
            endpoint, values = routes.match()
        except HTTPException:
            # What there is and what there is not, is nobody's business before the door.
            if self._session(request, _first_segment(request.path)) is None:
                raise Forbidden from None
            raise
        if endpoint == "enter":
            return self._enter(request, values["token"])
        session = self._session(request, values["room"])
        if session is None:
            return self._turn_away(request, values["room"])
        self._seen = self._clock()
        try:
            if request.method == "POST":
                return self._post(request, session, endpoint, values)
            with self._one_at_a_time:
                if endpoint == "overview":
                    return self._overview(session)
                return self._question(session, self._place(values["measure"]))
        finally:
            self._seen = self._clock()

    def _session(self, request: _Request, room: str) -> Session | None:
        return self.doorkeeper.known(request.cookies, room)

    def _enter(self, request: _Request, token: str) -> Response:
        if request.method != "GET" or address.looks_ahead(request.headers):
            raise Forbidden
        session = Session(*self._person)
        with self._one_at_a_time:
            if not self.doorkeeper.enter(token, session):
                raise Forbidden
        self._seen = self._clock()
        home = f"/{session.room}/"
        response = guarded(redirect(home, 303))
        response.headers["Referrer-Policy"] = "no-referrer"
        response.set_cookie(
            self.doorkeeper.cookie_name,
            session.cookie,
            path=home,
            httponly=True,
            samesite="Strict",
        )
        return response

    def _turn_away(self, request: _Request, room: str) -> Response:
        """Refuses; but whom a link on another site led here may ask again, from a page of ours.

        The cookie did not come along then, also where it was just given (a link in webmail). From
        an empty page of our own it does.
        """
        session = self.doorkeeper.session
        if (
            session is None
            or room != session.room
            or request.method != "GET"
            or not address.came_by_link(request.headers)
        ):
            raise Forbidden
        response = Response(content_type="text/html; charset=utf-8")
        response.headers["Refresh"] = f"0; url={quote(request.path)}"
        return guarded(response)

    def _post(
        self, request: _Request, session: Session, endpoint: str, values: Mapping[str, str]
    ) -> Response:
        if not address.from_our_page(request.headers):
            raise Forbidden
        if request.mimetype != "multipart/form-data" or request.content_length is None:
            raise UnsupportedMediaType
        if endpoint == "answer":
            with self._one_at_a_time:
                draft = _draft(session, self._place(values["measure"]).card.measure)
                request.room = Room(
                    self._limits,
                    free_bytes=self._limits.held_bytes - session.held_bytes,
                    free_files=self._limits.files - len(draft.files),
                )
        if not carries_csrf(request.form, session):  # reads the body
            request.let_go()
            raise Forbidden
        with self._one_at_a_time:
            if endpoint == "done":
                return self._done()
            place = self._place(values["measure"])
            return self._answer(request, session, place)

    def _overview(self, session: Session) -> Response:
        cards = self._desk.cards()
        return self._pages.response(
            "overview",
            cards=cards,
            next=next((card for card in cards if card.open), None),
            drafts={measure for measure, draft in session.drafts.items() if _holds(draft)},
            **self._around(session),
        )

    def _question(self, session: Session, place: _Place) -> Response:
        draft = _draft(session, place.card.measure)
        typed = {name: draft.fields.get(name, "") for name in TYPED}
        if "by" not in draft.fields:
            typed |= {"by": session.by, "role": session.role, "given": place.card.day}
        return self._pages.response(
            "question",
            place=place,
            card=place.card,
            typed=typed,
            drafted=_holds(draft),
            held=[file.name for file in draft.files],
            faulty=bool(draft.faults),
            faults=_by_field(draft.faults),
            turn=secrets.token_urlsafe(12),
            limits=self._limits,
            **self._around(session),
        )

    def _answer(self, request: _Request, session: Session, place: _Place) -> Response:
        measure, turn = place.card.measure, request.form.get("turn", "")
        if turn in session.recorded:
            request.let_go()
            return _see(session.recorded[turn])
        draft = _draft(session, measure)
        draft.fields = {name: request.form.get(name, "").replace("\r\n", "\n") for name in TYPED}
        session.by, session.role = draft.fields["by"], draft.fields["role"]
        _take_away(draft, request.form.getlist("drop"))
        draft.faults = self._take_in(draft, request)
        here = f"/{session.room}/question/{measure}"
        if draft.faults:
            return _see(here)  # seeing it again later then sends nothing again
        if draft.fields["answer"] == LATER:
            draft.fields["answer"] = ""
            session.notice, session.saved = self._pages.text("later_notice"), ""
            return _see(self._onward(session, place))
        try:
            told = self._desk.record(
                Answered(
                    measure,
                    **draft.fields,
                    files=tuple(Attached(file.name, file.path) for file in draft.files),
                )
            )
        except Refused as refused:
            draft.faults = refused.faults
            return _see(here)
        draft.close()
        del session.drafts[measure]
        session.notice, session.saved = f"{place.card.title}. {told}", measure
        session.recorded[turn] = self._onward(session, place)
        return _see(session.recorded[turn])

    def _take_in(self, draft: Draft, request: _Request) -> dict[str, str]:
        """Adds the files of ``request`` to ``draft``; what is wrong with others of them."""
        faults = []
        for upload in request.uploads:
            if not upload.name:  # a file field that was left empty
                upload.close()
                continue
            if upload.overflow is not None:
                fault = self._overflow(upload, upload.overflow)
            else:
                fault = self._desk.fault_of(Attached(upload.name, upload.path))
            if fault:
                faults.append(fault)
                upload.close()
            else:
                draft.files.append(upload)
        return {"files": " ".join(dict.fromkeys(faults))} if faults else {}

    def _overflow(self, upload: Upload, why: Overflow) -> str:
        limits = self._limits
        most = {
            Overflow.FILE: limits.file_bytes // MEGABYTE,
            Overflow.COUNT: limits.files,
            Overflow.TOTAL: limits.held_bytes // MEGABYTE,
        }
        return self._pages.text(why, name=upload.name[:120], most=most[why])

    def _done(self) -> Response:
        response = self._pages.response("done", summary=self._desk.summary())
        response.call_on_close(self.over.set)
        return response

    def _around(self, session: Session) -> dict[str, object]:
        """What every page within the session shows; its notice is told once."""
        cards = self._desk.cards()
        notice, session.notice = session.notice, ""
        saved, session.saved = session.saved, ""
        return {
            "home": f"/{session.room}/",
            "csrf": session.csrf,
            "notice": notice,
            "saved": saved,
            "total": len(cards),
            "answered": sum(not card.open for card in cards),
        }

    def _place(self, measure: str) -> _Place:
        cards = self._desk.cards()
        for index, card in enumerate(cards):
            if card.measure == measure:
                before = cards[index - 1] if index else None
                after = cards[index + 1] if index + 1 < len(cards) else None
                return _Place(card, index + 1, before, after)
        raise NotFound

    def _onward(self, session: Session, place: _Place) -> str:
        """Where the next open question stands; the overview when there is none behind this one."""
        for card in self._desk.cards()[place.number :]:
            if card.open:
                return f"/{session.room}/question/{card.measure}"
        return f"/{session.room}/"

    def _error(self, refusal: HTTPException) -> Response:
        status = refusal.code or 500
        known = {403: "error_refused", 404: "error_missing", 413: "error_too_much"}
        response = self._pages.response(
            "error", status, text=known.get(status, "error_request"), home=""
        )
        for name, value in refusal.get_headers():
            if name.lower() == "allow":
                response.headers[name] = value
        return response


def _draft(session: Session, measure: str) -> Draft:
    return session.drafts.setdefault(measure, Draft())


def _by_field(faults: Mapping[str, str]) -> dict[str, str]:
    """A text for each field, empty where nothing is wrong; what has no field is under ``""``."""
    told = dict.fromkeys((*TYPED, "files", ""), "")
    for field, fault in faults.items():
        told[field if field in told else ""] = fault
    return told


def _holds(draft: Draft) -> bool:
    """Whether anything was typed or handed in that would be a loss."""
    return bool(draft.files or draft.fields.get("text") or draft.fields.get("answer"))


def _take_away(draft: Draft, wanted: list[str]) -> None:
    """Lets go of the files that the person ticked, by their place in the list."""
    kept = []
    for place, file in enumerate(draft.files):
        if str(place) in wanted:
            file.close()
        else:
            kept.append(file)
    draft.files = kept


def _see(location: str) -> Response:
    return guarded(redirect(location, 303))


def _first_segment(path: str) -> str:
    return path.split("/", 2)[1] if "/" in path else ""


def _drain(request: _Request) -> None:
    """Reads what the browser still sends, and keeps nothing of it."""
    try:
        while request.stream.read(_CHUNK):
            continue
    except HTTPException:
        return  # more than is read at all: the server closes the connection
