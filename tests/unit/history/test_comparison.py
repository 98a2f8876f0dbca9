"""Two runs beside each other, and what ends before the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from assessor.history.comparison import PromiseChange, compare
from assessor.history.drift import Change
from assessor.history.extract import MOST_CERTIFICATES, certificates
from assessor.history.outlook import month_later, outlook
from assessor.history.records import TargetRow, WaiverRow
from assessor.model.certificates import SeenCertificate
from assessor.model.finding import Message, Outcome
from assessor.model.statement import Verdict
from tests.factories import make_finding
from tests.unit.history.rows import (
    BROKEN,
    KEPT,
    PARTLY,
    UNPROVEN,
    attestation,
    claims,
    finding,
    reworded,
    run,
)

DAILY = "Wij maken elke dag een reservekopie van alle gegevens."
NIGHTLY = "Wij maken elke nacht een reservekopie van alle gegevens."
LOCKED = "De serverruimte is altijd op slot."
NOV, DEC = datetime(2026, 11, 3, 9, tzinfo=UTC), datetime(2026, 12, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (BROKEN, KEPT, Change.MENDED),
        (Verdict.EXPIRED, Verdict.ATTESTED, Change.MENDED),
        (KEPT, PARTLY, Change.WORSE),
        (Verdict.ATTESTED, Verdict.EXPIRED, Change.WORSE),
        (PARTLY, BROKEN, Change.WORSE),
        (UNPROVEN, BROKEN, Change.WORSE),
        (KEPT, Verdict.ATTESTED, Change.OTHER),
        (BROKEN, PARTLY, Change.OTHER),
        (UNPROVEN, Verdict.EXPIRED, Change.OTHER),
    ],
)
def test_what_a_change_of_a_promise_is(before: Verdict, after: Verdict, change: Change) -> None:
    found = compare(
        run(NOV, claims=claims((DAILY, before))), run(DEC, claims=claims((DAILY, after))), reworded
    )
    assert [(item.change, item.before, item.after) for item in found.promises] == [
        (change, before, after)
    ]
    assert found.promises_same == 0


def test_promises_that_come_go_and_are_reworded() -> None:
    before = run(NOV, claims=claims((DAILY, KEPT), (LOCKED, KEPT), ("Weg ermee.", BROKEN)))
    after = run(DEC, claims=claims((NIGHTLY, KEPT), (LOCKED, KEPT), ("Nieuwe belofte.", UNPROVEN)))
    found = compare(before, after, reworded)
    assert found.promises == (
        PromiseChange("Nieuwe belofte.", ("backups",), Change.NEW, None, UNPROVEN),
        PromiseChange("Weg ermee.", ("backups",), Change.GONE, BROKEN, None),
        PromiseChange(NIGHTLY, ("backups",), Change.OTHER, KEPT, KEPT, DAILY),
    )
    assert found.promises_same == 1


def test_findings_and_targets() -> None:
    before = run(
        NOV,
        targets=[
            TargetRow("a", "server", "linux", True),
            TargetRow("b", "server", "linux", True),
            TargetRow("d", "server", "linux", False),
        ],
        findings=[finding(target="a"), finding(target="b"), finding(Outcome.FAIL, target="d")],
    )
    after = run(
        DEC,
        targets=[
            TargetRow("a", "server", "linux", False),
            TargetRow("c", "site", "network", True),
            TargetRow("d", "server", "linux", False),
        ],
        findings=[
            finding(Outcome.UNKNOWN, target="a"),
            finding(target="c"),
            finding(Outcome.FAIL, target="d"),
        ],
    )
    found = compare(before, after, reworded)
    assert [row.name for row in found.new_targets] == ["c"]
    assert [row.name for row in found.lost_targets] == ["b"]
    assert [row.name for row in found.silent_targets] == ["a"]
    assert [(item.target, item.change) for item in found.findings] == [
        ("a", Change.WORSE),
        ("c", Change.NEW),
        ("b", Change.GONE),
    ]
    assert (found.findings_same, found.told(Change.WORSE)) == (1, 1)


def test_the_same_run_twice_is_unchanged() -> None:
    one = run(NOV, claims=claims((DAILY, KEPT), (DAILY, KEPT)), findings=[finding()])
    found = compare(one, one, reworded)
    assert (found.promises, found.findings, found.promises_same, found.findings_same) == (
        (),
        (),
        2,
        1,
    )


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2027, 12, 31), date(2028, 1, 31)),
        (date(2028, 1, 30), date(2028, 2, 29)),
        (date(2026, 11, 3), date(2026, 12, 3)),
    ],
)
def test_a_month_later(day: date, later: date) -> None:
    assert month_later(day) == later


def test_certificates_that_end_before_the_next_run() -> None:
    days = {
        "gone": date(2026, 11, 1),
        "soon": date(2026, 12, 3),
        "later": date(2026, 12, 4),
    }
    seen = [SeenCertificate("web", "tls_certificate", name, day) for name, day in days.items()]
    found = outlook(run(NOV, certificates=reversed(seen)).summary)
    assert found.next_run == date(2026, 12, 3)
    assert [row.name for row in found.certificates] == ["gone", "soon"]
    sooner = outlook(run(NOV, certificates=seen).summary, date(2026, 11, 10))
    assert [row.name for row in sooner.certificates] == ["gone"]


@pytest.mark.parametrize(
    ("expires", "told"),
    [
        (date(2026, 11, 2), False),  # it has expired already: the verdict says so
        (date(2026, 11, 3), True),
        (date(2026, 12, 2), True),
        (date(2026, 12, 3), False),  # it counts on its last day
    ],
)
def test_attestations_that_end_before_the_next_run(expires: date, told: bool) -> None:
    said = claims((DAILY, Verdict.ATTESTED))
    found = outlook(run(NOV, claims=said, attestations=[attestation(expires=expires)]).summary)
    assert bool(found.attestations) is told


def test_an_attestation_that_another_takes_over_from_is_not_told() -> None:
    said = claims((DAILY, Verdict.ATTESTED))
    ends = attestation(expires=date(2026, 11, 20))
    again = attestation(expires=date(2027, 11, 20), given=date(2026, 11, 15), name="a-2")
    too_late = replace(again, given=date(2026, 12, 20))
    for words, told in (([ends, again], 0), ([again, ends], 0), ([ends, too_late], 1)):
        found = outlook(run(NOV, claims=said, attestations=words).summary)
        assert len(found.attestations) == told


def test_an_attestation_of_what_nobody_promises_is_not_told() -> None:
    word = attestation("fire-safety", expires=date(2026, 11, 20))
    found = outlook(run(NOV, claims=claims((DAILY, KEPT)), attestations=[word]).summary)
    assert found.attestations == ()


def test_waivers_that_end_before_the_next_run() -> None:
    first = WaiverRow("host_firewall", "srv1", "Jo", date(2026, 11, 20))
    again = replace(first, until=date(2027, 1, 1))
    assert outlook(run(NOV, waivers=[first]).summary).waivers == (first,)
    assert outlook(run(NOV, waivers=[again, first]).summary).waivers == ()


# --- which certificates were seen -------------------------------------------------------------


def test_a_site_shows_its_last_day() -> None:
    site = make_finding(
        target="www",
        check="tls_certificate",
        observed={"name": "www.example.nl", "ends": "2026-12-01", "days_left": 28},
    )
    assert certificates([site, site]) == [
        SeenCertificate("www", "tls_certificate", "www.example.nl", date(2026, 12, 1))
    ]


def test_windows_names_a_day_once_it_is_near() -> None:
    told = ("0.0.0.0:443 (CN=mail, O=A, B (x), 2026-12-01)", "no day", "x (y, 2026-99-01)", 7)
    near = make_finding(
        target="win",
        check="windows_tls",
        advice=(Message("certificate_expires", {"certificates": told}),),
    )
    other = make_finding(advice=(Message("certificate_not_found", {"certificates": told}),))
    assert certificates([near, other]) == [
        SeenCertificate(
            "win", "windows_tls", "0.0.0.0:443 (CN=mail, O=A, B (x))", date(2026, 12, 1)
        )
    ]


@pytest.mark.parametrize("ends", ["soon", "2026-13-01", 20261201, None, "", ("2026-12-01",)])
def test_what_is_no_day_is_no_certificate(ends: object) -> None:
    found = make_finding(observed={"ends": ends, "days_left": 3})  # type: ignore[dict-item]
    assert certificates([found]) == []


def test_a_hostile_name_is_bounded_and_plain() -> None:
    name = "a\x00\ud800\x1b[2J\n" + "b" * 10_000
    seen = make_finding(observed={"name": name, "ends": "2026-12-01", "days_left": 3})
    (row,) = certificates([seen])
    assert row.name.isprintable()
    assert len(row.name) <= 300
    many = [
        make_finding(observed={"name": str(n), "ends": "2026-12-01", "days_left": 3})
        for n in range(MOST_CERTIFICATES + 5)
    ]
    assert len(certificates(many)) == MOST_CERTIFICATES
