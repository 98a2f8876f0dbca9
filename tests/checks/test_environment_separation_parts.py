"""The reader and the comparison of the check on separate environments."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from assessor.api import Captured
from checks.environment_separation.host import Host, read_host
from checks.environment_separation.together import Common, Machine, Sharing, compare

ED25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIFCyDaZqc4nZ7lTPhsNeiB8pazxCAO4JSBUFFglGyl/k"
OTHER = "AAAAC3NzaC1lZDI1NTE5AAAAIKtDfNJDjkkL/QYJdmPWlYT5eA9wmWVhgVGd7DZvpIHy"
ECDSA = "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBNgup33oJkPRhFUgBlA2mAzD"
LAN = ("route eth0 00000000 0100000A 00000000", "route eth0 0000000A 00000000 00FFFFFF")


def captured(stdout: str, stderr: str = "", status: int = 0) -> Captured:
    return Captured("root_keys", stdout, stderr, status, datetime(2026, 11, 28, tzinfo=UTC))


def script(*lines: str, account: str = "65534 nobody") -> str:
    body = [f"account {account}", *lines, "complete"]
    return "\n".join([*body, f"end {len(body)}"]) + "\n"


def host(
    *lines: str, own_key: str = OTHER, account: str = "65534 nobody", root: Captured | None = None
) -> Host:
    read = read_host(script(f"host_key host {own_key}", *lines, account=account), root)
    assert read is not None
    return read


def shared(one: Host, two: Host, *others: Host) -> list[Common]:
    """What ``one`` has in common with ``two``, beside the host key that ``host`` gives to all."""
    machines = {"one": one, "two": two, **{f"other{n}": it for n, it in enumerate(others)}}
    found = compare({name: Machine(frozenset(), it) for name, it in machines.items()})
    (partner,) = (partner for partner in found["one"].partners if partner.name == "two")
    return [common for common in partner.common if common.sharing is not Sharing.HOST_KEY]


@pytest.mark.parametrize(
    "line",
    [
        "route eth0 zz 00000000 00FFFFFF",
        "route eth0",
        "route eth0 0000000A 00000000 00FF00FF",
        "address 10.0.0.300",
        "address6 xyz eth0",
        "database 0500000 1538",
        "database 0500000A port",
    ],
)
def test_a_damaged_line_is_not_understood(line: str) -> None:
    assert read_host(script(line), None) is None


@pytest.mark.parametrize("output", ["", "account 0 root\n", script()[:-4], "complete\nend 1\n"])
def test_an_answer_that_is_not_whole(output: str) -> None:
    assert read_host(output, None) is None


def test_addresses_of_the_kernel() -> None:
    seen = host(
        *LAN,
        "address 127.0.0.1",
        "address 10.0.0.7",
        "address6 fe800000000000000000000000000001 eth0",
        "address6 20010db8000000000000000000000007 eth0",
        "database 0500000A 1538",
        "database 0000000000000000FFFF00000600000A 0CEA",
        "database B80D0120000000000000000005000000 18EB",
        "database 0100007F 1538",
        "database 0500000A 01BB",
    )
    assert {str(address) for address in seen.addresses} == {"10.0.0.7", "2001:db8::7"}
    assert seen.databases == {
        (ip_address("10.0.0.5"), 5432),
        (ip_address("10.0.0.6"), 3306),
        (ip_address("2001:db8::5"), 6379),
    }


def test_networks_within_a_machine_are_not_shared() -> None:
    docker = "route docker0 000011AC 00000000 0000FFFF"
    one = host(*LAN, docker, "address 172.17.0.1", "database 020011AC 1538")
    assert one.addresses == one.databases == frozenset()


@pytest.mark.parametrize(
    ("mac", "mask", "known"),
    [
        ("52:54:00:12:34:56", "00FFFFFF", True),
        ("00:00:5e:00:01:0a", "00FFFFFF", False),
        ("52:54:00:12:34:56", "FFFFFFFF", False),
    ],
)
def test_a_network_is_known_by_its_gateway(mac: str, mask: str, *, known: bool) -> None:
    network = "0000000A" if mask == "00FFFFFF" else "0100000A"
    lines = (LAN[0], f"route eth0 {network} 00000000 {mask}", f"neighbour 10.0.0.1 {mac}")
    assert bool(host(*lines).networks) is known
    found = [common.sharing for common in shared(host(*lines), host(*lines))]
    assert found == ([Sharing.NETWORK] if known else [])


def test_a_private_database_is_certain_where_the_server_saw_both() -> None:
    one = host(*LAN, "address 10.0.0.7", "database 0501000A 1538")
    two = host(*LAN, "address 10.0.0.8", "database 0501000A 1538")
    seen = ("address 10.0.1.5", "client 0700000A 1538")
    half, whole = host(*seen), host(*seen, "client 0800000A 1538")
    assert shared(one, two) == [Common(Sharing.DATABASE_PERHAPS, "10.0.1.5:5432")]
    assert shared(one, two, half) == [Common(Sharing.DATABASE_PERHAPS, "10.0.1.5:5432")]
    assert shared(one, two, whole) == [Common(Sharing.DATABASE, "10.0.1.5:5432")]
    assert shared(one, whole) == [Common(Sharing.DATABASE, "10.0.1.5:5432")]
    assert shared(one, host("address 10.0.1.5")) == [
        Common(Sharing.DATABASE_PERHAPS, "10.0.1.5:5432")
    ]


def test_keys_to_accounts() -> None:
    one = host(f"authorised deploy {ED25519}")
    assert shared(one, host(f"authorised www {ED25519}")) == [Common(Sharing.KEY, "deploy")]
    assert shared(one, host(f"authorised www {OTHER}")) == []
    assert shared(one, host(f"identity ci {ED25519}")) == [
        Common(Sharing.ENTERS, "ci@two → deploy@one")
    ]
    copy = host(f"identity ci {ED25519}")
    assert shared(copy, copy) == [Common(Sharing.KEY, "ci")]


def test_our_own_account_is_left_out() -> None:
    ours = host(f"authorised assess {ED25519}", account="1001 assess")
    assert shared(ours, ours) == []
    as_root = host(f"authorised root {ED25519}", account="0 root", root=captured(f"1:{ED25519}\n"))
    assert shared(as_root, as_root) == []


def test_root_keys_are_known_by_their_beginnings() -> None:
    listed = host(root=captured(f"1:#\n1:{OTHER[:52]}\n2:{ED25519[:52]}\n"))
    assert (listed.root_seen, list(listed.authorised)) == (True, [ED25519[:52]])
    assert shared(listed, listed) == [Common(Sharing.KEY, "root")]
    assert shared(listed, host(f"authorised deploy {ED25519}")) == [Common(Sharing.KEY, "root")]
    assert shared(listed, host(f"identity ci {ED25519}")) == [
        Common(Sharing.ENTERS, "ci@two → root@one")
    ]


def test_ecdsa_keys_are_known_whole_only() -> None:
    listed = host(root=captured(f"1:{ECDSA[:52]}\n"))
    assert shared(listed, listed) == []
    assert shared(listed, host(f"authorised deploy {ECDSA}")) == []
    whole = host(f"authorised deploy {ECDSA}")
    assert shared(whole, whole) == [Common(Sharing.KEY, "deploy")]


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (None, False),
        (captured("", "No such file or directory", 2), True),
        (captured("", "Permission denied", 2), False),
        (captured("", "", 127), False),
        (captured("", "", 1), True),
    ],
)
def test_whether_roots_keys_were_seen(answer: Captured | None, *, seen: bool) -> None:
    assert host(root=answer).root_seen is seen
