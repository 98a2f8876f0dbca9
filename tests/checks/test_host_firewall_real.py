"""Real rule sets in the kernel: the verdict follows them, and so does a stranger's connection."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor import bundled
from assessor.api import Captures, Judgement, Outcome, Parameters
from assessor.catalogue.manifest import read_check
from checks.host_firewall import iptables, nft
from checks.host_firewall.check import CHECK
from checks.host_firewall.flow import way_in
from checks.host_firewall.rules import Family, Problem, Traffic
from tests.factories import make_target
from tests.lab import netfilter
from tests.lab.netfilter import V4, V6, Host

INFO = read_check(bundled.folder("checks") / "host_firewall", "bundled")
ANY_PORT = 34_567
"""A port that no rule set here names by itself."""

_LACKING = netfilter.missing("nft", "iptables", "ip6tables", "iptables-legacy")
pytestmark = pytest.mark.skipif(bool(_LACKING), reason=f"not here: {', '.join(_LACKING)}")


@dataclass(frozen=True, slots=True)
class Case:
    """A rule set as a shell script, with what must follow."""

    script: str
    outcome: Outcome
    message: str
    open_ports: str | None = None
    advice: tuple[str, ...] = ()


BOTH_TOOLS = "for t in iptables ip6tables; do {} done\n"
BASIC = """
$t -P INPUT DROP
$t -A INPUT -i lo -j ACCEPT
$t -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
"""


def _iptables(rules: str) -> str:
    return BOTH_TOOLS.format(BASIC + rules + "\n")


# As Docker Engine writes it (docs.docker.com, Packet filtering and firewalls).
PUBLISHED = """
iptables -N DOCKER-USER
iptables -A FORWARD -j DOCKER-USER
iptables -t nat -N DOCKER
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A DOCKER ! -i docker0 -p tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
"""


def _nft(chains: str) -> str:
    return f"nft -f - <<'RULES'\ntable inet filter {{\n{chains}\n}}\nRULES\n"


NFT_HEAD = """type filter hook input priority 0; policy drop;
iif lo accept; ct state established,related accept;"""

CASES = {
    "nothing": Case("true", Outcome.FAIL, "no_firewall"),
    "nft-closed": Case(_nft(f"chain input {{ {NFT_HEAD} }}"), Outcome.PASS, "all_closed"),
    "nft-services": Case(
        _nft(
            "set ports { type inet_service; flags interval; elements = { 22, 8000-8010 } }\n"
            f"chain input {{ {NFT_HEAD} tcp dport @ports accept; }}"
        ),
        Outcome.PASS,
        "default_deny",
        "tcp 22, 8000-8010",
    ),
    "nft-policy-accept": Case(
        _nft("chain input { type filter hook input priority 0; tcp dport 22 accept; }"),
        Outcome.FAIL,
        "open_by_default",
    ),
    "nft-accept-all-tcp": Case(
        _nft(f"chain input {{ {NFT_HEAD} meta l4proto tcp accept; }}"),
        Outcome.FAIL,
        "rule_opens_all",
    ),
    "nft-accept-new": Case(
        _nft(f"chain input {{ {NFT_HEAD} ct state new accept; }}"), Outcome.FAIL, "rule_opens_all"
    ),
    "nft-half-each": Case(
        _nft(
            f"chain input {{ {NFT_HEAD} ip saddr 0.0.0.0/1 accept; "
            "ip saddr 128.0.0.0/1 accept; }"
        ),
        Outcome.FAIL,
        "rule_opens_all",
    ),
    "nft-not-lo": Case(
        _nft('chain input { type filter hook input priority 0; iifname != "lo" drop; }'),
        Outcome.PASS,
        "all_closed",
    ),
    "nft-vmap": Case(
        _nft(
            "chain service { tcp dport vmap { 22 : accept, 3306 : drop }; }\n"
            'chain input { type filter hook input priority 0; iifname vmap { "lo" : accept, '
            '"eth0" : jump service }; ct state vmap { established : accept, related : accept, '
            "new : drop }; drop; }"
        ),
        Outcome.PASS,
        "default_deny",
        "tcp 22",
    ),
    "nft-two-chains": Case(
        _nft(
            "chain first { type filter hook input priority -10; policy accept; accept; }\n"
            f"chain second {{ {NFT_HEAD} }}"
        ),
        Outcome.PASS,
        "all_closed",
    ),
    "nft-prerouting": Case(
        _nft("chain pre { type filter hook prerouting priority -150; iif lo accept; "
             "tcp dport 22 accept; ct state new drop; }"),
        Outcome.PASS,
        "default_deny",
        "tcp 22",
    ),
    "nft-source-port": Case(
        _nft(f"chain input {{ {NFT_HEAD} tcp sport 53 accept; }}"), Outcome.FAIL, "rule_opens_all"
    ),
    "nft-concatenation": Case(
        _nft(
            f"chain input {{ {NFT_HEAD} ip saddr . tcp dport {{ 198.51.100.7 . 22, "
            "203.0.113.0/24 . 443 } accept; }"
        ),
        Outcome.PASS,
        "all_closed",
    ),
    "iptables-closed": Case(_iptables(""), Outcome.PASS, "all_closed"),
    "iptables-services": Case(
        _iptables(
            "$t -A INPUT -p tcp -m multiport --dports 22,443 "
            "-m conntrack --ctstate NEW -j ACCEPT"
        ),
        Outcome.PASS,
        "default_deny",
        "tcp 22, 443",
    ),
    "iptables-accept-interface": Case(
        _iptables("$t -A INPUT -i eth0 -j ACCEPT\n$t -A INPUT -j DROP"),
        Outcome.FAIL,
        "rule_opens_all",
    ),
    "iptables-accept-in-chain": Case(
        _iptables("$t -N allow; $t -A allow -p tcp -j ACCEPT; $t -A INPUT -j allow"),
        Outcome.FAIL,
        "rule_opens_all",
    ),
    "iptables-limit": Case(
        _iptables("$t -A INPUT -m limit --limit 50/sec -j ACCEPT"), Outcome.FAIL, "rule_opens_all"
    ),
    "iptables-reject-last": Case(
        BOTH_TOOLS.format(
            "$t -A INPUT -i lo -j ACCEPT; $t -A INPUT -p tcp --dport 22 -j ACCEPT\n"
            "$t -A INPUT -m state --state ESTABLISHED -j ACCEPT; $t -A INPUT -j REJECT\n"
        ),
        Outcome.PASS,
        "default_deny",
        "tcp 22",
    ),
    "iptables-return": Case(
        BOTH_TOOLS.format(
            "$t -P INPUT DROP; $t -N c; $t -A c -p tcp --dport 22 -j RETURN; $t -A c -j DROP\n"
            "$t -A INPUT -i lo -j ACCEPT; $t -A INPUT -j c; $t -A INPUT -j ACCEPT\n"
        ),
        Outcome.PASS,
        "default_deny",
        "tcp 22",
    ),
    "iptables-only-v4": Case(
        _iptables("").replace("iptables ip6tables", "iptables"),
        Outcome.FAIL,
        "no_rules_for_family",
    ),
    "iptables-office": Case(
        _iptables("[ $t = ip6tables ] || $t -A INPUT -s 198.51.100.0/24 -j ACCEPT"),
        Outcome.PASS,
        "all_closed",
        advice=("trusted_sources",),
    ),
    "legacy-closed": Case(
        _iptables("").replace("iptables ip6tables", "iptables-legacy ip6tables-legacy"),
        Outcome.PASS,
        "all_closed",
    ),
    "legacy-and-nft": Case(
        _iptables("$t -A INPUT -p tcp -j ACCEPT").replace(
            "iptables ip6tables", "iptables-legacy ip6tables-legacy"
        )
        + _nft(f"chain input {{ {NFT_HEAD} tcp dport 22 accept; }}"),
        Outcome.PASS,
        "default_deny",
        "tcp 22",
    ),
    "mangle-drops": Case(
        BOTH_TOOLS.format("$t -t mangle -A PREROUTING ! -i lo -j DROP\n"),
        Outcome.PASS,
        "all_closed",
    ),
    "published": Case(
        _iptables("$t -A INPUT -p tcp --dport 2222 -j ACCEPT") + PUBLISHED,
        Outcome.PASS,
        "default_deny",
        open_ports="tcp 2222, 8080",
        advice=("forwarded_ports",),
    ),
    "published-to-the-office-only": Case(
        _iptables("") + PUBLISHED.replace("-p tcp", "-s 192.0.2.0/24 -p tcp"),
        Outcome.PASS,
        "all_closed",
        open_ports="",
    ),
    "published-but-held-back": Case(
        _iptables("") + PUBLISHED + "iptables -A DOCKER-USER ! -s 192.0.2.0/24 -j DROP\n",
        Outcome.PASS,
        "all_closed",
        open_ports="",
    ),
    "published-by-nft": Case(
        _nft("chain input { " + NFT_HEAD + " }")
        + "nft add table ip nat\n"
        "nft add chain ip nat pre '{ type nat hook prerouting priority -100; }'\n"
        "nft add rule ip nat pre tcp dport 8443 dnat to 10.88.0.2:443\n",
        Outcome.PASS,
        "default_deny",
        open_ports="tcp 8443",
        advice=("forwarded_ports",),
    ),
    "ipv6-off": Case(
        "sysctl -qw net.ipv6.conf.all.disable_ipv6=1\n"
        + _iptables("").replace("iptables ip6tables", "iptables"),
        Outcome.PASS,
        "all_closed",
    ),
}  # fmt: skip


# a Python program that takes half a second to say that it has nothing to do
FRONTEND = frozenset({"firewalld_zones"})


def _judge(on: Host, leave_out: frozenset[str] = FRONTEND) -> Judgement:
    answers = on.captures(INFO, leave_out=leave_out)
    captures = Captures(make_target(), datetime.now(UTC), answers)
    (judgement,) = CHECK.evaluate(CHECK.observe(captures), Parameters({}))
    return judgement


def _agrees(on: Host, observed: Mapping[str, object]) -> None:
    """The stranger reaches a port exactly where the judgement says that the family is open."""
    with on.listening(ANY_PORT):
        reached = on.reached([ANY_PORT])
    assert (f"{V4} {ANY_PORT}" in reached) == (observed["ipv4"] == "open")
    assert (f"{V6} {ANY_PORT}" in reached) == (observed["ipv6"] == "open")


@pytest.mark.parametrize("name", CASES)
def test_verdict_follows_the_rules_and_the_kernel_agrees(name: str) -> None:
    case = CASES[name]
    with netfilter.host() as on:
        on.sh(case.script)

        judgement = _judge(on)

        assert (judgement.outcome, judgement.message.id) == (case.outcome, case.message)
        if case.open_ports is not None:
            assert judgement.observed["open_ports"] == case.open_ports
        assert tuple(message.id for message in judgement.advice) == case.advice
        if name == "nft-source-port":
            return  # this stranger does not choose his source port
        _agrees(on, judgement.observed)


def test_listening_programs_are_told_apart_by_what_the_rules_let_through() -> None:
    with netfilter.host() as on:
        on.sh(_iptables("$t -A INPUT -p tcp --dport 2222 -j ACCEPT"))
        with on.listening(2222, ANY_PORT):
            judgement = _judge(on)
            reached = on.reached([2222, ANY_PORT])

    assert judgement.observed["listening_and_open"] == ("tcp 2222",)
    assert judgement.observed["listening_and_shielded"] == (f"tcp {ANY_PORT}",)
    assert reached == {f"{V4} 2222", f"{V6} 2222"}


def test_what_listens_on_a_published_port_is_not_called_shielded() -> None:
    """Docker's stand-in listens on the port that is passed on before the rules are asked."""
    with netfilter.host() as on:
        on.sh(_iptables("") + PUBLISHED)
        with on.listening(8080, ANY_PORT):
            judgement = _judge(on)

    assert judgement.observed["listening_and_open"] == ("tcp 8080",)
    assert judgement.observed["listening_and_shielded"] == (f"tcp {ANY_PORT}",)


