"""Zyxel ZLD: grammar, order of policies, reach of services, and that nothing unknown passes."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.devices.answers import FILE
from assessor.devices.device import Device, Policy, Reach, Storage, Topic
from assessor.devices.zyxel.reading import read
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import REDACTOR, Case, cases, judged

HEAD = "! model: USG40\n! firmware version: 4.73(AALA.2)\n"
ZONES = """zone WAN
 interface wan1
 exit
zone LAN1
 interface lan1
 exit
zone GAST
 interface lan2
 exit
interface wan1
 type external
 exit
interface lan1
 type internal
 exit
interface lan2
 type internal
 exit
address-object kantoor 198.51.100.1
address-object land geography NL
object-group address samen
 address-object kantoor
 exit
object-group address kring
 object-group kring
 exit
"""


def device(*lines: str) -> Device:
    return read({FILE: HEAD + ZONES + "\n".join(lines) + "\n"})


def policy(number: int, *lines: str) -> str:
    return "\n".join([f"secure-policy {number}", *(f" {line}" for line in lines), " exit"])


def case(name: str) -> Case:
    return next(each for each in cases(DeviceOs.ZYXEL) if each.folder.name == name)


ON = "secure-policy activate\nsecure-policy default-rule action deny"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((ON,), Reach.INSIDE),
        ((), Reach.UNKNOWN),
        ((ON, policy(1, "from WAN", "to ZyWALL", "service SSH", "action allow")), Reach.ANYWHERE),
        ((ON, policy(1, "from any", "to any", "action allow")), Reach.ANYWHERE),
        ((ON, policy(1, "from WAN", "to ZyWALL", "service HTTPS", "action allow")), Reach.INSIDE),
        ((ON, policy(1, "from LAN1", "to ZyWALL", "action allow")), Reach.INSIDE),
        ((ON, policy(1, "from WAN", "to LAN1", "action allow")), Reach.INSIDE),
        (
            (ON, policy(1, "from WAN", "to ZyWALL", "sourceip samen", "action allow")),
            Reach.NAMED,
        ),
        # A whole country is nobody by name.
        ((ON, policy(1, "from WAN", "to ZyWALL", "sourceip land", "action allow")), Reach.ANYWHERE),
        # The first that fits counts.
        (
            (
                ON,
                policy(1, "from WAN", "to ZyWALL", "action deny"),
                policy(2, "from WAN", "to ZyWALL", "action allow"),
            ),
            Reach.INSIDE,
        ),
        (
            (
                ON,
                policy(1, "from WAN", "to ZyWALL", "sourceip kantoor", "action deny"),
                policy(2, "from WAN", "to ZyWALL", "action allow"),
            ),
            Reach.ANYWHERE,
        ),
        (
            (
                ON,
                policy(1, "no activate", "from WAN", "to ZyWALL", "action deny"),
                policy(2, "from WAN", "to ZyWALL", "action allow"),
            ),
            Reach.ANYWHERE,
        ),
        ((ON, policy(1, "from WAN", "to ZyWALL", "service Niets", "action allow")), Reach.UNKNOWN),
        (("no secure-policy activate",), Reach.UNKNOWN),
        # The table of the service bars what a policy lets in.
        (
            (
                ON,
                policy(1, "from WAN", "to ZyWALL", "action allow"),
                "ip ssh server rule append access-group ALL zone WAN action deny",
            ),
            Reach.INSIDE,
        ),
        (
            (
                ON,
                policy(1, "from WAN", "to ZyWALL", "action allow"),
                "ip ssh server rule append access-group kantoor zone ALL action accept",
                "ip ssh server rule append access-group ALL zone ALL action deny",
            ),
            Reach.NAMED,
        ),
    ],
)
def test_from_where_ssh_is_reached(lines: tuple[str, ...], expected: Reach) -> None:
    found = device("ip ssh server", *lines).services
    assert found is not None
    assert [each.reach for each in found if each.name == "ssh"] == [expected]


@pytest.mark.parametrize(
    ("lines", "four", "six"),
    [
        ((ON,), Policy.DENIED, Policy.OFF),
        ((ON, "ipv6 activate"), Policy.DENIED, Policy.DENIED),
        (("no secure-policy activate",), Policy.ALLOWED, Policy.OFF),
        (("no secure-policy activate", "ipv6 activate"), Policy.ALLOWED, Policy.ALLOWED),
        (
            ("secure-policy activate", "secure-policy default-rule action allow"),
            Policy.ALLOWED,
            Policy.OFF,
        ),
        (("secure-policy default-rule action deny",), Policy.UNKNOWN, Policy.OFF),
    ],
)
def test_what_no_policy_names(lines: tuple[str, ...], four: Policy, six: Policy) -> None:
    firewall = device(*lines).firewall
    assert firewall is not None
    assert dict(firewall.to_device) == {"ipv4": four, "ipv6": six}
    assert dict(firewall.forwarded) == {"ipv4": four, "ipv6": six}


def test_a_rule_without_effect_is_no_hole() -> None:
    wide = policy(2, "from WAN", "to LAN1", "action allow")
    firewall = device(ON, policy(1, "from WAN", "to any", "action deny"), wide).firewall
    assert firewall is not None
    assert firewall.holes == ()
    firewall = device(ON, wide).firewall
    assert firewall is not None
    assert [(hole.to, hole.wide) for hole in firewall.holes] == [("any of LAN1", True)]


def test_rules_of_a_pair_of_zones_are_of_these_alone() -> None:
    # As ZLD 2 and 3 wrote them; the first closes nothing but its own pair.
    firewall = device(
        "firewall activate",
        "firewall LAN1 ZyWALL 1\n action deny\n exit",
        "firewall WAN ZyWALL 1\n action allow\n exit",
        "firewall WAN LAN1 append\n action allow\n exit",
    ).firewall
    assert firewall is not None
    assert [(hole.to, hole.wide) for hole in firewall.holes] == [
        ("device", True),
        ("any of LAN1", True),
    ]


@pytest.mark.parametrize(
    "head", ["secure-policy insert 2", "firewall WAN LAN1 insert 1", "firewall x"]
)
def test_a_rule_whose_first_line_is_not_understood_closes_nothing(head: str) -> None:
    wide = policy(2, "from WAN", "to LAN1", "action allow")
    found = device(ON, f"{head}\n action deny\n exit", wide)
    assert found.firewall is not None
    assert [hole.wide for hole in found.firewall.holes] == [True]
    assert found.unread[Topic.FIREWALL] == (head,)


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("0.0.0.0-255.255.255.255", True),
        ("0.0.0.0/1", True),
        ("0.0.0.0/0", True),
        ("198.51.100.0-198.51.100.255", False),
        ("198.51.100.0/24", False),
    ],
)
def test_a_range_of_nearly_everything_names_nobody(text: str, wide: bool) -> None:
    firewall = device(
        ON,
        f"address-object alle {text}",
        policy(1, "from WAN", "to LAN1", "sourceip alle", "action allow"),
    ).firewall
    assert firewall is not None
    assert [hole.wide for hole in firewall.holes] == [wide]


@pytest.mark.parametrize("way", ["ip address dhcp", "ip gateway 198.51.100.1 metric 0"])
def test_a_general_interface_with_a_way_out_is_an_outer_one(way: str) -> None:
    firewall = device(
        ON,
        "zone GLAS\n interface ge2\n exit",
        f"interface ge2\n type general\n {way}\n exit",
        policy(1, "from GLAS", "to ZyWALL", "action allow"),
    ).firewall
    assert firewall is not None
    assert firewall.outside == ("wan1", "ge2")
    assert [hole.to for hole in firewall.holes] == ["device"]


SSH_FROM_OFFICE = policy(
    1, "from WAN", "to ZyWALL", "sourceip kantoor", "service SSH", "action allow"
)
STOP = policy(2, "from WAN", "to ZyWALL", "action deny")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((ON,), Reach.NAMED),
        ((ON, "secure-policy default-rule action allow log"), Reach.ANYWHERE),
        ((ON, STOP, "secure-policy default-rule action allow log"), Reach.NAMED),
        ((), Reach.UNKNOWN),
    ],
)
def test_what_no_policy_names_reaches_services_as_the_default_says(
    lines: tuple[str, ...], expected: Reach
) -> None:
    services = device("ip ssh server", SSH_FROM_OFFICE, *lines).services
    assert services is not None
    assert [each.reach for each in services] == [expected]


def test_an_interface_in_two_zones_is_told() -> None:
    found = device(ON, "zone LAN9\n interface wan1\n exit", SSH_FROM_OFFICE)
    assert found.unread[Topic.FIREWALL] == ("zone LAN9: interface wan1 is in another zone, too",)


def test_policies_of_ipv6_are_of_ipv6() -> None:
    text = policy(1, "from WAN", "to LAN1", "action allow").replace("policy", "policy6")
    firewall = device(ON, "ipv6 activate", text).firewall
    assert firewall is not None
    assert [hole.family for hole in firewall.holes] == ["ipv6"]


def test_segments_are_apart_where_no_policy_joins_them() -> None:
    joined = device(ON, policy(1, "from GAST", "to any", "action allow")).segments
    assert joined is not None
    assert {each.name: each.isolated for each in joined} == {"lan1": True, "lan2": False}


@pytest.mark.parametrize(
    ("value", "storage"),
    [
        ("$4$abcdefgh$AAAAAAAAAAAAAAAA", Storage.REVERSIBLE),
        ("$6$abcdefgh$AAAAAAAAAAAAAAAA", Storage.HASH),
        ("AAAAAAAAAAAAAAAA", Storage.UNKNOWN),
    ],
)
def test_how_a_password_is_kept(value: str, storage: Storage) -> None:
    line = f"username admin encrypted-password {value} user-type admin\n"
    stored = REDACTOR.redact(HEAD + line).text
    assert "AAAAAAAA" not in stored
    accounts = read({FILE: stored}).accounts
    assert accounts is not None
    assert accounts[0].secret is not None
    assert accounts[0].secret.storage is storage
    assert accounts[0].secret.mark


@pytest.mark.parametrize(
    "line",
    [
        "username b password Een-Geheim-Woord user-type user",
        " keystring Een-Geheim-Woord",
        " presharekey Een-Geheim-Woord",
        " wpa-psk Een-Geheim-Woord",
        " wpa3-psk Een-Geheim-Woord",
        " wpa-psk-key Een-Geheim-Woord",
        " server password Een-Geheim-Woord",
        "ldap-server password Een-Geheim-Woord",
        " server key Een-Geheim-Woord",
        "device-ha ap-mode authentication string Een-Geheim-Woord",
        "daily-report smtp-auth username u password Een-Geheim-Woord",
        " pin Een-Geheim-Woord",
        " server-secret Een-Geheim-Woord",
        " secret Een-Geheim-Woord",
        " password Een-Geheim-Woord",
        " encrypted-password $4$abcd$Een-Geheim-Woord",
        " username u password Een-Geheim-Woord",
        "snmp-server community Een-Geheim-Woord rw",
        "snmp-server v3user username u authentication sha password Een-Geheim-Woord privacy aes",
        "radius-server key Een-Geheim-Woord",
    ],
)
def test_secrets_are_marked(line: str) -> None:
    stored = REDACTOR.redact(f"{HEAD}x\n{line}\n").text
    assert "Een-Geheim-Woord" not in stored
    assert REDACTOR.redact(stored).text == stored


@pytest.mark.parametrize(
    "text",
    [
        'vlan 1\n  name 1\n  normal ""\n  fixed 1-28\nexit\n',
        "; Product Name = GS1920-24\n; Firmware Version = V4.50(AAOB.3)\nvlan 1\n",
        "config system global\n    set hostname x\nend\n",
        "hostname x\ninterface GigabitEthernet0/1\n shutdown\n",
        f"{HEAD}interface lan1\ndescription x\nexit\n",
        f'{HEAD}username admin description "cut of',
    ],
)
def test_what_is_not_read(text: str) -> None:
    with pytest.raises(UnparsedError):
        read({FILE: text})


# What the verdicts of the good case rest on: how its lines begin, and the measure.
RESTS = {
    "firewall": ("device_firewall", ("secure-policy", "zone", "service-object", "interface")),
    "remote-access": ("device_remote_access", ("ip http", "no ip", "ip ssh", "isakmp", "crypto")),
    "access-logging": ("device_logging", ("logging", "ntp")),
    "access-control": ("device_accounts", ("username", "users", "no snmp", "snmp")),
    "network-segmentation": ("device_segmentation", ("secure-policy", "zone", "interface")),
}


@pytest.mark.parametrize("measure", RESTS)
def test_an_unknown_word_never_passes(measure: str) -> None:
    good = case("good")
    check, heads = RESTS[measure]
    lines = good.redacted().split("\n")
    assert judged(good, "\n".join(lines))[check][measure][0] == "pass"
    changed, section = 0, False
    for number, line in enumerate(lines):
        if line and line[0] not in " !":
            section = line.startswith(heads)
        if not section or line.strip() in {"", "exit", "!"} or line.startswith("==== "):
            continue
        indent = line[: len(line) - len(line.lstrip())]
        words = line.split()
        at = 1 if words[0] == "no" else 0
        words[at] = f"qq{words[at]}"
        other = [*lines[:number], indent + " ".join(words), *lines[number + 1 :]]
        outcome = judged(good, "\n".join(other))[check][measure]
        assert outcome[0] != "pass", (line, outcome)
        changed += 1
    assert changed > 3


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_damage_raises_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    lines = case("factory").redacted().split("\n")[1:-2]
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(lines))
        words = lines[at].split(" ")
        kind = chance.randrange(4)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        elif kind == 2:
            words.insert(
                chance.randrange(len(words) + 1), chance.choice(['"', "²", "no", "\x1b[2J"])
            )
            lines[at] = " ".join(words)
        else:
            lines.insert(at, chance.choice(lines))
    try:
        found = read({FILE: "\n".join(lines)})
    except UnparsedError:
        return
    for topic, shown in found.unread.items():
        assert topic in set(Topic)
        assert len(shown) <= 5
        assert all(len(line) <= 120 and line.isprintable() for line in shown)


def test_fifty_thousand_lines_in_time() -> None:
    rules = "".join(
        policy(n, "from WAN", "to LAN1", "service HTTPS", "action allow") + "\n"
        for n in range(7000)
    )
    others = "".join(f"address-object a{n} 10.0.0.{n % 250}\n" for n in range(8000))
    text = HEAD + ZONES + ON + "\n" + rules + others + "onbekend firewall x\n" * 500
    assert text.count("\n") > 50_000
    begun = time.process_time()
    read({FILE: text})
    assert time.process_time() - begun < 2


SAMPLES = Path(__file__).resolve().parents[4] / "shared/samples/zyxel"


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="published samples are not on this machine")
def test_other_systems_of_zyxel_are_not_taken_for_this_one() -> None:
    samples = sorted(SAMPLES.iterdir())
    assert samples
    for sample in samples:
        with pytest.raises(UnparsedError):
            read({FILE: sample.read_text(encoding="utf-8")})
