"""When passwords changed, by the copies of its configuration that the device keeps.

Both systems keep the last configurations in ``/conf/backup`` as ``config-TIME.xml``, each with the
moment when it was written (``<revision><time>``). The question asks for the users in them; the
redaction has put marks for their passwords. A mark that differs between two copies that follow one
another was set when the later of them was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise

from lxml import etree

from assessor.devices.pfsense.accounts import kept_password
from assessor.devices.pfsense.grammar import Element, parse, text
from assessor.devices.secrets import MARK
from assessor.model.answers import UnparsedError

QUESTION = (
    "/bin/sh -c '"
    'for f in $(ls -r /conf/backup | grep "^config-[0-9.]*xml$" | head -n 60); do '
    'echo "#### $f"; '
    'sed -n -E -e "/<user( [^<>]*)?>$/,/<.user>$/p" -e "/<revision/,/<.revision>/p" '
    '"/conf/backup/$f"; '
    "done | head -c 1000000'"
)
"""Of the last copies: the users and the moment; bounded, and nothing is written."""
_HEAD = "#### "
_MOST = 200


def moment(said: str) -> datetime | None:
    """A moment that is written as seconds since 1970, with a fraction perhaps."""
    try:
        seconds = float(said)
        # Before 2000 the clock was not set; after 2100 it is none of ours.
        if not 946_684_800 < seconds < 4_102_444_800:
            return None
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError):
        return None


def written_at(root: Element) -> datetime | None:
    """When a configuration was last changed."""
    return moment(text(root, "revision", "time")) or moment(text(root, "lastchange"))


def passwords(users: list[Element]) -> Mapping[str, str]:
    """The marks of users' passwords, by name."""
    found: dict[str, str] = {}
    for each in users:
        mark = MARK.search(kept_password(each))
        if text(each, "name") and text(each, "uid") and mark is not None:
            found[text(each, "name")] = mark["mark"]
    return found


def changes(answer: str, root: Element) -> Mapping[str, datetime]:
    """By label, when a password was last seen to change."""
    states: dict[datetime, Mapping[str, str]] = {}
    for block in answer.split(_HEAD)[1 : _MOST + 1]:
        state = _state(block.partition("\n")[2])
        if state is not None:
            states[state[0]] = state[1]
    now = written_at(root)
    if now is None or not states:
        return {}
    system = root.find("system")
    states[now] = passwords(system.findall("user") if system is not None else [])
    line = sorted((when, state) for when, state in states.items() if when <= now)
    found: dict[str, datetime] = {}
    for (_, before), (when, after) in pairwise(line):
        for name, mark in after.items():
            if before.get(name) != mark:
                found[f"account {name}"] = when
    return found


def _state(block: str) -> tuple[datetime, Mapping[str, str]] | None:
    """When one copy was written, and the marks in it; ``None`` where it is not whole."""
    try:
        copy = parse(f"<copy>{block}</copy>", "copy")
    except (UnparsedError, etree.XMLSyntaxError):
        return None
    when = moment(text(copy, "revision", "time"))
    return None if when is None else (when, passwords(copy.findall("user")))
