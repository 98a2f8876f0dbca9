"""Reads what ufw and firewalld say of themselves: cross-checks beside the kernel's rules."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ufw:
    """``ufw status verbose``.

    Attributes:
        known: the output has the form that ufw prints.
        whole: the output shows its own end, an empty line after a list of rules.
        denies: the default for incoming traffic is deny or reject.
        allow_all: a rule allows everything from anywhere.
        open_v4: what is allowed in from anywhere over IPv4, in ufw's words.
        open_v6: the same over IPv6.
    """

    known: bool = False
    active: bool = False
    whole: bool = False
    denies: bool = False
    allow_all: bool = False
    open_v4: tuple[str, ...] = ()
    open_v6: tuple[str, ...] = ()


_UFW_RULE = re.compile(
    r"^(?P<to>\S.*?)\s+(?P<action>(?:ALLOW|LIMIT|DENY|REJECT) (?:IN|OUT|FWD))"
    r"\s+(?P<origin>\S.*)$"
)
_UFW_DEFAULT = re.compile(r"^Default: (\w+) \(incoming\)")


def read_ufw(text: str) -> Ufw:
    """Reads ``ufw status verbose``; any line that is not known makes it unknown."""
    lines = text.splitlines()
    if lines[:1] == ["Status: inactive"]:
        return Ufw(known=True, whole=True)
    if lines[:1] != ["Status: active"]:
        return Ufw()
    default = next((found[1] for line in lines if (found := _UFW_DEFAULT.match(line))), "")
    if not default:
        return Ufw()
    open_v4: list[str] = []
    open_v6: list[str] = []
    allow_all = False
    listed = False  # an empty line also stands between the head and the rules
    for line in lines[1:]:
        rule = _UFW_RULE.match(line.partition(" # ")[0].rstrip())
        if rule is None:
            if line.strip() and not line.startswith(
                ("Logging:", "Default:", "New profiles:", "To ", "-- ")
            ):
                return Ufw()
            continue
        listed = True
        if not rule["action"].startswith(("ALLOW IN", "LIMIT IN")):
            continue
        if not rule["origin"].startswith("Anywhere"):
            continue
        to = rule["to"].strip()
        allow_all = allow_all or to.startswith("Anywhere")
        (open_v6 if "(v6)" in to or "(v6)" in rule["origin"] else open_v4).append(
            to.replace(" (v6)", "")
        )
    return Ufw(
        known=True,
        active=True,
        whole=listed and not lines[-1].strip() and text.endswith("\n"),
        denies=default in ("deny", "reject"),
        allow_all=allow_all,
        open_v4=tuple(open_v4),
        open_v6=tuple(open_v6),
    )


def firewalld_zones(text: str) -> tuple[str, ...]:
    """The zones of ``firewall-cmd --list-all-zones`` that hold interfaces or sources.

    Each as ``name (target)``, so that an open zone (``ACCEPT``) shows.
    """
    found: list[str] = []
    zone, target = "", "default"
    for line in text.splitlines():
        if line and not line[0].isspace():
            zone, target = line.split(" ", 1)[0], "default"
        key, _, value = line.strip().partition(":")
        if key == "target":
            target = value.strip()
        elif key in ("interfaces", "sources") and value.strip() and zone:
            found.append(f"{zone} ({target})")
    return tuple(dict.fromkeys(found))
