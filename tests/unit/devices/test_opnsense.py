"""OPNsense's own parts: newer rules and forwards, log-in, log; and published configurations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from assessor.devices.answers import FILE, joined
from assessor.devices.device import Device, Policy, Reach, Topic
from assessor.devices.opnsense.reading import QUESTIONS, VERSION, read
from assessor.devices.pfsense.reading import CONFIGURATION
from assessor.devices.reading import read_device
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs
from tests.devices.cases import REDACTOR, Case, cases, judged
from tests.growth import LINEAR, growth

SAMPLES = Path(__file__).resolve().parents[4] / "shared/samples/opnsense"
GOOD = next(case for case in cases(DeviceOs.OPNSENSE) if case.folder.name == "good")
LEGACY = next(case for case in cases(DeviceOs.OPNSENSE) if case.folder.name == "office-legacy")
ENFORCED = "enable_password_policy_constraints"
LENGTH = "<password_policy_length>14</password_policy_length>"
BASE = """<opnsense>
  <system>
    <hostname>fw</hostname>
    <user><name>root</name><uid>0</uid><password>$2y$[secret:00112233445566aa:20-or-more]</password></user>
    <webgui><protocol>https</protocol>{webgui}</webgui>
    <ssh>{ssh}</ssh>
    {system}
  </system>
  <interfaces>
    <wan><enable>1</enable><if>igb0</if><ipaddr>dhcp</ipaddr><ipaddrv6>dhcp6</ipaddrv6></wan>
    <lan><enable>1</enable><if>igb1</if><ipaddr>192.168.1.1</ipaddr><subnet>24</subnet></lan>
    <opt1><enable>1</enable><if>igb2</if><ipaddr>192.168.2.1</ipaddr><subnet>24</subnet></opt1>
    <wireguard><enable>1</enable><if>wireguard</if><type>group</type><virtual>1</virtual></wireguard>
  </interfaces>
  <nat>{nat}</nat>
  <filter>{legacy}</filter>
  {more}
  <OPNsense>
    <Firewall><Filter><rules>{rules}</rules></Filter></Firewall>
    {parts}
  </OPNsense>
