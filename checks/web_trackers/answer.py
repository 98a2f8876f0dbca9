"""The answer to a ``website`` question, as far as it shows what a first visit sets going."""

from __future__ import annotations

from dataclasses import dataclass

from assessor.api import Fields, UnparsedError, read_answer

CONNECTS_ONLY = "connection"


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that the page makes a browser load (``kind`` as the question has it)."""

    kind: str
    host: str
    own: bool
    url: str


@dataclass(frozen=True, slots=True)
class Script:
    """What a script names, whether it stands in the page or is a file of the site's own."""

    whole: bool
    marks: frozenset[str]
    hosts: tuple[str, ...]
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie that the server set, without its value."""

    name: str
    removed: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What a first visit sets going.

    Attributes:
        no_page: why there is no page; then nothing else is known.
        whole: all of the page was read.
        refresh: the page sends its visitor on by itself.
        waiting: hosts of scripts that a browser does not run yet.
        inline: the scripts that stand in the page, taken together.
        inline_count: how many there are.
        scripts: the site's own script files that were read.
        unread: own script files that were not.
        cookies: set by the server on the way to the page and with its scripts.
        cookies_left_out: some were not kept.
    """

    name: str
    no_page: str | None
    whole: bool = False
    refresh: bool = False
    resources: tuple[Resource, ...] = ()
    waiting: tuple[str, ...] = ()
    inline: Script = Script(False, frozenset(), ())
    inline_count: int = 0
    scripts: tuple[Script, ...] = ()
    unread: int = 0
    cookies: tuple[Cookie, ...] = ()
    cookies_left_out: bool = False
    stopped: bool = False


def read_visit(text: str) -> Answer:
    """Reads the answer; raises ``UnparsedError`` where it is not as documented."""
    answer = read_answer(text, "website")
    name, no_page = answer.text("name"), answer.optional_text("no_page")
    page = answer.optional_part("page")
    steps = [step for visit in answer.parts("visits") for step in visit.parts("steps")]
    if not steps or (page is None) == (no_page is None):
        raise UnparsedError("page")
    if page is None:
        return Answer(name, no_page)
    inline = page.part("inline")
    scripts = answer.parts("scripts")
    resources = tuple(_resource(one) for one in page.parts("resources"))
    read_scripts = tuple(_script(one) for one in scripts)
    kept = tuple(_cookie(one) for step in steps for one in step.parts("cookies"))
    asked = {script.url for script in read_scripts}
    return Answer(
        name=name,
        no_page=None,
        whole=page.boolean("whole"),
        refresh=page.boolean("refresh"),
        resources=resources,
        waiting=page.texts("waiting"),
        inline=Script(True, frozenset(inline.texts("marks")), inline.texts("hosts")),
        inline_count=inline.integer("count"),
        scripts=read_scripts,
        unread=len({r.url for r in resources if r.own and r.kind == "script"} - asked),
        cookies=tuple(dict.fromkeys(kept)),
        cookies_left_out=any(
            step.integer("cookies_count") > len(step.parts("cookies")) for step in steps
        ),
        stopped=answer.optional_text("stopped") is not None or answer.integer("scripts_left") > 0,
    )


def _resource(part: Fields) -> Resource:
    return Resource(part.text("kind"), part.text("host"), part.boolean("own"), part.text("url"))


def _script(part: Fields) -> Script:
    # A cookie that comes with a script is not described: the script then counts as not read.
    return Script(
        part.boolean("whole") and part.integer("cookies_count") == 0,
        frozenset(part.texts("marks")),
        part.texts("hosts"),
        part.text("url"),
    )


def _cookie(part: Fields) -> Cookie:
    return Cookie(part.text("name"), part.boolean("removed"))
