"""Reads a place from the records of MMDB files, by the names that their makers give the fields.

MaxMind (GeoLite2, GeoIP2) and DB-IP have ``country.iso_code``, ``autonomous_system_number`` and
``traits.is_anycast``; IPinfo has ``country_code`` or ``country``, ``asn`` and ``as_name``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_COUNTRY = re.compile(r"[A-Z]{2}\Z")
_NUMBER = re.compile(r"(?:AS)?(\d{1,10})\Z", re.IGNORECASE)
_LONGEST = 120


def place_in(records: Iterable[object]) -> dict[str, object]:
    """Country, network and whether it is anycast, from the first record that says each."""
    country: str | None = None
    network: int | None = None
    organisation: str | None = None
    anycast: bool | None = None
    for record in records:
        country = country or _country(record)
        network = network or _network(record)
        organisation = organisation or _text(
            _at(record, "autonomous_system_organization"),
            _at(record, "traits", "autonomous_system_organization"),
            _at(record, "as_name"),
        )
        if True in (_at(record, "traits", "is_anycast"), _at(record, "is_anycast")):
            anycast = True
    return {
        "country": country,
        "network": network,
        "organisation": organisation,
        "anycast": anycast,
    }


def _country(record: object) -> str | None:
    # "registered_country" is left alone: it is where the network is registered, not where it is.
    for value in (
        _at(record, "country", "iso_code"),
        _at(record, "country_code"),
        _at(record, "country"),
    ):
        if isinstance(value, str) and _COUNTRY.match(value.upper()):
            return value.upper()
    return None


def _network(record: object) -> int | None:
    for value in (
        _at(record, "autonomous_system_number"),
        _at(record, "traits", "autonomous_system_number"),
        _at(record, "asn"),
    ):
        if not isinstance(value, bool) and (match := _NUMBER.match(str(value))):
            return int(match[1])
    return None


def _text(*values: object) -> str | None:
    return next((value[:_LONGEST] for value in values if isinstance(value, str) and value), None)


def _at(record: object, *path: str) -> object:
    for name in path:
        if not isinstance(record, dict):
            return None
        record = record.get(name)
    return record
