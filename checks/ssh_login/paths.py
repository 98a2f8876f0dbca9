"""The ways in which someone can log in over SSH, and the factors that each way asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from .duo import Duo
from .pam import CODE, DIRECTORY, PASSWORD, UNKNOWN, Factors
from .patterns import everything, in_list
from .settings import Block, Values

KEY = "key"
PIN = "pin"
CERTIFICATE = "certificate"
KERBEROS = "kerberos"
HOST = "host"

_UNSEEN = frozenset({KERBEROS, CERTIFICATE, DIRECTORY})
"""A second factor may be asked for elsewhere: when the ticket or certificate was issued, or by the
server of the domain."""

_FORCED_DUO = re.compile(r"(\S*/)?login_duo( .*)?")

_MAX_BLOCKS = 8


@dataclass(frozen=True, slots=True)
class Path:
    """A way in.

    Attributes:
        root: it is root who logs in this way.
        methods: OpenSSH's names of the methods, joined by commas, in order.
        factors: what is shown on the way.
        match: the conditions of the Match block that opens it, or the empty string.
    """

    root: bool
    methods: str
    factors: Factors
    match: str = ""

    @property
    def two_factors(self) -> bool:
        """Whether at least two known kinds of proof are asked of the person, not the computer."""
        return len(self.known - {HOST}) >= 2

    @property
    def known(self) -> Factors:
        """The factors that are known here."""
        return frozenset(f for f in self.factors if not f.startswith(UNKNOWN))

    @property
    def opaque(self) -> bool:
        """Whether a part of PAM decides that is not known here."""
        return self.known != self.factors

    @property
    def unseen(self) -> bool:
        """Whether a further factor may exist that this machine does not show."""
        return self.opaque or bool(self.factors & _UNSEEN)

    @property
    def label(self) -> str:
        """The path for people: who, how, and under which conditions."""
        who = "root: " if self.root else ""
        where = f" (Match {self.match})" if self.match else ""
        return f"{who}{self.methods}{where}"


@dataclass(frozen=True, slots=True)
class Ways:
    """All ways in.

    Attributes:
        certain: those outside Match blocks, and those that a single block opens.
        possible: those that would exist if several Match blocks held at once.
        empty_passwords: where accounts without a password may log in: labels.
    """

    certain: tuple[Path, ...]
    possible: tuple[Path, ...]
    empty_passwords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Background:
    """What the ways depend on besides the settings of sshd.

    Attributes:
        pam: the sets of factors that suffice for PAM's ``sshd`` stack.
        keytab: whether GSSAPI can work at all.
        root_groups: the groups of root, for AllowGroups and DenyGroups.
        duo: the settings of ``login_duo``; ``None`` when not seen.
    """

    pam: frozenset[Factors]
    keytab: bool
    root_groups: tuple[str, ...]
    duo: Duo | None = None


def ways_in(values: Values, blocks: tuple[Block, ...], background: Background) -> Ways:
    """All ways in, for root and for others, outside and inside Match blocks."""
    certain: list[Path] = []
    possible: list[Path] = []
    empty: list[str] = []
    for root in (False, True):
        mine = [block for block in blocks if _may_apply(block, root, background)]
        fixed = [block for block in mine if _always_applies(block, root, background)]
        free = [block for block in mine if block not in fixed]
        base = _overlay(values, fixed)
        certain += _paths(base, root, "", background)
        if base.get("permitemptypasswords") == "yes" and not root:
            empty.append("sshd_config")
        for block in free:
            inner = _overlay(values, [b for b in mine if b in fixed or b is block])
            certain += _paths(inner, root, block.label, background)
            if inner.get("permitemptypasswords") == "yes" and not root:
                empty.append(f"Match {block.label}")
        for chosen in _combinations(free):
            several = _overlay(values, [b for b in mine if b in fixed or b in chosen])
            label = " + ".join(block.label for block in chosen)
            possible += _paths(several, root, label, background)
    return Ways(_distinct(certain), _distinct(possible), tuple(dict.fromkeys(empty)))


def _distinct(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Paths without those that a Match block merely leaves as they are outside it."""
    kept: list[Path] = []
    outside: set[tuple[bool, str, Factors]] = set()
    for path in paths:
        same = (path.root, path.methods, path.factors)
        if path.match and same in outside:
            continue
        if not path.match:
            outside.add(same)
        if path not in kept:
            kept.append(path)
    return tuple(kept)


