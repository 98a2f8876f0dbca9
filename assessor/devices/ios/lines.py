"""The lines that people log in over: the console, and ``vty`` for Telnet and SSH.

Cisco, "Configuring Security with Passwords, Privileges, and Logins": ``login`` asks for the line's
own password, ``login local`` for that of a user, ``no login`` for none at all; with ``aaa
new-model`` lists of methods take their place.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from assessor.devices.device import Topic
from assessor.devices.ios.grammar import Node, Tree
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.vocabulary import VOCABULARY

_HARMLESS = VOCABULARY.beginnings("lines")
SHELLS = frozenset({"telnet", "ssh", "rlogin"})
_OTHER_TRANSPORTS = frozenset({"none", "lat", "mop", "nasi", "pad", "udptn", "v120", "lapb-ta"})


@dataclass(slots=True)
class Line:
    """A line, or several that are set alike.

    Attributes:
        name: ``vty 0 4``.
        login: ``line``, ``local``, ``tacacs``, ``none``, the name of a list of methods after
            ``list ``; empty where nothing is said.
        transports: what may come in; ``None`` where nothing is said.
        lists: the access list by family, that names who may come.
    """

    name: str
    login: str = ""
    password: tuple[str, ...] | None = None
    transports: frozenset[str] | None = None
    lists: dict[str, str] = field(default_factory=dict)
    level: int = 1
    executes: bool = True

    @property
    def remote(self) -> bool:
        """It is for Telnet and SSH."""
        return self.name.startswith("vty")


def read_lines(tree: Tree, notes: Notes) -> list[Line]:
    """All lines; what is not understood counts for the management and for the accounts."""
    found: list[Line] = []
    for node in tree.take("line"):
        name = " ".join(node.after(1)).lower().replace("console", "con")
        if node.no or (
            node.word(1) not in ("con", "console", "aux", "vty", "tty")
            and not (node.word(1)[:1].isdecimal())
        ):
            notes.add(node.text, Topic.MANAGEMENT, Topic.ACCOUNTS)
            continue
        line = Line(name)
        for child in node.children:
            if not _taken(line, child) and not _HARMLESS.holds(child):
                notes.add(f"line {name}: {child.text}", Topic.MANAGEMENT, Topic.ACCOUNTS)
        found.append(line)
    if not any(line.remote for line in found):
        # Every device has them, and writes them down.
        notes.add("no line vty", Topic.MANAGEMENT, Topic.ACCOUNTS)
    return found


def _taken(line: Line, child: Node) -> bool:
    first, second = child.word(0), child.word(1)
    if first == "login":
        return _login(line, child)
    if first == "password":
        line.password = None if child.no else child.after(1)
    elif first == "transport" and second == "input":
        chosen = frozenset(word.lower() for word in child.after(2))
        if not chosen or chosen - SHELLS - _OTHER_TRANSPORTS - {"all"}:
            return False
        line.transports = SHELLS if "all" in chosen else chosen & SHELLS
        if child.no:
            line.transports = frozenset()
    elif first == "access-class" and len(child.words) >= 3 and child.word(2) in ("in", "out"):
        if child.word(2) == "in" and not child.no:
            line.lists["ipv4"] = child.words[1]
    elif child.begins("ipv6", "access-class") and child.word(3) in ("in", "out"):
        if child.word(3) == "in" and not child.no:
            line.lists["ipv6"] = child.words[2]
    elif first == "privilege" and second == "level" and child.word(2).isdecimal():
        line.level = 1 if child.no else int(child.word(2))
    elif first == "exec" and len(child.words) == 1:
        line.executes = not child.no
    else:
        return False
    return True


def _login(line: Line, child: Node) -> bool:
    second = child.word(1)
    if child.no and second in ("", "local", "tacacs"):
        line.login = "none"
    elif second == "":
        line.login = "line"
    elif second in ("local", "tacacs"):
        line.login = second
    elif second == "authentication" and len(child.words) == 3:
        line.login = "" if child.no else f"list {child.words[2]}"
    else:
        return False
    return True
