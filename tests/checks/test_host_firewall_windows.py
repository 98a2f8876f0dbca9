"""The firewall of Windows: rules of the registry, profiles, and what may take its place."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import Any

import pytest

from assessor import bundled
from assessor.api import Captured, Captures, Judgement, NotCaptured, Outcome, Parameters, Platform
from assessor.api import Reason as Why
from assessor.catalogue.manifest import read_check
from assessor.catalogue.samples import Sample, read_samples
from checks.host_firewall.check import CHECK
from checks.host_firewall.windows_rules import TCP, UDP, Doubt, blocked_by, read_rule

INFO = read_check(bundled.folder("checks") / "host_firewall", "bundled")
SAMPLES: dict[str, Sample] = {
    sample.name: sample
    for sample in read_samples(INFO)
    if sample.captures.target.platform is Platform.WINDOWS
}
PASSING = [
    name for name, sample in SAMPLES.items() if sample.expect["firewall"].outcome is Outcome.PASS
]
FIREWALL = r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\WindowsFirewall"
GOOD = SAMPLES["windows11_good"]


def judge(captures: Captures) -> Judgement:
    (judgement,) = CHECK.evaluate(CHECK.observe(captures), Parameters({}))
    return judgement


def without(captures: Captures, *probes: str) -> Captures:
    """``captures`` in which ``probes`` were refused."""
    missing = {name: NotCaptured(name, Why.NO_PRIVILEGE, "", captures.at) for name in probes}
    return dataclasses.replace(captures, by_probe={**captures.by_probe, **missing})


def changed(captures: Captures, probe: str, change: Callable[[Any], None]) -> Captures:
    """``captures`` with another answer to ``probe``."""
    capture = captures.by_probe[probe]
    assert isinstance(capture, Captured)
    answer = json.loads(capture.stdout)
    change(answer)
    other = dataclasses.replace(capture, stdout=json.dumps(answer))
    return dataclasses.replace(captures, by_probe={**captures.by_probe, probe: other})


def with_rules(*rules: str, store: str = FIREWALL, captures: Captures = GOOD.captures) -> Captures:
    """``captures`` with more rules, called r0, r1 and so on."""

    def add(answer: Any) -> None:
        (part,) = (p for p in answer["registry"] if p["asked"] == rf"{store}\FirewallRules|*")
        if not part["keys"]:
            part["keys"] = [{"key": rf"{store}\FirewallRules", "values": []}]
        part["keys"][0]["values"] += [
            {"name": f"r{place}", "kind": 1, "data": rule} for place, rule in enumerate(rules)
        ]

    return changed(captures, "rules", add)


def set_profiles(name: str, value: object, *profiles: str) -> Callable[[Any], None]:
    def change(answer: Any) -> None:
        for profile in answer["profiles"]:
            if not profiles or profile["name"] in profiles:
                profile[name] = value

    return change


def stored(path: str, name: str, value: int) -> Callable[[Any], None]:
    """Sets a value of the registry's policies."""

    def change(answer: Any) -> None:
        (part,) = (p for p in answer["registry"] if p["asked"].split("|")[0] == path)
        names = part["asked"].split("|")[1:]
        part["keys"] = part["keys"] or [
            {"key": path, "values": [{"name": each, "kind": 0, "data": None} for each in names]}
        ]
        for each in part["keys"][0]["values"]:
            if each["name"] == name:
                each.update(kind=4, data=value)

    return change


ALLOW = "v2.31|Action=Allow|Active=TRUE|Dir=In|"


