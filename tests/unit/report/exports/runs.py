"""Runs to export: every way in which a finding, a measure and a promise can stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from assessor.model.attestation import Answer, EvidenceFile
from assessor.model.capture import Reason
from assessor.model.check import Severity
from assessor.model.finding import Outcome
from assessor.model.language import Language
from assessor.model.run import Reference, RunResult
from assessor.model.statement import Verdict
from assessor.report.exports.sheet import Sheet
from assessor.report.texts import ReportTexts
from tests import factories as make

Texts = Mapping[Language, ReportTexts]
Run = tuple[RunResult, Reference]

MANIFEST = "ab" * 32
STATEMENT = "# Belofte\n\n- Firewall.\n- Schijven.\n- Updates.\n- Brand.\n- Sloten.\n- Alarm.\n"


def sheet(texts: Texts, run: Run, language: Language = Language.NL) -> Sheet:
    """The run as every export tells it."""
    return Sheet(*run, language, texts[language], MANIFEST)


def every_standing() -> Run:
    """Six promises: kept, waived, unknown, attested, expired, broken; and each outcome."""
    firewall = make.make_finding(evidence=(make.make_digest("nft"),), observed={"ports": (22,)})
    waived = make.make_finding(
        Outcome.FAIL, check="disks", measure="disk-encryption", facts={"name": "sda"},
        evidence=(make.make_digest("lsblk"),),
    )  # fmt: skip
    hidden = make.make_not_observed(
        Reason.NO_PRIVILEGE, check="updates", measure="patching", mend="sudo apt-get"
    )
    crashed = make.make_finding(
        Outcome.UNKNOWN, check="updates", measure="patching", target="srv2",
        message="check_failed", error="Traceback:\n  ValueError: 7\n",
    )  # fmt: skip
    foreign = make.make_finding(Outcome.NOT_APPLICABLE, target="srv2", message="good")
    failing = make.make_finding(
        Outcome.FAIL, check="alarm", measure="alarm", target="srv2", facts={"name": "x"}
    )
    photo = EvidenceFile("brand.jpg", make.make_digest("photo"), 12)
    lines = (
        make.make_measure_verdict("firewall", Verdict.KEPT, "all-pass", [firewall, foreign]),
        make.make_measure_verdict(
            "disk-encryption", Verdict.BROKEN, "all-waived", [waived],
            waivers=[
                make.make_waiver("disks", reason="It is replaced."),
                make.make_waiver("disks", reason="Long ago.", until=date(2026, 1, 31)),
            ],
        ),
        make.make_measure_verdict("patching", Verdict.UNPROVEN, "all-unknown", [hidden, crashed]),
        make.make_measure_verdict(
            "fire-safety", Verdict.ATTESTED, "attested",
            attestations=[make.make_attestation(files=(photo,), text="There is an alarm.")],
        ),
        make.make_measure_verdict(
            "locks", Verdict.EXPIRED, "attestation-expired",
            attestations=[make.make_attestation("locks", expires=date(2026, 6, 30))],
        ),
        make.make_measure_verdict(
            "alarm", Verdict.BROKEN, "all-fail", [failing],
            attestations=[make.make_attestation("alarm", Answer.NO)],
        ),
    )  # fmt: skip
    claims = []
    for line in lines:
        words = {
            "firewall": "Firewall.", "disk-encryption": "Schijven.", "patching": "Updates.",
            "fire-safety": "Brand.", "locks": "Sloten.", "alarm": "Alarm.",
        }[line.measure]  # fmt: skip
        claim = make.make_claim(words, start=STATEMENT.index(words), measures=(line.measure,))
        claims.append(make.make_claim_verdict(claim, line.verdict, line.rule, [line]))
    result = make.make_result(
        plan=[make.make_target_plan(), make.make_target_plan(make.make_target("srv2"))],
        findings=[firewall, foreign, waived, hidden, crashed, failing],
        statement=make.make_statement(STATEMENT),
        claims=claims,
        measures=lines,
    )
    checks = [
        make.make_check_info(),
        make.make_check_info("disks", measures=("disk-encryption",), severity=Severity.CRITICAL),
        make.make_check_info("updates", measures=("patching",)),
        make.make_check_info("alarm", measures=("alarm",), severity=Severity.LOW),
    ]
    measures = [make.make_measure(line.measure) for line in lines]
    return result, make.make_reference(measures, checks)
