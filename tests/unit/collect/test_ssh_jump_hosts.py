"""How jump hosts are written."""

from __future__ import annotations

import pytest

from assessor.collect.transports.ssh_jump import Hop, parse_hop
from assessor.errors import TransportError


@pytest.mark.parametrize(
    ("text", "hop"),
    [
        ("gate", Hop(None, "gate", 22)),
        ("gate:2222", Hop(None, "gate", 2222)),
        ("admin@gate", Hop("admin", "gate", 22)),
        ("admin@gate.example.org:2222", Hop("admin", "gate.example.org", 2222)),
        ("admin@10.0.0.1:22", Hop("admin", "10.0.0.1", 22)),
        ("admin@[fe80::1]:2222", Hop("admin", "fe80::1", 2222)),
        ("[fe80::1]", Hop(None, "fe80::1", 22)),
        ("fe80::1", Hop(None, "fe80::1", 22)),
        ("admin@fe80::1", Hop("admin", "fe80::1", 22)),
    ],
)
def test_a_jump_host_is_read(text: str, hop: Hop) -> None:
    assert parse_hop(text) == hop


@pytest.mark.parametrize("text", ["", "gate:", "gate:x", "gate:0", "gate:70000", "@gate", "a@b@c"])
def test_what_is_no_jump_host_is_refused(text: str) -> None:
    with pytest.raises(TransportError) as raised:
        parse_hop(text)

    assert "user@host:port" in raised.value.mend
