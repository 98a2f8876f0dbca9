"""A run in which a word of its own stands wherever a run can hold one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from assessor.model.attestation import EvidenceFile, Words
from assessor.model.capture import Capture, Reason
from assessor.model.check import CheckInfo, ParameterInfo, Source
from assessor.model.facts import Fact, Facts
from assessor.model.finding import Message, Outcome
from assessor.model.language import Language
from assessor.model.memory import Known, Memory
from assessor.model.plan import PlannedCheck
from assessor.model.run import Reference, RunResult
from assessor.model.statement import Verdict
from assessor.model.target import Role, SecretPurpose, SecretSource, Target, TransportKind, Winrm
from assessor.model.texts import CheckTexts
from tests import factories as make

Token = Callable[[str], str]
"""A word that stands nowhere else, for each purpose another."""

OWN = "own_check"
PORT = 49_222


def secretive_run(token: Token) -> tuple[RunResult, Reference]:
    """A run whose every text that is not for a client holds a word of ``token``."""
    web, work = _targets(token)
    facts = _facts(token)
    captures: list[Capture] = [
        make.make_captured(
            "p",
            f"{token('account')}:x:1000:1000::/home/{token('home')}:/bin/sh\n{token('output')}\n",
            stderr=token("stderr"),
        ),
        make.make_not_captured("q", detail=token("detail"), mend=token("mend")),
    ]
    collected = make.make_evidence(web.name, captures)
    # The digests are those of the store: they hold no word, and stay the same here.
    collected = replace(
        collected,
        captures={
            key: replace(stored, digest=make.make_digest(key))
            for key, stored in collected.captures.items()
        },
    )
    digests = tuple(stored.digest for stored in collected.captures.values())
    gap = make.make_not_captured("", Reason.UNREACHABLE, token("gap"), token("gapmend"))
    findings = [
        *(
            make.make_finding(
                outcome,
                target=web.name,
                check=check,
                message=message,
                facts=facts,
                expected=facts,
                observed=facts,
                parameters={"allowed": (token("admin"),), "days": 14},
                advice=(Message("bad", facts),),
                error=f"Traceback: {token('error')}",
                evidence=digests,
            )
            for outcome in Outcome
            for check in ("host_firewall", OWN, "unknown_check")
            for message in ("good", "bad", "list", "clean")
        ),
        make.make_not_observed(target=web.name, detail=token("detail"), mend=token("mend")),
        make.make_not_observed(Reason.UNREACHABLE, target=work.name, detail=token("gap")),
        make.make_finding(
            Outcome.UNKNOWN, target=web.name, message="check_failed", error=token("error")
        ),
    ]
    said = (
        make.make_attestation(
            "firewall",
            text=f"It is on {token('name')} ({token('address')}), by {token('person')}, "
            f"{token('account')} and {token('home')}, in /srv/{token('folder')}/x, "
            f"{token('v')}/8.9.1p2 (8.9), {token('gate')}.",
            files=(EvidenceFile(f"{token('file')}.jpg", make.make_digest("file"), 3),),
        ),
    )
    waived = (
        make.make_waiver("host_firewall", web.name, reason=f"{token('address')} is replaced."),
        make.make_waiver(OWN, work.name, reason=f"At {token('user')}.", until=date(2026, 1, 1)),
    )
    line = make.make_measure_verdict(
        "firewall",
        Verdict.PARTLY,
        "some-fail",
        findings,
        {"kept": 0, "broken": 1, "total": 2, "broken_targets": (web.name,), "odd": token("odd")},
        said,
        waived,
    )
    result = make.make_result(
        facts=replace(
            make.make_run_facts(vantage=token("vantage"), left_out=("own_check", "unknown_check")),
            packages=(token("package"),),
        ),
        plan=[
            make.make_target_plan(
                web,
                {"p": make.make_probe(token("probe"), text=f"/usr/bin/{token('command')}")},
                [PlannedCheck("host_firewall", ("firewall",), {}, {"allowed": (token("admin"),)})],
            ),
            make.make_target_plan(work),
        ],
        evidence=[collected, make.make_evidence(work.name, gap=gap)],
        findings=findings,
        statement=make.make_statement(source=f"/home/{token('folder')}/privacy.md"),
        claims=[make.make_claim_verdict(measures=[line], verdict=Verdict.PARTLY, rule="some-fail")],
        measures=[line],
    )
    known = Known(token("mark"), make.AT, make.AT)
    return replace(
        result,
        remembered=Memory({web.name: {"host_firewall": {token("label"): known}}}),
        words=Words(said, waived),
    ), _reference(token)


def _targets(token: Token) -> tuple[Target, Target]:
    web = Target(
        name=token("name"),
        role=Role.SERVER,
        transport=TransportKind.SSH,
        platform=make.make_target().platform,
        address=f"{token('address')}.example.net",
        port=PORT,
        user=token("user"),
        jump=(f"{token('jumper')}@{token('gate')}.example.net:2222", "[2001:db8::77]:22"),
        identity_files=(f"/home/{token('folder')}/.ssh/{token('key')}",),
        known_hosts=(f"/home/{token('folder')}/{token('hosts')}",),
        secrets={SecretPurpose.PASSWORD: SecretSource("env", (token("variable"),))},
        tags=(token("tag"),),
        options={
            "server_name": token("option"),
            "paths": (f"/srv/{token('data')}", {"user": token("inner")}),
        },
        winrm=Winrm(ca_file=f"/etc/{token('ca')}.pem"),
        file=f"/tmp/{token('export')}",
        certificate_sha256="ab" * 32,
    )
    return web, make.make_target(token("other"), role=Role.WORKSTATION, address="192.0.2.77")


def _facts(token: Token) -> Facts:
    nested: tuple[Fact, ...] = (token("nested"), (token("deep"), 7))
    return {
        "name": token("fact"),
        "people": (token("person"), "root"),
        "nested": nested,
        "version": f"{token('v')}/8.9.1p2",
        "path": f"/opt/{token('path')}/conf",
        "address": "198.51.100.77",
        "port": PORT,
        "uid": 60_123,
        "numbers": (PORT, 60_123),
        "count": 3,
        "since": "2026-10-02",
        "on": True,
        "gone": None,
        f"{token('key')} of it": 4,
        token("person"): 5,
    }


def _reference(token: Token) -> Reference:
    parameters = {
        "allowed": ParameterInfo((), help={"nl": "Wie mag", "en": "Who may"}),
        "days": ParameterInfo(30, "days", help={"nl": "Dagen", "en": "Days"}),
    }
    bundled = replace(
        make.make_check_info(parameters=parameters), personal=frozenset({"people", "name"})
    )
    own = _own(token, replace(make.make_check_info(OWN, parameters=parameters)))
    messages = {
        "good": "It is good on {name} at {address}, in version {version}.",
        "bad": "It is bad for {people} ({path}). Since {since}: {nested}, {port} and {uid}.",
        "list": "These {count} are open: {people}. And so is {name}.",
        "clean": "There are {count}, since {since}, which is {on}: {gone}.",
    }
    told = f" Ask {token('user')} at {token('address')}.example.net, in /srv/{token('data')}."
    theirs = {key: text + told for key, text in messages.items()} | {
        "clean": f"There are {{count}}. Ask {token('user')} of {token('gate')}.",
    }
    remedies = dict.fromkeys(messages, "Mend {name} (`/usr/bin/mend {path}`). Then rest.")
    return make.make_reference(
        checks=[bundled, own],
        texts={
            "host_firewall": dict.fromkeys(
                Language, CheckTexts("Firewall", "Why it matters.", messages, remedies)
            ),
            OWN: dict.fromkeys(
                Language,
                CheckTexts(
                    f"Check of {token('name')}",
                    f"For {token('user')}.",
                    theirs,
                    {key: text + told for key, text in remedies.items()},
                ),
            ),
        },
    )


def _own(token: Token, info: CheckInfo) -> CheckInfo:
    """A check that somebody wrote for this very client."""
    words = {each.value: f"So {token('name')} should be." for each in Language}
    source = Source(
        f"Wiki of {token('user')}", token("name"), f"https://{token('address')}.example.net/wiki"
    )
    return replace(
        info,
        origin=f"/home/{token('folder')}/checks",
        criterion=replace(info.criterion, text=words, sources=(source,)),
    )
