"""Run folders of many months, made by a seed: as real ones, without what the machines said."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from assessor.evidence.conclusions import Conclusions, StatementRecord
from assessor.evidence.manifest import Concluded, seal
from assessor.evidence.seals import manifest_digest
from assessor.evidence.store import RunFolder
from assessor.model.attestation import Attestation, Words
from assessor.model.facts import NO_FACTS
from assessor.model.finding import Finding, Outcome
from assessor.model.plan import Plan
from assessor.model.statement import Claim, ClaimVerdict, MeasureVerdict, Verdict
from assessor.model.target import Role, Target
from tests.factories import (
    make_attestation,
    make_finding,
    make_run_facts,
    make_statement,
    make_target,
    make_target_plan,
)

FIRST = datetime(2023, 12, 1, 9, 30, tzinfo=UTC)
MEASURES = tuple(f"measure-{number:02}" for number in range(1, 26))
BY_PEOPLE = MEASURES[-4:]
"""The last ones are attested."""
_STATES = (Outcome.PASS,) * 8 + (Outcome.FAIL, Outcome.UNKNOWN, Outcome.NOT_APPLICABLE)
_VERDICTS = (Verdict.KEPT,) * 5 + (Verdict.PARTLY, Verdict.BROKEN, Verdict.UNPROVEN)


class Company:
    """What is true of a company, changing from month to month.

    Args:
        seed: the same one gives the same years.
        hosts: how many machines; every fifth one is a site with a certificate.
        checks: how many findings each machine gives.
    """

    def __init__(self, seed: int, hosts: int = 50, checks: int = 35) -> None:
        self._random = random.Random(seed)
        self._checks = [f"check_{number:02}" for number in range(1, checks + 1)]
        self.targets = [self._target(number) for number in range(1, hosts + 1)]
        self._next = hosts + 1
        self._outcomes: dict[tuple[str, str], Outcome] = {}
        self._verdicts = dict.fromkeys(MEASURES, Verdict.KEPT)
        self._quotes = {
            measure: f"Wij beloven {measure} op al onze systemen, en controleren dat elke maand."
            for measure in MEASURES
        }

    @staticmethod
    def _target(number: int) -> Target:
        role = Role.SITE if number % 5 == 0 else Role.SERVER
        return make_target(f"host{number:03}", role=role, address=f"host{number:03}.example")

    def month(self) -> None:
        """Lets a month go by."""
        for place in list(self._outcomes):
            if self._random.random() < 0.02:
                self._outcomes[place] = self._random.choice(_STATES)
        for measure in MEASURES:
            if self._random.random() < 0.05:
                self._verdicts[measure] = self._random.choice(_VERDICTS)
        if len(self.targets) > 1 and self._random.random() < 0.3:
            self.targets[self._random.randrange(len(self.targets))] = self._target(self._next)
            self._next += 1
        if self._random.random() < 0.3:
            measure = self._random.choice(MEASURES)
            self._quotes[measure] = self._quotes[measure].replace("elke maand", "iedere maand")

    def findings(self, at: datetime) -> Iterator[Finding]:
        """What the machines show at ``at``."""
        for target in self.targets:
            for number, check in enumerate(self._checks):
                place = target.name, check
                outcome = self._outcomes.setdefault(place, self._random.choice(_STATES))
                observed = NO_FACTS
                if target.role is Role.SITE and number == 0:
                    check, ends = "tls_certificate", self._ends(target, at)
                    observed = {
                        "name": target.address,
                        "ends": ends.isoformat(),
                        "days_left": (ends - at.date()).days,
                    }
                yield make_finding(
                    outcome,
                    target=target.name,
                    check=check,
                    measure=MEASURES[number % len(MEASURES)],
                    observed=observed,
                    evidence=(hashlib.sha256(repr(place).encode()).hexdigest(),),
                )

    @staticmethod
    def _ends(target: Target, at: datetime) -> date:
        """Renewed every 90 days, each on a day of its own."""
        age = (at.toordinal() + int(target.name[4:]) * 7) % 90
        return at.date() + timedelta(days=90 - age)

    def claims(self, findings: Sequence[Finding]) -> tuple[ClaimVerdict, ...]:
        """What is concluded of the promises."""
        found, start = [], 0
        for measure in MEASURES:
            quote = self._quotes[measure]
            digest = hashlib.sha256(quote.casefold().encode()).hexdigest()[:10]
            claim = Claim(digest, quote, start, start + len(quote), "Beveiliging", (measure,))
            of_it = tuple(item for item in findings if item.measure == measure)
            verdict = Verdict.ATTESTED if measure in BY_PEOPLE else self._verdicts[measure]
            judged = MeasureVerdict(measure, verdict, "some-rule", of_it)
            found.append(ClaimVerdict(claim, verdict, "some-rule", (judged,)))
            start += len(quote) + 1
        return tuple(found)

    @staticmethod
    def attestations(at: datetime) -> tuple[Attestation, ...]:
        """Each counts for a year."""
        first = date(at.year, 1, 1)
        return tuple(
            make_attestation(measure, given=first, expires=first + timedelta(days=90 * number))
            for number, measure in enumerate(BY_PEOPLE, 1)
        )


def starts(number: int, first: datetime = FIRST) -> list[datetime]:
    """The first of so many months."""
    months = [first.year * 12 + first.month - 1 + count for count in range(number)]
    return [first.replace(year=month // 12, month=month % 12 + 1) for month in months]


def write_run(folder: Path, company: Company, at: datetime, *, sealed: bool = True) -> RunFolder:
    """One finished run, chained to the one before it."""
    earlier = sorted((folder / "runs").glob("*/manifest.json"))
    run_id = f"{at:%Y%m%dT%H%M%SZ}-{at.month:02x}{at.day:02x}"
    facts = replace(
        make_run_facts(previous=manifest_digest(RunFolder(earlier[-1].parent)) if earlier else ""),
        id=run_id,
        started_at=at,
    )
    run = RunFolder(folder / "runs" / run_id)
    run.create(facts, Plan(tuple(make_target_plan(target) for target in company.targets)))
    findings = tuple(company.findings(at))
    claims = company.claims(findings)
    text = make_statement("\n".join(item.claim.quote for item in claims))
    run.write("statement.json", StatementRecord(text, tuple(item.claim for item in claims)))
    run.write("words.json", Words(company.attestations(at)))
    ended = at + timedelta(minutes=4)
    run.write("findings.json", Conclusions(ended, findings, claims, ()))
    if sealed:
        seal(run, facts, Concluded(ended, {}))
    return run


def write_months(
    folder: Path, number: int, *, seed: int = 1, hosts: int = 50, checks: int = 35
) -> list[RunFolder]:
    """So many months of runs in ``folder``, the oldest first."""
    company = Company(seed, hosts, checks)
    runs = []
    for at in starts(number):
        runs.append(write_run(folder, company, at))
        company.month()
    return runs