@pytest.mark.skipif(bool(netfilter.missing("ufw")), reason="ufw is not installed")
@pytest.mark.parametrize(
    ("ipv6", "default", "outcome", "message"),
    [
        ("yes", "deny", Outcome.PASS, "default_deny"),
        ("yes", "allow", Outcome.FAIL, "open_by_default"),
        ("no", "deny", Outcome.PASS, "default_deny"),
    ],
)
def test_ufw(tmp_path: Path, ipv6: str, default: str, outcome: Outcome, message: str) -> None:
    with netfilter.host() as on:
        netfilter.ufw_folder(on, tmp_path, {"IPV6": ipv6})
        on.sh(f"ufw default {default} incoming; ufw allow 22/tcp; ufw --force enable")

        judgement = _judge(on)

        assert (judgement.outcome, judgement.message.id) == (outcome, message)
        _agrees(on, judgement.observed)


@pytest.mark.skipif(
    bool(netfilter.missing("firewalld", "firewall-cmd", "dbus-daemon")),
    reason="firewalld or dbus-daemon is not installed",
)
@pytest.mark.parametrize(
    ("command", "outcome", "message"),
    [
        ("--set-default-zone=public", Outcome.PASS, "default_deny"),
        ("--set-default-zone=drop", Outcome.PASS, "all_closed"),
        ("--set-default-zone=trusted", Outcome.FAIL, "rule_opens_all"),
        ("--zone=trusted --change-interface=eth0", Outcome.FAIL, "rule_opens_all"),
        ("--add-port=1025-65535/tcp", Outcome.FAIL, "too_much_open"),
    ],
)
def test_firewalld(tmp_path: Path, command: str, outcome: Outcome, message: str) -> None:
    with netfilter.host() as on, netfilter.firewalld(on, tmp_path):
        on.sh(f"firewall-cmd {command}")

        judgement = _judge(on, leave_out=frozenset())

        assert (judgement.outcome, judgement.message.id) == (outcome, message)
        assert judgement.observed["firewalld"] == "running"
        _agrees(on, judgement.observed)


