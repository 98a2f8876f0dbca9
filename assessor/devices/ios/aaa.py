"""How a log-in is checked: lists of methods, and the servers that they ask.

Cisco, "Configuring Authentication": the methods of a list are tried in order, the next one only
where one gives no answer; ``none`` lets everybody in. Without a list ``default`` the local users
count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessor.devices.device import Topic
from assessor.devices.ios.grammar import Tree
from assessor.devices.ios.notes import Notes
from assessor.devices.ios.vocabulary import VOCABULARY

_METHODS = VOCABULARY.words("aaa methods")
_HARMLESS = VOCABULARY.words("aaa")
_OTHER_LISTS = VOCABULARY.words("aaa lists")


@dataclass(frozen=True, slots=True)
class Methods:
    """What ``aaa`` says.

    Attributes:
        on: ``aaa new-model``.
        logins: the methods by the name of their list.
        enable: the methods for becoming administrator.
    """

    on: bool
    logins: Mapping[str, tuple[str, ...]]
    enable: tuple[str, ...]

    def of(self, name: str) -> tuple[str, ...]:
        """The methods of one list."""
        return self.logins.get(name, ("local",) if name == "default" else ())


def read_methods(tree: Tree, notes: Notes) -> Methods:
    """The lists of methods; what is not understood counts for the accounts."""
    on = False
    logins: dict[str, tuple[str, ...]] = {}
    enable: tuple[str, ...] = ()
    for node in tree.take("aaa"):
        second, third = node.word(1), node.word(2)
        if second == "new-model" and len(node.words) == 2:
            on = not node.no
        elif second == "authentication" and third == "login" and len(node.words) > 4:
            if not node.no:
                logins[node.words[3]] = _methods(node.after(4), node.text, notes)
        elif second == "authentication" and third == "enable" and node.word(3) == "default":
            enable = () if node.no else _methods(node.after(4), node.text, notes)
        elif second == "authentication" and third in _OTHER_LISTS:
            continue
        elif second in ("authorization", "local", "common-criteria") or second in _HARMLESS:
            continue  # what follows of these, the accounts read
        else:
            notes.add(node.text, Topic.ACCOUNTS)
    for name in ("radius", "radius-server", "tacacs", "tacacs-server", "ldap"):
        tree.take(name)
    return Methods(on, logins, enable)


def _methods(words: tuple[str, ...], text: str, notes: Notes) -> tuple[str, ...]:
    """The methods; a group of servers is ``group NAME``."""
    found: list[str] = []
    position = 0
    while position < len(words):
        word = words[position].lower()
        if word == "group" and position + 1 < len(words):
            found.append(f"group {words[position + 1]}")
            position += 2
            continue
        if word not in _METHODS:
            notes.add(text, Topic.ACCOUNTS)
        found.append(word)
        position += 1
    return tuple(found)