@pytest.mark.parametrize(
    "text",
    [
        "v2.31|Action=Allow|Active=FALSE|Dir=In|",
        "v2.31|Action=Allow|Dir=In|",
        "v2.31|Action=Allow|Active=TRUE|Dir=Out|",
        "v2.31|Action=ByPass|Active=TRUE|Dir=In|Security=Authenticate|",
    ],
)
def test_rules_that_let_no_stranger_in(text: str) -> None:
    assert read_rule("r", text) is None


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("", Doubt.NONE),
        ("RA4=0.0.0.0-255.255.255.255|", Doubt.NONE),
        ("RA4=0.0.0.0/1|RA4=128.0.0.0/1|", Doubt.NONE),
        ("RA4=2.0.0.0/7|", Doubt.NONE),
        ("RA4=10.0.0.0/255.0.0.0|", Doubt.NARROW),
        ("RA4=LocalSubnet|RA6=LocalSubnet|", Doubt.NARROW),
        ("RA4=LocalSubnet|RA4=0.0.0.0/0|", Doubt.NONE),
        ("RA6=2000::/3|", Doubt.NONE),
        ("RA42=IntErnet|RA62=IntErnet|", Doubt.NONE),
        ("RA42=IntrAnet|", Doubt.NARROW),
        ("RA4=Buurman|", Doubt.SOME),
        ("RPort=53|", Doubt.NONE),
        ("LA4=192.0.2.1|", Doubt.SOME),
        ("LA4=0.0.0.0/0|", Doubt.NONE),
        ("IFType=Lan|IFType=Wireless|", Doubt.NONE),
        ("IFType=RemoteAccess|", Doubt.NARROW),
        ("IFType=RemoteAccess|IFType=Lan|", Doubt.NONE),
        ("IFType=Straalverbinding|", Doubt.SOME),
        ("IF={2E1E83F0-3CA0-4C19-B8B1-CB461E71F500}|", Doubt.SOME),
        ("Security=AuthenticateEncrypt|", Doubt.NARROW),
        ("Security2=AnE-Nego|RUAuth=O:LSD:|", Doubt.NARROW),
        ("TTK2_22=WFDDevices|", Doubt.NARROW),
        ("NNm=Kantoor|", Doubt.SOME),
        ("Nieuw=1|", Doubt.SOME),
        ("Profile=Thuis|", Doubt.SOME),
        ("Protocol=TCP|", Doubt.SOME),
        ("Protocol=6|LPort=80,443|", Doubt.SOME),
        ("zonder gelijkteken|", Doubt.SOME),
        ("Platform=2:6:2|Platform2=GTEQ|Edge=TRUE|Defer=User|", Doubt.NONE),
    ],
)
def test_whether_strangers_are_meant(text: str, doubt: Doubt) -> None:
    rule = read_rule("r", ALLOW + text)
    assert rule is not None
    assert rule.doubt is doubt


def test_a_rule_without_a_version_is_in_doubt() -> None:
    rule = read_rule("r", "BlockCortana|Action=Allow|Active=TRUE|Dir=In|")
    assert rule is not None
    assert rule.doubt is Doubt.SOME


@pytest.mark.parametrize(
    ("text", "tcp", "udp"),
    [
        ("", "0-65535", "0-65535"),
        ("Protocol=6|", "0-65535", ""),
        ("Protocol=17|LPort=53|LPort2_10=5000-5010|", "", "53, 5000-5010"),
        ("Protocol=6|LPort=RPC|", "", ""),
        ("Protocol=6|LPort=RPC-EPMap|LPort2_10=IPHTTPSIn|", "135, 443", ""),
        ("Protocol=1|ICMP4=8:*|", "", ""),
    ],
)
def test_ports_of_a_rule(text: str, tcp: str, udp: str) -> None:
    rule = read_rule("r", ALLOW + text)
    assert rule is not None
    assert (str(rule.opens(TCP)), str(rule.opens(UDP))) == (tcp, udp)


def test_a_rule_counts_in_the_profiles_that_it_names_or_in_all() -> None:
    some = read_rule("r", ALLOW + "Profile=Public|Profile=Domain|")
    everywhere = read_rule("r", ALLOW)
    assert some is not None
    assert everywhere is not None
    assert some.profiles == {"Public", "Domain"}
    assert everywhere.profiles == {"Public", "Private", "Domain"}