# -- random rule sets ----------------------------------------------------------------------------

PORTS = (22, 443, 5432, ANY_PORT)
MATCHES = (
    "", "-i lo", "-i eth0", "-i eth+", "! -i lo", "! -i eth0", "-p tcp", "-p udp", "! -p udp",
    "-p tcp --dport 22", "-p tcp --dport 400:6000", "-p tcp -m multiport --dports 22,5432",
    "-p tcp ! --dport 443", "-m conntrack --ctstate ESTABLISHED", "-m conntrack --ctstate NEW",
    "-m state --state INVALID", "-p tcp --syn", "-p tcp ! --syn", "-s 203.0.113.0/24",
    "! -s 203.0.113.0/24", "-s 0.0.0.0/0", "-d 192.0.2.10", "! -d 224.0.0.0/4",
    "-m addrtype --dst-type LOCAL", "-m addrtype --dst-type BROADCAST",
)  # fmt: skip
TARGETS = ("ACCEPT", "ACCEPT", "DROP", "REJECT", "RETURN", "a", "b", "LOG", "-g b")


def _random_rules(chance: random.Random) -> str:
    lines = [
        "*filter",
        f":INPUT {chance.choice(('ACCEPT', 'DROP'))} [0:0]",
        ":a - [0:0]",
        ":b - [0:0]",
        # what follows a first packet is not the question here
        "-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT",
    ]
    for chain, targets, count in (
        ("INPUT", TARGETS, 5),
        ("a", (*TARGETS[:6], "b"), 3),
        ("b", TARGETS[:5], 2),
    ):
        for _ in range(chance.randint(0, count)):
            target = chance.choice([t for t in targets if t != chain])
            verdict = target if target.startswith("-g") else f"-j {target}"
            lines.append(f"-A {chain} {chance.choice(MATCHES)} {verdict}")
    return "\n".join([*lines, "COMMIT", ""])


