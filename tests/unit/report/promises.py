"""Runs of any number of promises, with every verdict and words as long as they come."""

from __future__ import annotations

from assessor.model.facts import Fact
from assessor.model.run import Reference, RunResult
from assessor.model.statement import Verdict
from tests import factories as make

QUOTE = (
    "Wij bewaren uw gegevens op een veilige plaats en laten niemand anders erbij dan wie dat voor "
    "het werk nodig heeft, en dat is belofte"
)
_RULES: dict[Verdict, tuple[str, dict[str, Fact]]] = {
    Verdict.KEPT: ("all-pass", {"kept": 13, "total": 13}),
    Verdict.PARTLY: ("some-fail", {"kept": 11, "broken": 2, "total": 13}),
    Verdict.BROKEN: ("all-waived", {"waived": 13, "total": 13}),
    Verdict.ATTESTED: ("kept-and-attested", {"kept": 13, "total": 13}),
    Verdict.EXPIRED: ("attestation-expired", {}),
    Verdict.UNPROVEN: ("not-applicable", {}),
}


def promises(
    number: int, *, words: str = QUOTE, measures: int = 40, left_out: int = 0, wide: str = ""
) -> tuple[RunResult, Reference]:
    """A run of ``number`` promises of one measure each.

    Args:
        number: of promises; the verdicts take turns.
        words: of each promise, before its number.
        measures: after as many promises the same measure comes back.
        left_out: broken checks.
        wide: stands in the place of every name of a company, a machine and a measure.
    """
    claims, lines = [], []
    for n in range(number):
        verdict = list(Verdict)[n % len(Verdict)]
        rule, counted = _RULES[verdict]
        facts: dict[str, Fact] = {"kept": 0, "broken": 0, "waived": 0, "unknown": 0, "total": 0}
        measure = f"measure-{n % measures}"
        line = make.make_measure_verdict(measure, verdict, rule, facts={**facts, **counted})
        claim = make.make_claim(f"{words} {n + 1}", start=n, measures=(measure,))
        lines.append(line)
        claims.append(make.make_claim_verdict(claim, verdict, rule, [line]))
    result = make.make_result(
        facts=make.make_run_facts(
            organisation=wide or "Bakkerij Zoet",
            assessor=wide or "Koek ICT",
            vantage=wide or "beheer-laptop",
            left_out=tuple(f"check_{n}" for n in range(left_out)),
        ),
        statement=make.make_statement(
            "x" * number, source=wide or "https://bakkerijzoet.example/privacy"
        ),
        claims=claims,
        measures=lines,
    )
    titles = [f"{wide or 'Maatregel met een lange naam'} {n}" for n in range(measures)]
    return result, make.make_reference(
        measures=[
            make.make_measure(f"measure-{n}", nl=title, en=title) for n, title in enumerate(titles)
        ]
    )