@pytest.mark.parametrize(
    ("text", "blocked"),
    [
        ("Protocol=6|LPort=3389|", "3389"),
        ("Protocol=6|LPort=3389|RA4=0.0.0.0/0|", ""),
        ("Protocol=6|LPort=3389|App=a.exe|", ""),
        ("Protocol=6|LPort=3389|Svc=*|", ""),
        ("Protocol=6|LPort=3389|Platform=2:6:2|", ""),
        ("Protocol=6|LPort=3389|RPort=1|", ""),
    ],
)
def test_only_a_block_without_any_condition_surely_holds_back(text: str, blocked: str) -> None:
    rule = read_rule("r", "v2.31|Action=Block|Active=TRUE|Dir=In|" + text)
    assert rule is not None
    assert str(blocked_by([rule], TCP)) == blocked


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ((ALLOW,), "windows_rule_opens_all"),
        ((ALLOW + "Profile=Public|Svc=*|",), "windows_rule_opens_all"),
        ((ALLOW + "Profile=Domain|",), "windows_closed_none"),
        ((ALLOW + "App=C:\\spel.exe|",), "windows_closed_none"),
        ((ALLOW + "AppPkgId=S-1-15-2-1|",), "windows_closed_none"),
        ((ALLOW + "RA4=LocalSubnet|",), "windows_closed_none"),
        ((ALLOW + "Protocol=6|",), "windows_most_open"),
        ((ALLOW + "Protocol=6|LPort2_10=0-32767|",), "windows_closed"),
        ((ALLOW + "Protocol=6|LPort2_10=0-32768|",), "windows_most_open"),
        (
            (
                ALLOW + "Protocol=17|LPort2_10=0-20000|",
                ALLOW + "Protocol=17|LPort2_10=20001-40000|",
            ),
            "windows_most_open",
        ),
        ((ALLOW, "v2.31|Action=Block|Active=TRUE|Dir=In|"), "windows_closed_none"),
        (
            (ALLOW, "v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=445|"),
            "windows_most_open",
        ),
        ((ALLOW, "v2.31|Action=Block|Active=TRUE|Dir=In|RA4=0.0.0.0/0|"), "windows_rule_opens_all"),
        ((ALLOW + "NNm=Kantoor|",), "windows_unclear_rules"),
        ((ALLOW + "NNm=Kantoor|Protocol=6|LPort=80|",), "windows_closed_none"),
    ],
)
def test_judgement_by_rules(rules: tuple[str, ...], message: str) -> None:
    assert judge(with_rules(*rules)).message.id == message


def test_a_rule_of_a_policy_or_of_mdm_counts_like_a_local_one() -> None:
    for store in (POLICY, rf"{FIREWALL}\Mdm"):
        assert judge(with_rules(ALLOW, store=store)).message.id == "windows_rule_opens_all"


def test_local_rules_are_left_out_only_where_a_policy_and_the_firewall_say_so() -> None:
    captures = with_rules(ALLOW)
    for name in ("Domain", "Private", "Public"):
        said = changed(captures, "state", set_profiles("allow_local", 0))
        assert judge(said).outcome is Outcome.FAIL
        path = rf"{POLICY}\{name}Profile"
        captures = changed(captures, "policies", stored(path, "AllowLocalPolicyMerge", 0))
    assert judge(captures).outcome is Outcome.FAIL
    captures = changed(captures, "state", set_profiles("allow_local", 0))
    assert judge(captures).message.id == "windows_closed_none"
    assert judge(without(captures, "policies")).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("inbound", 0, "windows_closed_none"),
        ("inbound", 2, "windows_open"),
        ("inbound", 1, "unparsed"),
        ("inbound", None, "unparsed"),
        ("enabled", 0, "windows_off"),
        ("enabled", 2, "unparsed"),
        ("enabled", None, "unparsed"),
        ("allow_inbound", 0, "windows_shut"),
        ("allow_inbound", 2, "windows_closed_none"),
        ("allow_inbound", 7, "unparsed"),
        ("left_out", ["Ethernet"], "windows_left_out"),
    ],
)
def test_judgement_by_profiles(name: str, value: object, message: str) -> None:
    judgement = judge(changed(GOOD.captures, "state", set_profiles(name, value)))
    assert judgement.message.id == message