def test_random_rule_sets_are_followed_as_the_kernel_follows_them() -> None:
    """What gets in was foreseen as possible; what surely gets in does; both tools say the same."""
    seed = secrets.randbits(32)
    chance = random.Random(seed)
    with netfilter.host() as on, on.listening(*PORTS):
        for number in range(20):
            rules = _random_rules(chance)
            loaded = on.run("iptables-restore", text=rules)
            assert loaded.returncode == 0, f"seed {seed}: {loaded.stderr}\n{rules}"
            reached = {int(line.split()[1]) for line in on.reached(PORTS, [V4])}
            shown = (
                iptables.read(on.run("iptables-save").stdout, Family.IPV4),
                nft.read(on.run("nft", "-j", "list", "ruleset").stdout),
            )
            for reading in shown:
                assert reading.problem is Problem.NONE
                way = way_in(reading.tables, Traffic(Family.IPV4, "eth0", "tcp"))
                why = f"seed {seed}, rule set {number}:\n{rules}\nreached {reached}, {way}"
                assert all(port in way.may_enter for port in reached), why
                assert all(port in reached for port in PORTS if port in way.can_enter), why
            sure = way_in(shown[0].tables, Traffic(Family.IPV4, "eth0", "tcp"))
            assert sure.may_enter == sure.can_enter or "192.0.2.10" in rules, (
                f"seed {seed}\n{rules}"
            )
