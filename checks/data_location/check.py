"""Judges where the addresses of a website or of a domain's mail servers are.

The country is the one that the user's database gives for an address. That a server is there says
nothing of copies elsewhere, nor of what suppliers do: for that a person has to answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from assessor.api import (
    Captures,
    Check,
    Facts,
    Fields,
    Judgement,
    Message,
    Parameters,
    Told,
    failed,
    not_applicable,
    nothing_told,
    passed,
    read_answer,
    told,
    unknown,
)

from .places import EVERYWHERE, REGIONS

MEASURE = "data-location"


@dataclass(frozen=True, slots=True)
class Address:
    """One address and what the databases say of it; ``None`` for nothing."""

    host: str
    ip: str
    public: bool
    country: str | None
    network: int | None
    organisation: str | None
    anycast: bool

    @property
    def moving(self) -> str:
        """Whose address it is, where it has no fixed place; else empty."""
        if self.network in EVERYWHERE:
            return EVERYWHERE[self.network]
        return (self.organisation or self.ip) if self.anycast else ""


@dataclass(frozen=True, slots=True)
class Places:
    """What the databases say of all addresses.

    Attributes:
        built: when the oldest of them was made; ``None`` where one does not say.
    """

    name: str
    databases: tuple[str, ...]
    built: datetime | None
    null_mx: bool
    hosts: tuple[str, ...]
    addresses: tuple[Address, ...]
    left_out: int


def observe(captures: Captures) -> Told[Places]:
    return told(captures, "place", _read)


def _read(text: str) -> Places:
    answer = read_answer(text, "place")
    databases = answer.parts("databases")
    known = [one.moment("built") for one in databases if one.optional_text("built") is not None]
    return Places(
        name=answer.text("name"),
        databases=tuple(f"{one.text('name')} ({one.text('type')})" for one in databases),
        built=min(known) if known and len(known) == len(databases) else None,
        null_mx=answer.boolean("null_mx"),
        hosts=answer.texts("hosts"),
        addresses=tuple(_address(one) for one in answer.parts("addresses")),
        left_out=answer.integer("left_out"),
    )


def _address(part: Fields) -> Address:
    anycast = part.optional_boolean("anycast")
    return Address(
        part.text("host"),
        part.text("ip"),
        part.boolean("public"),
        part.optional_text("country"),
        part.optional_integer("network"),
        part.optional_text("organisation"),
        anycast is True,
    )


def evaluate(observed: Told[Places], parameters: Parameters) -> list[Judgement]:
    places = observed.answer
    if places is None:
        return [nothing_told(MEASURE, observed)]
    if places.null_mx:
        return [not_applicable(MEASURE, "takes_no_mail", {"name": places.name})]
    region = parameters.text("region").upper()
    promised = REGIONS.get(region, frozenset({region}))
    expected: Facts = {"region": region}
    seen: Facts = {
        "name": places.name,
        "databases": places.databases,
        "built": places.built.date().isoformat() if places.built else None,
        "addresses": tuple(_shown(one) for one in places.addresses),
    }
    days = parameters.integer("max_database_age_days")
    age = (observed.at - places.built).days if places.built else None
    if not places.databases:
        return [unknown(MEASURE, "no_database", {"name": places.name}, expected=expected)]
    if age is None or age > days:
        facts: Facts = {"databases": ", ".join(places.databases), "days": days}
        return [unknown(MEASURE, "database_too_old", facts, expected=expected, observed=seen)]
    outside = [
        one
        for one in places.addresses
        if one.country and one.network and not one.moving and one.country not in promised
    ]
    if outside:
        facts = {"region": region, "addresses": ", ".join(_shown(one) for one in outside[:5])}
        return [failed(MEASURE, "outside", facts, expected=expected, observed=seen)]
    unsure = next(_unsure(places), None)
    if unsure is not None:
        return [unknown(MEASURE, unsure.id, unsure.facts, expected=expected, observed=seen)]
    countries = ", ".join(sorted({one.country or "" for one in places.addresses}))
    networks = ", ".join(dict.fromkeys(_network(one) for one in places.addresses))
    facts = {"name": places.name, "countries": countries, "networks": networks}
    return [passed(MEASURE, "inside", facts, expected=expected, observed=seen)]


def _unsure(places: Places) -> Iterator[Message]:
    """Why it is not certain that all addresses are where they were promised to be."""
    silent = [host for host in places.hosts if host not in {one.host for one in places.addresses}]
    if silent or not places.addresses:
        yield Message("no_address", {"hosts": ", ".join(silent) or places.name})
    if private := [one.ip for one in places.addresses if not one.public]:
        yield Message("private_address", {"addresses": ", ".join(private)})
    if moving := [one for one in places.addresses if one.moving]:
        companies = ", ".join(dict.fromkeys(one.moving for one in moving))
        yield Message("no_fixed_place", {"name": places.name, "companies": companies})
    if strange := [one.ip for one in places.addresses if one.country is None]:
        yield Message("country_unknown", {"addresses": ", ".join(strange[:5])})
    if nameless := [one.ip for one in places.addresses if one.network is None]:
        yield Message("network_unknown", {"addresses": ", ".join(nameless[:5])})
    if places.left_out:
        yield Message("too_many", {"name": places.name, "count": places.left_out})


def _shown(address: Address) -> str:
    where = address.country or "?"
    return f"{address.host} {address.ip} ({where}, {_network(address)})"


def _network(address: Address) -> str:
    return address.organisation or (f"AS{address.network}" if address.network else "?")


CHECK = Check(observe=observe, evaluate=evaluate)