def test_shut_beats_an_open_default_and_open_rules() -> None:
    captures = changed(with_rules(ALLOW), "state", set_profiles("inbound", 2))
    captures = changed(captures, "state", set_profiles("allow_inbound", 0))
    assert judge(captures).message.id == "windows_shut"


@pytest.mark.parametrize(
    ("domain", "network", "message"),
    [
        (False, 1, "windows_closed_none"),
        (False, 2, "windows_off"),
        (True, 1, "windows_off"),
    ],
)
def test_the_profile_of_a_domain_counts_where_there_can_be_one(
    domain: bool, network: int, message: str
) -> None:
    captures = changed(GOOD.captures, "state", set_profiles("enabled", 0, "Domain"))
    captures = changed(captures, "computer", lambda a: a["rows"][0].update(PartOfDomain=domain))
    captures = changed(captures, "networks", lambda a: a["rows"][0].update(NetworkCategory=network))
    judgement = judge(captures)
    assert judgement.message.id == message
    advised = {each.id for each in judgement.advice}
    assert ("windows_domain_open" in advised) is (message == "windows_closed_none")
    for probe in ("computer", "networks"):
        assert judge(without(captures, probe)).message.id == "windows_off"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (rf"{POLICY}\PrivateProfile", 0, "windows_disputed"),
        (rf"{POLICY}\StandardProfile", 0, "windows_disputed"),
        (rf"{FIREWALL}\Mdm\PublicProfile", 0, "windows_disputed"),
        (rf"{FIREWALL}\PublicProfile", 0, "windows_disputed"),
        (rf"{POLICY}\DomainProfile", 0, "windows_closed_none"),
        (rf"{POLICY}\PrivateProfile", 1, "windows_closed_none"),
    ],
)
def test_the_registry_contradicts(path: str, value: int, message: str) -> None:
    captures = changed(GOOD.captures, "policies", stored(path, "EnableFirewall", value))
    assert judge(captures).message.id == message


def test_a_policy_beats_the_local_setting_in_the_registry() -> None:
    local = stored(rf"{FIREWALL}\PublicProfile", "EnableFirewall", 0)
    policy = stored(rf"{POLICY}\PublicProfile", "EnableFirewall", 1)
    captures = changed(changed(GOOD.captures, "policies", local), "policies", policy)
    assert judge(captures).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"service": None, "filtering_engine": None}, "windows_closed_none"),
        ({"service": 1}, "windows_stopped"),
        ({"filtering_engine": 1}, "windows_stopped"),
        ({"service": 2}, "windows_between"),
        ({"service": 9}, "unparsed"),
        ({"reached": False, "profiles": [], "service": None}, "windows_stopped"),
        ({"reached": False}, "unparsed"),
        ({"profiles": []}, "unparsed"),
        ({"products": [{"name": "X", "categories": [0, 1, 3]}]}, "windows_closed_none"),
        ({"products": [{"name": "X", "categories": [2]}]}, "windows_other"),
        ({"products": [{"name": "X", "categories": [4]}]}, "unparsed"),
        ({"end": False}, "unparsed"),
    ],
)
def test_services_and_products(changes: dict[str, object], message: str) -> None:
    judgement = judge(changed(GOOD.captures, "state", lambda answer: answer.update(changes)))
    assert judgement.message.id == message


@pytest.mark.parametrize(
    ("state", "off", "on"),
    [
        (0x060000, "windows_off", "windows_closed_none"),
        (0x060010, "windows_off", "windows_closed_none"),
        (0x061000, "windows_other", "windows_closed_none"),
        (0x062000, "windows_other", "windows_closed_none"),
    ],
)
def test_a_product_in_the_security_center(state: int, off: str, on: str) -> None:
    row = {"displayName": "Brandmuur", "instanceGuid": "{0}", "productState": state}
    captures = changed(GOOD.captures, "other_firewalls", lambda a: a["rows"].append(row))
    assert judge(captures).message.id == on
    assert judge(changed(captures, "state", set_profiles("enabled", 0))).message.id == off
    unseen = changed(captures, "state", lambda answer: answer.update(products=None))
    assert judge(unseen).message.id == ("windows_other" if off == "windows_other" else on)