def _combinations(blocks: list[Block]) -> Iterable[tuple[Block, ...]]:
    """The sets of two or more blocks that may hold for one connection."""
    for size in range(2, min(len(blocks), _MAX_BLOCKS) + 1):
        for chosen in combinations(blocks[:_MAX_BLOCKS], size):
            if not any(_exclude_each_other(a, b) for a, b in combinations(chosen, 2)):
                yield chosen


def too_many(blocks: tuple[Block, ...]) -> bool:
    """Whether there are more Match blocks than their combinations can be followed for."""
    return len(blocks) > _MAX_BLOCKS


def _exclude_each_other(one: Block, other: Block) -> bool:
    """Two blocks for different users, each named in full, never hold at once."""
    left, right = _users(one), _users(other)
    return left is not None and right is not None and not left & right


def _users(block: Block) -> frozenset[str] | None:
    for name, patterns in block.criteria:
        if name == "user" and not any(set(p) & set("*?!") for p in patterns):
            return frozenset(patterns)
    return None


def _may_apply(block: Block, root: bool, background: Background) -> bool:
    for name, patterns in block.criteria:
        if name == "user":
            if root and not in_list(patterns, "root"):
                return False
            if not root and _users(block) == frozenset({"root"}):
                return False
        if (
            name == "group"
            and root
            and background.root_groups
            and not any(in_list(patterns, group) for group in background.root_groups)
        ):
            return False
        if name == "invalid-user":
            return False
    return True


def _always_applies(block: Block, root: bool, background: Background) -> bool:
    """Whether every condition of the block is met, wherever the connection comes from."""
    for name, patterns in block.criteria:
        if name == "all" or everything(patterns):
            continue
        if name == "user" and root and in_list(patterns, "root"):
            continue
        return False
    return True


def _overlay(values: Values, blocks: Iterable[Block]) -> Values:
    """The settings where all ``blocks`` hold: the first block that sets a keyword wins."""
    changed: dict[str, str] = {}
    for block in blocks:
        for keyword, value in block.values.items():
            changed.setdefault(keyword, value)
    accepted = changed.get("pubkeyacceptedalgorithms", "")
    if accepted[:1] in ("+", "^", "-"):
        # Added to or taken from the default list, which holds ordinary keys.
        changed["pubkeyacceptedalgorithms"] = "default"
    return {**values, **changed}


def _paths(values: Values, root: bool, match: str, background: Background) -> Iterable[Path]:
    if root and not _root_admitted(values, background):
        return
    available = _available(values, background)
    wanted = values.get("authenticationmethods", "any")
    lists = [[name] for name in available] if wanted == "any" else _lists(wanted)
    for methods in lists:
        if not all(method in available for method in methods):
            continue
        if root and not _root_may(values, methods):
            continue
        name = ",".join(methods)
        if root and values["permitrootlogin"] == "forced-commands-only":
            name += " [forced command]"
        after, remark = _after_log_in(values, background)
        for parts in product(*(available[method] for method in methods)):
            yield Path(root, name + remark, frozenset().union(after, *parts), match)


