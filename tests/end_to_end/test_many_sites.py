"""Two hundred sites side by side, hostile ones among them: each is judged as if it were alone."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from assessor.concluding import conclude
from assessor.model.capture import Capture, NotCaptured
from assessor.model.finding import Finding, Outcome
from assessor.model.limits import Limits
from assessor.model.plan import TargetPlan
from assessor.pipeline import Checks, begin, gather, prepare
from tests.end_to_end.inventory import site_entry, write_assessment
from tests.lab.hostile_tcp import Manners, hostile_tcp
from tests.lab.nginx import Site, nginx
from tests.lab.pki import Pki

COUNT = 200
OLD = "ALL:@SECLEVEL=0"
HOSTILE = (Manners.TARPIT, Manners.GARBAGE, Manners.CLOSE, Manners.FLOOD, Manners.TLS_FLOOD)
CHECKS = ("tls_certificate", "tls_configuration", "website_hardening")


class Silent:
    """Shows nothing of a run's progress."""

    def begun(self, plan: TargetPlan) -> None:
        """A target is being collected."""

    def answered(self, plan: TargetPlan, capture: Capture) -> None:
        """A probe was stored."""

    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None:
        """A target is done."""


def assessed(folder: Path, ports: Mapping[str, int], authority: Path) -> tuple[Finding, ...]:
    """What the checks find of the sites, asked side by side."""
    (folder / "profiles").mkdir(parents=True)
    profile = {
        "id": "sites",
        "title": {"nl": "x", "en": "x"},
        "checks": {check: {} for check in CHECKS},
        "measures": ["tls", "web-hardening"],
    }
    (folder / "profiles/sites.yaml").write_text(yaml.safe_dump(profile))
    sites = [site_entry(name, port, authority) for name, port in ports.items()]
    write_assessment(folder, sites, organisation="Lab", profile="sites")
    catalogue = Checks()
    prepared = prepare(folder, catalogue)
    run = begin(prepared)
    gather(prepared, run, Silent(), threading.Event(), Limits(jobs=32))
    return conclude(run, catalogue).findings


@pytest.fixture(scope="module")
def alone_and_together(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[tuple[Finding, ...], tuple[Finding, ...]]]:
    """The findings of one site of each kind, and those of all of them with the hostile ones."""
    base = tmp_path_factory.mktemp("many")
    (base / "nginx").mkdir()
    (base / "pki").mkdir()
    pki = Pki(base / "pki")
    sites = {}
    for number in range(COUNT):
        name = f"{('good', 'old')[number % 2]}-{number}"
        issued = pki.issue(f"{name}.lab.example")
        sites[name] = Site(issued, "TLSv1", OLD) if number % 2 else Site(issued)
    with contextlib.ExitStack() as running:
        ports = running.enter_context(nginx(base / "nginx", sites))
        two = {name: ports[name] for name in ("good-0", "old-1")}
        alone = assessed(base / "alone", two, pki.root_file)
        hostile = {
            f"hostile-{manners.name.lower().replace('_', '-')}": running.enter_context(
                hostile_tcp(manners)
            ).port
            for manners in HOSTILE
        }
        yield alone, assessed(base / "together", {**hostile, **ports}, pki.root_file)


def told(finding: Finding) -> tuple[str, str, str, str]:
    judgement = finding.judgement
    kind = finding.target.partition("-")[0]
    return kind, finding.check, judgement.outcome.value, judgement.message.id


@pytest.mark.timeout(300)
def test_no_verdict_is_another_for_lack_of_time(
    alone_and_together: tuple[tuple[Finding, ...], tuple[Finding, ...]],
) -> None:
    alone, together = alone_and_together
    tls = {finding.target: finding.outcome for finding in alone if finding.check != CHECKS[2]}
    assert tls == {"good-0": Outcome.PASS, "old-1": Outcome.FAIL}
    expected = {told(finding): COUNT // 2 for finding in alone}
    seen = Counter(told(f) for f in together if not f.target.startswith("hostile"))
    assert dict(seen) == expected


@pytest.mark.timeout(300)
def test_what_is_hostile_passes_nothing(
    alone_and_together: tuple[tuple[Finding, ...], tuple[Finding, ...]],
) -> None:
    hostile = [f for f in alone_and_together[1] if f.target.startswith("hostile")]
    assert len(hostile) == len(HOSTILE) * len(CHECKS)
    assert {f.outcome for f in hostile if f.check != CHECKS[2]} == {Outcome.UNKNOWN}
    assert all(f.outcome is not Outcome.PASS for f in hostile)