def test_off_is_no_failure_while_other_products_were_not_seen() -> None:
    captures = changed(GOOD.captures, "state", set_profiles("enabled", 0))
    assert judge(without(captures, "other_firewalls")).message.id == "not_observed"


RDP = ALLOW + "Protocol=6|LPort=3389|App=%SystemRoot%\\system32\\svchost.exe|Svc=termservice|"


@pytest.mark.parametrize(
    ("rules", "listening", "services"),
    [
        ((RDP,), [3389], ("RDP (3389)",)),
        ((RDP,), [443], ()),
        ((RDP,), None, ("RDP (3389)",)),
        ((RDP + "RA4=LocalSubnet|",), [3389], ()),
        ((RDP + "Profile=Private|",), [3389], ()),
        ((RDP, "v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=6|LPort=3389|"), [3389], ()),
        ((ALLOW + "Protocol=6|App=C:\\SQL\\Binn\\sqlservr.exe|",), [1433], ("SQL Server (1433)",)),
        ((ALLOW + "Protocol=6|App=C:\\spel.exe|",), [1433, 445, 3389], ()),
        (
            (ALLOW + "Protocol=6|App=System|",),
            [445, 5985],
            ("SMB (445)", "WinRM (5985)"),
        ),
    ],
)
def test_services_that_anybody_in_a_public_network_reaches(
    rules: tuple[str, ...], listening: list[int] | None, services: tuple[str, ...]
) -> None:
    captures = with_rules(*rules)
    if listening is None:
        captures = without(captures, "listening")
    else:
        rows = [{"LocalAddress": "::", "LocalPort": port} for port in listening]
        captures = changed(captures, "listening", lambda answer: answer.update(rows=rows))
    judgement = judge(captures)
    assert judgement.outcome is Outcome.PASS
    exposed = [each.facts["services"] for each in judgement.advice if each.id == "windows_exposed"]
    assert exposed == ([services] if services else [])


@pytest.mark.parametrize(
    ("logged", "size", "advised"),
    [(1, 16384, []), (1, 16383, ["windows_small_log"]), (2, 16384, ["windows_no_log"])],
)
def test_advice_on_the_log(logged: int, size: int, advised: list[str]) -> None:
    captures = changed(GOOD.captures, "state", set_profiles("log_blocked", logged))
    captures = changed(captures, "state", set_profiles("log_kilobytes", size))
    assert [each.id for each in judge(captures).advice] == advised


@pytest.mark.parametrize("name", PASSING)
@pytest.mark.parametrize("probe", ["state", "rules"])
def test_no_pass_on_a_part_of_an_answer(name: str, probe: str) -> None:
    sample = SAMPLES[name]
    capture = sample.captures.by_probe[probe]
    assert isinstance(capture, Captured)
    rests_on_rules = sample.expect["firewall"].message != "windows_shut"
    length = len(capture.stdout.rstrip())
    for cut in (*range(0, length, max(1, length // 60)), *range(length - 20, length)):
        damaged = dataclasses.replace(capture, stdout=capture.stdout[:cut])
        by_probe = {**sample.captures.by_probe, probe: damaged}
        judgement = judge(dataclasses.replace(sample.captures, by_probe=by_probe))
        if probe == "state" or rests_on_rules:
            assert judgement.outcome is Outcome.UNKNOWN, cut


@pytest.mark.parametrize("name", PASSING)
def test_no_pass_without_the_firewalls_own_word(name: str) -> None:
    captures = SAMPLES[name].captures
    assert judge(without(captures, "state")).outcome is Outcome.UNKNOWN
    every = without(captures, *captures.by_probe)
    assert judge(every).outcome is Outcome.UNKNOWN


def test_rules_without_the_key_that_is_always_there_are_no_answer() -> None:
    def drop(answer: Any) -> None:
        for part in answer["registry"]:
            part["keys"] = []

    assert judge(changed(GOOD.captures, "rules", drop)).message.id == "unparsed"
