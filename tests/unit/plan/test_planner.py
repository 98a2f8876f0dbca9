"""Targets and checks to probes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from assessor.model.check import (
    CheckInfo,
    Criterion,
    ParameterInfo,
    Probe,
    ProbeKind,
    Severity,
    Source,
)
from assessor.model.plan import Plan
from assessor.model.profile import Profile
from assessor.model.target import Platform, Privilege, Role, Target, TransportKind
from assessor.plan.access import privileged, sudoers_file
from assessor.plan.planner import make_plan

NFT = "/usr/sbin/nft -j list ruleset"


def info(check_id: str, *probes: Probe, roles: frozenset[Role] = frozenset(Role)) -> CheckInfo:
    return CheckInfo(
        check_id,
        1,
        Path(check_id),
        "test",
        ("firewall",),
        Severity.HIGH,
        roles,
        {Platform.LINUX: probes},
        {"days": ParameterInfo(30, "days", "interval_days")},
        Criterion({"nl": "x", "en": "x"}, (Source("x"),)),
    )


def target(name: str, role: Role = Role.SERVER, platform: Platform = Platform.LINUX) -> Target:
    return Target(name, role, TransportKind.SSH, platform, f"{name}.example")


def plan_of(*checks: CheckInfo, targets: tuple[Target, ...] = (target("a"),)) -> Plan:
    known = {check.id: check for check in checks}
    profile = Profile("p", {}, {check: {"days": 7} for check in known}, ("firewall",))
    return make_plan(targets, profile, known)


def test_equal_probes_of_two_checks_run_once_with_the_wider_limits() -> None:
    one = info("one", Probe("rules", ProbeKind.COMMAND, NFT, Privilege.SUDO, 5, 1000))
    two = info("two", Probe("nft", ProbeKind.COMMAND, NFT, Privilege.SUDO, 20, 10))

    (planned,) = plan_of(one, two).targets

    (probe,) = planned.probes
    assert (probe.probe.timeout_s, probe.probe.limit_bytes) == (20, 1000)
    assert probe.key.startswith("nft-")
    assert planned.checks[0].keys == {"rules": probe.key}
    assert planned.checks[1].keys == {"nft": probe.key}


def test_the_same_command_with_other_rights_is_another_question() -> None:
    one = info("one", Probe("rules", ProbeKind.COMMAND, NFT, Privilege.SUDO))
    two = info("two", Probe("rules", ProbeKind.COMMAND, NFT, Privilege.NONE))

    (planned,) = plan_of(one, two).targets

    assert len(planned.probes) == 2


def test_a_check_goes_only_where_role_and_platform_fit() -> None:
    server_only = info("one", Probe("x", ProbeKind.SCRIPT, "x"), roles=frozenset({Role.SERVER}))
    targets = (
        target("server"),
        target("laptop", Role.WORKSTATION),
        target("mac", platform=Platform.MACOS),
    )

    plan = plan_of(server_only, targets=targets)

    assert [(p.target.name, len(p.checks)) for p in plan.targets] == [
        ("server", 1),
        ("laptop", 0),
        ("mac", 0),
    ]


def test_what_a_target_names_is_asked_of_it_alone() -> None:
    option = Probe("oldest", ProbeKind.COMMAND, "/usr/bin/x '{value}'", option="logs")
    script = Probe("folders", ProbeKind.SCRIPT, "x", option="folders")
    named = replace(target("b"), options={"logs": ["/a", "/b"], "folders": ["/srv"]})

    plain, asked = plan_of(info("one", option, script), targets=(target("a"), named)).targets

    assert [p.probe.name for p in plain.probes] == ["folders"]
    assert list(asked.checks[0].keys) == ["oldest[0]", "oldest[1]", "folders"]
    assert plain.probes[0].key != asked.checks[0].keys["folders"]


def test_a_check_that_would_ask_nothing_is_not_planned() -> None:
    option = Probe("service", ProbeKind.REQUEST, '{"service":"{value}"}', option="services")
    named = replace(target("b"), options={"services": ["smtp"]})

    plain, asked = plan_of(info("one", option), targets=(target("a"), named)).targets

    assert (plain.checks, plain.probes) == ((), ())
    assert [p.probe.text for p in asked.probes] == ['{"service":"smtp"}']


def test_the_profile_overrides_a_default() -> None:
    (planned,) = plan_of(info("one", Probe("x", ProbeKind.SCRIPT, "x"))).targets
    assert planned.checks[0].parameters == {"days": 7}


def test_privileged_and_slow_probes_come_last() -> None:
    check = info(
        "one",
        Probe("slow", ProbeKind.SCRIPT, "slow", timeout_s=60),
        Probe("root", ProbeKind.COMMAND, NFT, Privilege.SUDO, 1),
        Probe("quick", ProbeKind.SCRIPT, "quick", timeout_s=1),
    )
    (planned,) = plan_of(check).targets
    assert [p.probe.name for p in planned.probes] == ["quick", "slow", "root"]


def test_sudoers_file_names_every_command_to_the_letter() -> None:
    check = info(
        "one",
        Probe("a", ProbeKind.COMMAND, NFT, Privilege.SUDO),
        Probe("b", ProbeKind.COMMAND, "/usr/sbin/iptables-save", Privilege.SUDO),
        Probe("c", ProbeKind.COMMAND, "/usr/bin/x --a=b,c", Privilege.SUDO),
        Probe("d", ProbeKind.COMMAND, "/usr/bin/plain"),
    )
    profile = Profile("p", {}, {"one": {}}, ())
    text = sudoers_file("assess", privileged(profile, {"one": check}, Platform.LINUX))
    assert "/usr/sbin/nft -j list ruleset" in text
    assert '/usr/sbin/iptables-save ""' in text
    assert "/usr/bin/x --a\\=b\\,c" in text
    assert "/usr/bin/plain" not in text
    assert "assess ALL=(root) NOPASSWD: ASSESS" in text


def test_sudoers_file_names_what_the_inventorys_options_ask_for() -> None:
    probe = Probe("q", ProbeKind.COMMAND, "/usr/bin/q '{value}'", Privilege.SUDO, option="logs")
    profile = Profile("p", {}, {"one": {}}, ())
    named = replace(target("b"), options={"logs": ["/a"]})

    found = privileged(profile, {"one": info("one", probe)}, Platform.LINUX, (target("a"), named))

    assert [each.text for each in found] == ["/usr/bin/q /a"]
