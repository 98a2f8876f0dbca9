"""Small databases of places in MaxMind's format, as a user would download them.

The addresses in them are looked up only, never connected to; where they are is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mmdb_writer import MMDBWriter
from netaddr import IPSet  # type: ignore[import-untyped]

Rows = Mapping[str, Mapping[str, object]]


def country(code: str, *, anycast: bool = False) -> dict[str, object]:
    """A record as MaxMind's country database has it."""
    record: dict[str, object] = {
        "country": {"iso_code": code, "names": {"en": code}},
        "registered_country": {"iso_code": "US"},
    }
    return {**record, "traits": {"is_anycast": True}} if anycast else record


def network(number: int, name: str) -> dict[str, object]:
    """A record as MaxMind's ASN database has it."""
    return {"autonomous_system_number": number, "autonomous_system_organization": name}


def write(path: Path, rows: Rows, kind: str) -> Path:
    """Writes ``rows`` (networks with their records) as a database of ``kind``."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True, database_type=kind, languages=["en"])
    for prefix, record in rows.items():
        writer.insert_network(IPSet([prefix]), dict(record))
    writer.to_db_file(str(path))
    return path