def _after_log_in(values: Values, background: Background) -> tuple[Factors, str]:
    """What a forced ``login_duo`` asks for besides, and a remark for people.

    It stands before the shell and commands only: a connection that forwards ports or a tunnel asks
    for neither, so these must be off (Duo's documentation of login_duo).
    """
    if not _FORCED_DUO.fullmatch(values.get("forcecommand", "none")):
        return frozenset(), ""
    closed = all(
        values.get(keyword, "unseen") == "no" for keyword in ("allowtcpforwarding", "permittunnel")
    )
    if not closed:
        return frozenset(), " [login_duo; forwarding open]"
    if background.duo is None:
        return frozenset({f"{UNKNOWN}login_duo"}), " [login_duo]"
    if not background.duo.for_everyone:
        return frozenset(), " [login_duo; some groups only]"
    return frozenset({CODE}), " [login_duo]"


def _lists(wanted: str) -> list[list[str]]:
    # "keyboard-interactive:pam" names a device; on Linux there is no other one.
    return [[m.partition(":")[0] for m in item.split(",")] for item in wanted.split()]


def _available(values: Values, background: Background) -> Mapping[str, frozenset[Factors]]:
    """The methods that are on, each with the sets of factors that suffice for it."""
    pam = background.pam if values.get("usepam") == "yes" else frozenset()
    found: dict[str, frozenset[Factors]] = {}
    if values.get("pubkeyauthentication") == "yes":
        found["publickey"] = frozenset({_key(values)})
    if values.get("passwordauthentication") == "yes":
        plain = frozenset({frozenset({PASSWORD})})
        found["password"] = pam if values.get("usepam") == "yes" else plain
    if values.get("kbdinteractiveauthentication") == "yes" and pam:
        found["keyboard-interactive"] = pam
    if values.get("hostbasedauthentication") == "yes":
        found["hostbased"] = frozenset({frozenset({HOST})})
    if values.get("gssapiauthentication") == "yes" and background.keytab:
        found["gssapi-with-mic"] = frozenset({frozenset({KERBEROS})})
    return {name: factors for name, factors in found.items() if factors}


def _key(values: Values) -> Factors:
    accepted = [
        algorithm
        for algorithm in values.get("pubkeyacceptedalgorithms", "default").split(",")
        if algorithm
    ]
    verified = "verify-required" in values.get("pubkeyauthoptions", "")
    if verified and accepted and all(algorithm.startswith("sk-") for algorithm in accepted):
        return frozenset({KEY, PIN})
    if (
        values.get("trustedusercakeys", "none") != "none"
        and values.get("authorizedkeysfile", "") == "none"
        and values.get("authorizedkeyscommand", "none") == "none"
    ):
        return frozenset({CERTIFICATE})
    return frozenset({KEY})


def _root_may(values: Values, methods: list[str]) -> bool:
    """Whether root may use all of ``methods`` (``auth_root_allowed`` in sshd's auth.c)."""
    permit = values["permitrootlogin"]
    if permit in ("prohibit-password", "forced-commands-only"):
        return all(m in ("publickey", "hostbased", "gssapi-with-mic") for m in methods)
    return permit == "yes"


def _root_admitted(values: Values, background: Background) -> bool:
    """Whether the lists of users and groups admit root."""
    if in_list(_users_of(values, "denyusers"), "root"):
        return False
    groups = background.root_groups
    if any(in_list(values.get("denygroups", "").split(), group) for group in groups):
        return False
    allowed_users = _users_of(values, "allowusers")
    if allowed_users and not in_list(allowed_users, "root"):
        return False
    allowed_groups = values.get("allowgroups", "").split()
    return not (
        allowed_groups and groups and not any(in_list(allowed_groups, group) for group in groups)
    )


def _users_of(values: Values, keyword: str) -> tuple[str, ...]:
    """The user part of each ``USER@HOST`` pattern; a denial that names a host is left out."""
    patterns = values.get(keyword, "").split()
    if keyword == "denyusers":
        return tuple(p for p in patterns if "@" not in p)
    return tuple(p.partition("@")[0] for p in patterns)


def only_password(path: Path) -> bool:
    """Whether nothing but a password is asked for."""
    return path.factors <= {PASSWORD}
