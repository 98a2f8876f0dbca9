"""Sets machines side by side: what each has in common with every other one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from assessor.api import NotCaptured

from .host import Host, beginning, is_of_one_key


class Sharing(StrEnum):
    """What two machines have in common, the worst first. The values are message ids."""

    SAME_MACHINE = "same_machine"
    HOST_KEY = "same_host_key"
    ENTERS = "one_opens_other"
    KEY = "same_key"
    DATABASE = "same_database"
    DATABASE_PERHAPS = "same_database_perhaps"
    NETWORK = "same_network"
    CLONED = "cloned"
    KERNEL = "same_kernel"


@dataclass(frozen=True, slots=True)
class Common:
    """One thing in common.

    Attributes:
        thing: names it: an account, an address, a network; empty where the kind says it all.
    """

    sharing: Sharing
    thing: str = ""


@dataclass(frozen=True, slots=True)
class Partner:
    """Another machine, as one machine sees it.

    Attributes:
        tags: its tags, in small letters.
        seen: whether enough of it was seen.
        common: what the two have in common.
    """

    name: str
    tags: frozenset[str]
    seen: bool
    common: tuple[Common, ...]


@dataclass(frozen=True, slots=True)
class Machine:
    """A target of the check.

    Attributes:
        tags: its tags, in small letters.
        host: what was seen; why not; or ``None`` where the answer was not understood.
        partners: all other targets; filled in when they are compared.
    """

    tags: frozenset[str]
    host: Host | NotCaptured | None
    partners: tuple[Partner, ...] = ()


def compare(machines: Mapping[str, Machine]) -> Mapping[str, Machine]:
    """The machines, each with what it has in common with every other."""
    hosts = [machine.host for machine in machines.values() if isinstance(machine.host, Host)]
    return {
        name: replace(
            machine,
            partners=tuple(
                Partner(
                    other,
                    its.tags,
                    isinstance(its.host, Host) and its.host.enough,
                    tuple(_common(_Named(name, machine.host), _Named(other, its.host), hosts))
                    if isinstance(machine.host, Host) and isinstance(its.host, Host)
                    else (),
                )
                for other, its in machines.items()
                if other != name
            ),
        )
        for name, machine in machines.items()
    }


@dataclass(frozen=True, slots=True)
class _Named:
    name: str
    host: Host


def _common(first: _Named, second: _Named, all_hosts: Iterable[Host]) -> Iterable[Common]:
    one, two = first.host, second.host
    same_id = bool(one.machine) and one.machine == two.machine
    same_boot = bool(one.boot) and one.boot == two.boot
    if same_id and same_boot:
        # The rest follows from it.
        yield Common(Sharing.SAME_MACHINE)
        return
    if one.host_keys & two.host_keys:
        yield Common(Sharing.HOST_KEY)
    yield from _opened(first, second)
    yield from _opened(second, first)
    yield from _keys(one, two)
    same_network = _network(one, two)
    yield from _databases(one, two, all_hosts, near=bool(same_network))
    if same_network:
        yield Common(Sharing.NETWORK, same_network)
    if same_id:
        yield Common(Sharing.CLONED)
    if same_boot:
        yield Common(Sharing.KERNEL)


def _opened(holder: _Named, opened: _Named) -> Iterable[Common]:
    """Keys that an account of ``holder`` has, and that open an account of ``opened``."""
    for key, account in holder.host.identities.items():
        if is_of_one_key(beginning(key)):
            other = _by_beginning(opened.host.authorised, key)
        else:
            other = opened.host.authorised.get(key, "")
        if other:
            yield Common(Sharing.ENTERS, f"{account}@{holder.name} → {other}@{opened.name}")


def _keys(one: Host, two: Host) -> Iterable[Common]:
    """Accounts of the same name or not that one key opens, or that hold one private key."""
    copied = [one.identities[key] for key in one.identities.keys() & two.identities.keys()]
    opened = [
        account
        for key, account in one.authorised.items()
        if is_of_one_key(key)
        and (
            key in two.authorised
            or (is_of_one_key(beginning(key)) and _by_beginning(two.authorised, key))
        )
    ]
    for account in sorted({*copied, *opened}):
        yield Common(Sharing.KEY, account)


def _by_beginning(keys: Mapping[str, str], key: str) -> str:
    return next((name for k, name in keys.items() if beginning(k) == beginning(key)), "")


def _network(one: Host, two: Host) -> str:
    """The network that both stand in, if its gateway shows that it is one and not two alike."""
    for network, gateway in one.networks.items():
        if two.networks.get(network) == gateway:
            return str(network)
    return ""


def _databases(one: Host, two: Host, hosts: Iterable[Host], *, near: bool) -> Iterable[Common]:
    servers = {
        *(one.databases & two.databases),
        *((address, port) for address, port in one.databases if address in two.addresses),
        *((address, port) for address, port in two.databases if address in one.addresses),
    }
    for address, port in sorted(servers, key=str):
        # Private addresses are given out anew in every network.
        certain = near or address.is_global or _seen_there(one, two, address, port, hosts)
        sharing = Sharing.DATABASE if certain else Sharing.DATABASE_PERHAPS
        shown = f"[{address}]" if address.version == 6 else str(address)
        yield Common(sharing, f"{shown}:{port}")


def _seen_there(one: Host, two: Host, address: object, port: int, hosts: Iterable[Host]) -> bool:
    """Whether the server itself was observed, with connections from those that use it."""
    return any(
        all(
            user is server or any((own, port) in server.clients for own in user.addresses)
            for user in (one, two)
        )
        for server in hosts
        if address in server.addresses
    )
