"""Finds out all that a service accepts: offers much, takes away what it chose, offers the rest.

Each finding costs one connection, and each end of a list one more. What cannot be found out is
told as a gap: a list with a gap may be longer than it looks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from assessor.collect.questions import tls_offers_names as names
from assessor.collect.questions.tls_offers_names import SSL2, TLS12, TLS13
from assessor.collect.questions.tls_offers_wire import (
    Ended,
    Endpoint,
    Reply,
    exchange_suffices,
    hello_suffices,
)
from assessor.collect.questions.tls_records import (
    PROTOCOL_VERSION_ALERT,
    Hello,
    KeyExchange,
)

_P256 = 0x0017

# Handshake failure, protocol version, insufficient security: nothing that is offered will do.
_PLAIN_REFUSALS = frozenset({40, PROTOCOL_VERSION_ALERT, 71})

ACCEPTED, REFUSED, NO_ANSWER = "accepted", "refused", "no-answer"
SERVER, CLIENT, SINGLE, UNCLEAR = "server", "client", "single", "unclear"


@dataclass(slots=True)
class Version:
    """What was found of one version.

    Attributes:
        state: ``accepted``, ``refused`` or ``no-answer``.
        suites: accepted ones; in the server's order where it has one.
        order: whose order decides: ``server``, ``client``, ``single`` (there is one suite only),
            ``unclear``, or ``None`` where it was not looked at.
        exchanges: the parameters of key exchanges as they were seen, by suite.
        groups: groups that were chosen on the way.
        gaps: what could not be found out, in words.
        shares: key shares without which the service takes no hello of TLS 1.3.
        pieces: how many lists of suites had to be offered apart and had some that are accepted.
    """

    state: str = REFUSED
    suites: list[int] = field(default_factory=list)
    order: str | None = None
    exchanges: dict[int, KeyExchange] = field(default_factory=dict)
    groups: list[int] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    shares: dict[int, bytes] = field(default_factory=dict)
    pieces: int = 0


class Enumerator:
    """Asks one endpoint. Its methods do not depend on each other and may run side by side."""

    def __init__(self, endpoint: Endpoint, protocols: tuple[str, ...] = ()) -> None:
        """Nothing is asked yet.

        Args:
            endpoint: whom to ask.
            protocols: application protocols to name in every hello.
        """
        self._endpoint = endpoint
        self._protocols = protocols

    def hello(self, version: int, suites: Iterable[int], **more: object) -> Hello:
        """A hello as all of these are; ``more`` are fields of ``Hello`` that differ."""
        groups = names.GROUPS_TLS13 if version >= TLS13 else names.GROUPS_TLS12
        usual: dict[str, object] = {
            "groups": groups,
            "signatures": tuple(names.SIGNATURES),
            "server_name": self._endpoint.server_name,
            "protocols": self._protocols,
        }
        return Hello(version, tuple(suites), **(usual | more))  # type: ignore[arg-type]

    def ssl2(self) -> Version:
        """SSL 2.0 and its suites, in one hello."""
        reply = self._endpoint.ask_ssl2()
        if reply.ssl2 is not None:
            return Version(ACCEPTED, list(reply.ssl2.suites))
        if reply.refused:
            return Version(REFUSED)
        return Version(NO_ANSWER, gaps=[_why(reply, SSL2)])

    def version(self, version: int, share: Callable[[], dict[int, bytes]]) -> Version:
        """One version from SSL 3.0 on: its suites, and whose order decides between them.

        Args:
            version: its number.
            share: makes key shares for a service of TLS 1.3 that takes no hello without them.
        """
        found = Version()
        for offered in names.offered(version):
            before = len(found.suites)
            if not self._suites(version, offered, found, share):
                break
            found.pieces += len(found.suites) > before
        if found.suites:
            found.state = ACCEPTED
            if found.pieces > 1:
                # Only one hello with all of them shows the order of the whole.
                self._reorder(version, found)
            found.order = self._order(version, found)
        elif found.gaps:
            found.state = NO_ANSWER
        return found

    def _suites(
        self,
        version: int,
        offered: tuple[int, ...],
        found: Version,
        share: Callable[[], dict[int, bytes]],
    ) -> bool:
        """Adds what is accepted of ``offered``; whether it is worth while to offer more."""
        left = list(offered)
        end = self._drain(version, left, found)
        if version == TLS13 and not found.suites and end is not None and end.refused:
            found.shares = share()
            end = self._drain(version, left, found)
        if end is None:
            return True
        if not end.refused:
            return False
        if end.alert not in _PLAIN_REFUSALS:
            # A suite that the server chooses and then cannot carry out (for want of Diffie-Hellman
            # parameters, say) hides all those behind it: so each kind is offered on its own.
            for part in _by_exchange(left):
                self._drain(version, part, found)
            found.pieces += 1
        return bool(found.suites) or end.alert != PROTOCOL_VERSION_ALERT

    def _drain(self, version: int, left: list[int], found: Version) -> Reply | None:
        """Moves what is accepted from ``left`` to ``found``; the reply that ended it, if any."""
        while left:
            reply = self._ask(version, left, found)
            if reply.refused:
                return reply
            hello = reply.hello
            if hello is None:
                found.gaps.append(_why(reply, version))
                return reply
            if hello.version != version:
                return reply
            if hello.suite not in left:
                found.gaps.append(
                    f"{names.VERSIONS[version]}: {names.name(hello.suite)} was chosen unasked"
                )
                return reply
            left.remove(hello.suite)
            found.suites.append(hello.suite)
            self._note(reply, found)
        return None

    def _ask(self, version: int, suites: list[int], found: Version) -> Reply:
        return self._endpoint.ask(
            self.hello(version, suites, shares=found.shares), exchange_suffices
        )

    def _note(self, reply: Reply, found: Version) -> None:
        hello = reply.hello
        if hello is None:
            return
        exchange = reply.exchange
        if exchange is not None:
            found.exchanges[hello.suite] = exchange
        elif names.ephemeral(hello.suite) is not None:
            found.gaps.append(f"{names.name(hello.suite)}: its key exchange cannot be read")
        group = exchange.group if exchange is not None else hello.group
        if group is not None and group not in found.groups:
            found.groups.append(group)

    def _reorder(self, version: int, found: Version) -> None:
        left, ordered = list(found.suites), []
        while left:
            hello = self._ask(version, left, found).hello
            if hello is None or hello.suite not in left:
                return
            left.remove(hello.suite)
            ordered.append(hello.suite)
        found.suites = ordered

    def _order(self, version: int, found: Version) -> str:
        """Whose order decides. ``found`` is in the order in which the server chose."""
        if len(found.suites) == 1:
            return SINGLE
        positions = {code: at for at, code in enumerate(_flat(version))}
        ours = sorted(found.suites, key=positions.__getitem__)
        if found.suites != ours:
            return SERVER
        # It chose as we would: the other way round shows whether that was for our sake.
        turned = sorted(ours, key=lambda code: ("CHACHA" in names.name(code), -positions[code]))
        hello = self._ask(version, turned, found).hello
        if hello is None or hello.suite not in turned:
            found.gaps.append(f"{names.VERSIONS[version]}: its order of suites")
            return UNCLEAR
        if hello.suite == turned[0] != ours[0]:
            return CLIENT
        return SERVER if hello.suite == ours[0] != turned[0] else UNCLEAR

    def groups_tls13(self, found: Version) -> tuple[list[int], list[str]]:
        """The groups of TLS 1.3, in the order in which the service chooses them."""
        if found.shares:
            return found.groups, ["TLSv1.3: its groups show only to the key that was sent"]
        return self._groups(TLS13, found.suites, list(names.GROUPS_TLS13), None)

    def groups_tls12(
        self, version: int, found: Version, certificate_group: int | None
    ) -> tuple[list[int], list[str]]:
        """The curves up to TLS 1.2, in the order in which the service chooses them.

        A server that has a key on a curve may sign for those clients only that know this curve.
        So that curve comes last in the offer where the rest is refused without it; where even
        then it is chosen before others, no client can get at those others.

        Args:
            version: the newest before TLS 1.3 that is accepted.
            found: what was found of it.
            certificate_group: the curve of the certificate's key, if it has one.
        """
        suites = [code for code in found.suites if names.ephemeral(code) == "ecdhe"]
        return self._groups(version, suites, list(names.CURVES_TLS12), certificate_group)

    def _groups(
        self, version: int, suites: list[int], left: list[int], last: int | None
    ) -> tuple[list[int], list[str]]:
        found: list[int] = []
        while suites and left:
            reply = self._group(version, suites, left)
            if reply.refused and last is not None and last not in left:
                reply = self._group(version, suites, [*left, last])
            if reply.refused:
                break
            group = _group_of(reply)
            if group is None:
                return found, [_why(reply, version)]
            if group == last and group in found:
                break
            if group not in left:
                # It takes no notice of what is offered, and this is what it always uses.
                return (found, []) if group in found else ([*found, group], [])
            found.append(group)
            left = [one for one in left if one != group]
        return found, []

    def _group(self, version: int, suites: list[int], groups: list[int]) -> Reply:
        enough = hello_suffices if version >= TLS13 else exchange_suffices
        return self._endpoint.ask(self.hello(version, suites, groups=tuple(groups)), enough)

    def classic_prime(self, version: int, found: Version) -> KeyExchange | None:
        """The Diffie-Hellman parameters for a client that names no group of RFC 7919."""
        suites = [code for code in found.suites if names.ephemeral(code) == "dhe"]
        if not suites:
            return None
        hello = self.hello(version, suites, groups=(_P256,))
        return self._endpoint.ask(hello, exchange_suffices).exchange

    def weak_signatures(self, found: Version) -> tuple[list[int], list[str]]:
        """Schemes with MD5, SHA-1 and SHA-224 that a key exchange of TLS 1.2 is signed with."""
        suites = [code for code in found.suites if names.ephemeral(code) is not None]
        left = list(names.WEAK_SIGNATURES)
        accepted: list[int] = []
        while suites and left:
            hello = self.hello(TLS12, suites, signatures=tuple(left))
            reply = self._endpoint.ask(hello, exchange_suffices)
            if reply.refused:
                break
            if reply.hello is None:
                return accepted, [_why(reply, TLS12)]
            scheme = reply.exchange.signature if reply.exchange is not None else None
            if scheme not in left:
                break  # it signs as it always does, whatever is asked for
            left.remove(scheme)
            accepted.append(scheme)
        return accepted, []


def _by_exchange(suites: list[int]) -> list[list[int]]:
    """``suites`` by the way in which keys are exchanged."""
    parts: dict[tuple[str | None, str], list[int]] = {}
    for code in suites:
        kind = names.ephemeral(code), names.authentication(code)
        parts.setdefault(kind if "anon" not in kind else (None, "anon"), []).append(code)
    return list(parts.values()) if len(parts) > 1 else []


def _flat(version: int) -> list[int]:
    return [code for piece in names.offered(version) for code in piece]


def _group_of(reply: Reply) -> int | None:
    if reply.hello is None:
        return None
    if reply.hello.version >= TLS13:
        return reply.hello.group
    return reply.exchange.group if reply.exchange is not None else None


def _why(reply: Reply, version: int) -> str:
    words = {
        Ended.SILENT: "no answer",
        Ended.LOST: "the connection was lost",
        Ended.GARBAGE: f"an answer that is no TLS ({reply.why})",
        Ended.HELLO: "an answer that does not fit the question",
    }
    return f"{names.VERSIONS[version]}: {words.get(reply.ended, 'no handshake')}"