</opnsense>"""


NAMES = ("webgui", "ssh", "system", "nat", "legacy", "more", "rules", "parts")
EMPTY = BASE.format(**dict.fromkeys(NAMES, ""))


def device(**parts: str) -> Device:
    """The device of a small configuration with ``parts`` in it."""
    return read({FILE: BASE.format(**{name: parts.get(name, "") for name in NAMES})})


def newer(sequence: int, interface: str, action: str = "pass", **more: str) -> str:
    """A rule of the newer kind."""
    told = {"source_net": "any", "destination_net": "any", "ipprotocol": "inet", **more}
    inside = "".join(f"<{name}>{said}</{name}>" for name, said in told.items())
    return (
        f"<rule uuid='u{sequence}'><enabled>{more.get('on', '1')}</enabled>"
        f"<sequence>{sequence}</sequence><action>{action}</action>"
        f"<interface>{interface}</interface>{inside}</rule>"
    ).replace("<on>0</on>", "")


def older(interface: str, kind: str = "pass", more: str = "") -> str:
    """A rule of the older kind, from everywhere to everywhere."""
    return (
        f"<rule><type>{kind}</type><interface>{interface}</interface><ipprotocol>inet</ipprotocol>"
        f"<source><any>1</any></source><destination><any>1</any></destination>{more}</rule>"
    )


def holes(found: Device) -> list[tuple[str, str]]:
    """What is open, in short."""
    assert found.firewall is not None
    return [(hole.to, hole.service) for hole in found.firewall.holes]


class TestRules:
    @pytest.mark.parametrize(
        ("parts", "expected"),
        [
            ({"rules": newer(1, "wan")}, [("any", "any")]),
            ({"rules": newer(1, "wan", on="0")}, []),
            ({"rules": newer(1, "wan", direction="out")}, []),
            ({"rules": newer(1, "lan")}, []),
            ({"rules": newer(1, "lan", interfacenot="1")}, [("any", "any")]),
            ({"rules": newer(1, "")}, [("any", "any")]),
            # The sequence counts, not the place in the file.
            ({"rules": newer(9, "wan") + newer(3, "wan", "block")}, []),
            ({"rules": newer(3, "wan") + newer(9, "wan", "block")}, [("any", "any")]),
            # Rules for several interfaces come first.
            ({"rules": newer(3, "wan") + newer(9, "wan,lan", "block")}, []),
            ({"rules": newer(3, "wan") + newer(9, "wan,lan", "block", quick="0")},
             [("any", "any")]),
            # The newer ones come before the older ones of their kind.
            ({"rules": newer(9, "wan", "block"), "legacy": older("wan")}, []),
            ({"rules": newer(9, "wan"), "legacy": older("wan", "block")}, [("any", "any")]),
            ({"rules": newer(9, "wan"),
              "legacy": older("wan", "block", "<floating>yes</floating><quick>1</quick>")}, []),
            ({"legacy": older("wan", more="<disabled>1</disabled>")}, []),
            ({"legacy": older("wan", more="<disabled/>")}, []),
            # An older rule whose quick is there and empty is not quick.
            ({"legacy": older("wan", more="<quick/>") + older("wan", "block")}, []),
            ({"rules": newer(1, "wan", protocol="TCP", destination_port="https",
                             destination_net="wanip")}, [("device", "tcp/https")]),
            ({"rules": newer(1, "wan", ipprotocol="inet6")}, []),
        ],
    )  # fmt: skip
    def test_order(self, parts: Mapping[str, str], expected: list[tuple[str, str]]) -> None:
        found = device(**parts)

        assert holes(found) == expected
        assert not found.unread

    @pytest.mark.parametrize(
        "more",
        [
            {"protocol": "quic"},
            {"quick": "perhaps"},
            {"direction": "up"},
            {"ipprotocol": "inet7"},
            {"source_net": "Niemand"},
            {"destination_port": "poortje"},
            {"received-on": "lan"},
            {"trust": "1"},
            {"enabled": "perhaps"},
        ],
    )
    def test_what_is_not_known_is_told(self, more: Mapping[str, str]) -> None:
        assert device(rules=newer(1, "wan", **more)).unread[Topic.FIREWALL]

    @pytest.mark.parametrize(
        ("system", "settings_", "policy"),
        [
            ("<ipv6allow/>", "", Policy.DENIED),
            ("", "", Policy.OFF),
            # Since 26.1 what stands with the interfaces counts.
            ("<ipv6allow/>", "<ipv6allow>0</ipv6allow>", Policy.OFF),
            ("", "<ipv6allow>1</ipv6allow>", Policy.DENIED),
        ],
    )
    def test_ipv6(self, system: str, settings_: str, policy: Policy) -> None:
        found = device(
            system=system,
            parts=f"<Interfaces><settings>{settings_}</settings></Interfaces>",
        )

        assert found.firewall is not None
        assert found.firewall.forwarded["ipv6"] is policy

    @pytest.mark.parametrize(
        ("flags", "open_"),
        [
            ("<disabled/>", False),
            ("<disabled>1</disabled>", False),
            ("<disabled>0</disabled>", True),
            # With a sequence it is of the newer kind, where an empty flag is off.
            ("<sequence>1</sequence><disabled/>", True),
            ("<sequence>1</sequence><disabled>1</disabled>", False),
            ("<nordr>1</nordr>", False),
            ("<nordr>0</nordr>", True),
        ],
    )
    def test_flags_of_forwards(self, flags: str, open_: bool) -> None:
        found = device(
            nat="<rule><interface>wan</interface><protocol>tcp</protocol><target>192.168.1.8</target>"
            "<local-port>80</local-port><source><network>any</network></source><destination>"
            "<network>wanip</network><port>80</port></destination>"
            f"<associated-rule-id>pass</associated-rule-id>{flags}</rule>"
        )

        assert holes(found) == ([("192.168.1.8", "tcp/80")] if open_ else [])

    def test_pages_that_listen_inside_only(self) -> None:
        rules = newer(1, "wan", protocol="TCP", destination_port="443")

        everywhere = device(rules=rules).services
        inside = device(rules=rules, webgui="<interfaces>lan,opt1</interfaces>").services

        assert everywhere is not None
        assert inside is not None
        assert (everywhere[0].reach, inside[0].reach) == (Reach.ANYWHERE, Reach.INSIDE)


def server(name: str, kind: str) -> str:
    """An authentication server."""
    return f"<authserver><name>{name}</name><type>{kind}</type></authserver>"


class TestLogIn:
    @pytest.mark.parametrize(
        ("parts", "expected"),
        [
            ({}, False),
            ({"webgui": "<authmode>Local Database</authmode>"}, False),
            ({"webgui": "<authmode>T</authmode>", "system": server("T", "totp")}, True),
            ({"webgui": "<authmode>T</authmode>", "system": server("T", "ldap-totp")}, True),
            ({"webgui": "<authmode>T,Local Database</authmode>", "system": server("T", "totp")},
             False),
            ({"webgui": "<authmode>R</authmode>", "system": server("R", "radius")}, None),
            ({"webgui": "<authmode>T,R</authmode>",
              "system": server("T", "totp") + server("R", "radius")}, None),
            # SSH apart from it, with a password alone.
            ({"webgui": "<authmode>T</authmode>",
              "system": server("T", "totp") + "<disableintegratedauth>1</disableintegratedauth>",
              "ssh": "<enabled>enabled</enabled><passwordauth>1</passwordauth>"}, False),
            ({"webgui": "<authmode>T</authmode>",
              "system": server("T", "totp") + "<disableintegratedauth>1</disableintegratedauth>",
              "ssh": "<enabled>enabled</enabled>"}, True),
        ],
    )  # fmt: skip
    def test_second_factor(self, parts: Mapping[str, str], expected: bool | None) -> None:
        found = device(**parts)

        assert found.accounts is not None
        assert found.accounts[0].second_factor is expected
        assert not found.unread

    @pytest.mark.parametrize("kind", ["passkey", ""])
    def test_a_server_that_is_not_known(self, kind: str) -> None:
        found = device(webgui="<authmode>X</authmode>", system=server("X", kind) if kind else "")

        assert found.accounts is not None
        assert found.accounts[0].second_factor is None
        assert found.unread[Topic.ACCOUNTS]

    @pytest.mark.parametrize(
        ("webgui", "length"),
        [
            ("", None),
            (LENGTH, None),
            (f"<{ENFORCED}>1</{ENFORCED}>{LENGTH}", 14),
            (f"<{ENFORCED}>0</{ENFORCED}>{LENGTH}", None),
        ],
    )  # fmt: skip
    def test_length_that_is_demanded(self, webgui: str, length: int | None) -> None:
        assert device(webgui=webgui).min_length == length

    def test_the_device_notes_when_a_password_was_set(self) -> None:
        said = EMPTY.replace(
            "</password>", "</password><pwd_changed_at>1789635600.12</pwd_changed_at>"
        )

        assert read({FILE: said}).secret_changes == {
            "account root": datetime(2026, 9, 17, 9, 0, tzinfo=UTC)
        }
        broken = said.replace("1789635600.12", "gisteren")
        assert read({FILE: broken}).secret_changes == {}


class TestElse:
    @pytest.mark.parametrize(
        ("destination", "remote", "encrypted"),
        [
            ("<transport>udp4</transport>", ("log",), False),
            ("<transport>tls4</transport>", ("log",), True),
            ("<enabled>0</enabled><transport>udp4</transport>", (), None),
            ("<transport>udp4</transport><program>filterlog</program>", (), None),
            ("<transport>udp4</transport><program>filterlog,audit</program>", ("log",), False),
            ("<transport>udp4</transport><level>emerg</level>", (), None),
            ("<transport>udp4</transport><facility>local0,auth</facility>", ("log",), False),
        ],
    )
    def test_log(self, destination: str, remote: tuple[str, ...], encrypted: bool | None) -> None:
        found = device(
            parts="<Syslog><general/><destinations><destination><hostname>log</hostname>"
            f"{destination}</destination></destinations></Syslog>"
        )

        assert found.logging is not None
        assert (found.logging.remote, found.logging.encrypted) == (remote, encrypted)
        assert found.logging.days == 31

    @pytest.mark.parametrize(
        ("said", "version"),
        [
            ("OPNsense 26.7.5 (amd64)\n", "26.7.5"),
            ("OPNsense 24.7.12_4 (amd64/OpenSSL)\n", "24.7.12_4"),
            ("OPNsense Business Edition 26.4.2 (amd64)\n", "26.4.2"),
            ("opnsense-version: not found\n[exit 127]\n", None),
            ("FreeBSD 14.1\n", None),
        ],
    )
    def test_version(self, said: str, version: str | None) -> None:
        found = read({CONFIGURATION: EMPTY, VERSION: said}).firmware

        assert (found.version if found else None) == version

    def test_answers_that_say_nothing(self) -> None:
        denied = dict.fromkeys(QUESTIONS, "Permission denied\n[exit 1]\n")

        with pytest.raises(UnparsedError):
            read(denied)
        told = read({**denied, VERSION: "OPNsense 26.7.5 (amd64)\n"})
        assert told.accounts is None
        assert told.firewall is None

    @pytest.mark.parametrize(
        ("system", "backed_up"),
        [
            ("", False),
            ("<backup><nextcloud><enabled>0</enabled></nextcloud></backup>", False),
            ("<backup><nextcloud><enabled>1</enabled></nextcloud></backup>", True),
            ("<backup><git><enabled>1</enabled></git></backup>", True),
            ("<remotebackup><GDriveEnabled>on</GDriveEnabled></remotebackup>", True),
            ("<remotebackup><GDriveEnabled/></remotebackup>", False),
        ],
    )
    def test_backups_of_the_configuration(self, system: str, backed_up: bool) -> None:
        assert device(system=system).config_backup is backed_up

    @pytest.mark.parametrize(
        ("more", "parts"),
        [
            ("<hyperfilter><rule/></hyperfilter>", ""),
            ("", "<FirewallNext><rules/></FirewallNext>"),
            ("", "<WirelessMesh><ssid>x</ssid></WirelessMesh>"),
            ("", "<VPNHub><enabled>1</enabled></VPNHub>"),
            ("", "<UserPortal><users/></UserPortal>"),
        ],
    )
    def test_sections_that_are_not_known(self, more: str, parts: str) -> None:
        assert device(more=more, parts=parts).unread

    def test_sections_about_something_else(self) -> None:
        assert not device(more="<wol/>", parts="<Diagnose><x>1</x></Diagnose>").unread


SECTIONS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("device_firewall", "firewall"): (
        "OPNsense/Firewall/*",
        "OPNsense/Firewall/Filter/*",
        "OPNsense/Firewall/Filter/rules/rule",
        "OPNsense/Firewall/Filter/rules/rule/*",
        "OPNsense/Firewall/Alias/aliases/alias/*",
        "nat/*",
        "nat/rule/*",
        "nat/rule/source/*",
        "nat/rule/destination/*",
        "interfaces/*/*",
        "filter",
        "nat",
        "OPNsense/Firewall",
    ),
    ("device_accounts", "access-control"): (
        "system/user",
        "system/user/*",
        "system/group/*",
        "system/webgui/*",
        "OPNsense/netsnmp/*",
        "OPNsense/netsnmp/general/*",
        "OPNsense/netsnmp/user/users/user/*",
    ),
    ("device_accounts", "mfa"): ("system/authserver[1]", "system/authserver[1]/*"),
    ("device_remote_access", "remote-access"): (
        "system/webgui",
        "system/ssh",
        "system/webgui/*",
        "system/ssh/*",
        "OPNsense/Swanctl/*",
        "OPNsense/Swanctl/Connections/Connection/*",
        "OPNsense/Swanctl/children/child/*",
        "OPNsense/OpenVPN/Instances/Instance/*",
        "OPNsense/wireguard/*",
        "OPNsense/wireguard/server/servers/server/*",
        "OPNsense/Swanctl",
        "OPNsense/OpenVPN",
        "OPNsense/wireguard",
        "openvpn",
    ),
    ("device_logging", "access-logging"): (
        "OPNsense/Syslog",
        "OPNsense/Syslog/*",
        "OPNsense/Syslog/general/*",
        "OPNsense/Syslog/destinations/destination/*",
        "system/timeservers",
        "ntpd/*",
    ),
    ("device_segmentation", "network-segmentation"): (
        "interfaces/*/*",
        "OPNsense/Firewall/Filter/rules/rule/*",
    ),
}
WORDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("device_firewall", "firewall"): (
        "OPNsense/Firewall/Filter/rules/rule/action",
        "OPNsense/Firewall/Filter/rules/rule/direction",
        "OPNsense/Firewall/Filter/rules/rule/ipprotocol",
        "OPNsense/Firewall/Filter/rules/rule/protocol",
        "OPNsense/Firewall/Filter/rules/rule/interface",
        "OPNsense/Firewall/Filter/rules/rule/source_net",
        "OPNsense/Firewall/Filter/rules/rule/destination_net",
        "OPNsense/Firewall/Filter/rules/rule/destination_port",
        "OPNsense/Firewall/Alias/aliases/alias/name",
        "OPNsense/Firewall/Alias/aliases/alias/type",
        "nat/rule/protocol",
        "nat/rule/ipprotocol",
        "nat/rule/interface",
        "nat/rule/source/network",
        "nat/rule/destination/network",
        "nat/rule/target",
        "interfaces/*/ipaddr",
        "interfaces/*/ipaddrv6",
        "interfaces/*/type",
    ),
    ("device_accounts", "mfa"): ("system/authserver[1]/type", "system/webgui/authmode"),
    ("device_remote_access", "remote-access"): (
        "system/webgui/protocol",
        "OPNsense/Swanctl/Connections/Connection/proposals",
        "OPNsense/Swanctl/Connections/Connection/version",
        "OPNsense/Swanctl/children/child/esp_proposals",
        "OPNsense/OpenVPN/Instances/Instance/role",
        "OPNsense/OpenVPN/Instances/Instance/data-ciphers",
    ),
    ("device_logging", "access-logging"): (
        "OPNsense/Syslog/destinations/destination/transport",
    ),
}  # fmt: skip


def mutated(case: Case, paths: tuple[str, ...], *, words: bool) -> Mapping[str, str]:
    """The case with one name, or one word, changed at a time, by what was changed."""
    question, said = case.redacted().split("\n", 1)
    body, end = said.split("\n==== ", 1)
    root = etree.fromstring(body.split("?>", 1)[-1].encode())
    found: dict[str, str] = {}
    for path in paths:
        for number, each in enumerate(root.findall(path)):
            tag, kept = each.tag, each.text
            if _off(each) or (words and not (kept or "").strip()):
                continue
            if words:
                each.text = f"zz{kept}"
            else:
                each.tag = f"zz{tag}"
            changed = etree.tostring(root, encoding="unicode")
            each.tag, each.text = tag, kept
            found[f"{path} {number} {tag} {kept}"] = f"{question}\n{changed}\n==== {end}"
    return found


def _off(each: etree._Element) -> bool:
    """Whether that is part of a rule that is off, of which nothing is read."""
    return any(
        rule.tag == "rule" and (rule.findtext("enabled") == "0" or rule.findtext("disabled") == "1")
        for rule in each.iterancestors()
    )


@pytest.mark.parametrize("words", [False, True], ids=["names", "words"])
@pytest.mark.parametrize("judgement", SECTIONS, ids="-".join)
def test_nothing_can_change_to_the_unknown_without_the_verdict(
    judgement: tuple[str, str], words: bool
) -> None:
    name, measure = judgement
    paths = (WORDS if words else SECTIONS).get(judgement, ())
    assert judged(GOOD, GOOD.redacted())[name][measure][0] == "pass"

    changed = mutated(GOOD, paths, words=words)

    assert bool(changed) is bool(paths)
    passing = [
        what for what, said in changed.items() if judged(GOOD, said)[name][measure][0] == "pass"
    ]
    assert passing == []


def test_nor_in_the_older_kind() -> None:
    paths = ("filter/rule", "filter/rule/*", "filter/rule/source/*", "filter/rule/destination/*",
             "nat/rule/*", "aliases/alias/*", "interfaces/*/*")  # fmt: skip
    assert judged(LEGACY, LEGACY.redacted())["device_firewall"]["firewall"][0] == "pass"

    passing = [
        what
        for what, said in mutated(LEGACY, paths, words=False).items()
        if judged(LEGACY, said)["device_firewall"]["firewall"][0] == "pass"
    ]

    assert passing == []


class TestWhatever:
    @settings(max_examples=60, deadline=None)
    @given(st.integers(0, 200_000), st.integers(1, 400))
    def test_cuts_never_pass_and_never_break(self, at: int, length: int) -> None:
        redacted = GOOD.redacted()
        start = at % len(redacted)

        for measures in judged(GOOD, redacted[:start] + redacted[start + length :]).values():
            assert all(outcome for outcome, _ in measures.values())
        with pytest.raises(UnparsedError):
            read_device(DeviceOs.OPNSENSE, redacted[:start])

    @settings(max_examples=60, deadline=None)
    @given(st.text(max_size=300))
    def test_garbage_is_refused(self, said: str) -> None:
        with pytest.raises(UnparsedError):
            read({FILE: said})
        with pytest.raises(UnparsedError):
            read({FILE: f"<opnsense>{said}</opnsense>"})

    @settings(max_examples=40, deadline=None)
    @given(st.data())
    def test_parts_that_are_missing_never_break(self, data: st.DataObject) -> None:
        root = etree.fromstring(GOOD.redacted().split("\n", 2)[2].split("\n==== ", 1)[0].encode())
        for _ in range(data.draw(st.integers(1, 12))):
            below = [each for each in root.iter() if each.getparent() is not None]
            gone = data.draw(st.sampled_from(below))
            parent = gone.getparent()
            assert parent is not None
            parent.remove(gone)

        try:
            found = read({FILE: etree.tostring(root, encoding="unicode")})
        except UnparsedError:
            return
        assert all(len(line) <= 120 for lines in found.unread.values() for line in lines)

    def test_a_long_configuration_is_read_in_time(self) -> None:
        def long(count: int) -> Callable[[], object]:
            rules = "".join(
                newer(n, "opt1", source_net=f"10.{n % 250}.0.0/24", protocol="TCP")
                for n in range(count)
            )
            return lambda: device(rules=rules)

        assert growth(long, 500) < LINEAR


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("core-config.xml.sample", {"name": "OPNsense", "version": None, "accounts": ["root"]}),
        ("oxidized-opnsense-nano_23.7.xml",
         {"name": "OPNsense", "version": "23.7", "accounts": ["root", "oxidized"]}),
        ("oxidized-opnsense-nano_24.7.xml",
         {"name": "OPNsense", "version": "24.7", "accounts": ["root", "oxidized"]}),
    ],
)  # fmt: skip
def test_published_configurations(name: str, expected: Mapping[str, object]) -> None:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"{path} is not here")
    text = REDACTOR.redact(joined([(FILE, path.read_text(encoding="utf-8"))])).text

    found = read_device(DeviceOs.OPNSENSE, text)

    assert found.name == expected["name"]
    assert (found.firmware.version if found.firmware else None) == expected["version"]
    assert [each.name for each in found.accounts or ()] == expected["accounts"]
    assert found.firewall is not None
    assert found.firewall.holes == ()
    assert not found.unread
    verdicts = judged(GOOD, text)
    # LABELS.tsv: the hash of the factory password.
    assert verdicts["device_accounts"]["access-control"] == ["fail", "default_password"]
    assert verdicts["device_firewall"]["firewall"] == ["pass", "closed"]
    assert verdicts["device_remote_access"]["remote-access"] == ["pass", "inside_only"]
