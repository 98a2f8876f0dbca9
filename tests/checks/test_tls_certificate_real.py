"""The whole way from a real nginx to a verdict: each site of the lab is judged rightly."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from assessor.api import Captured, Captures, Outcome, Parameters
from assessor.collect.transports.base import Deadline
from assessor.collect.transports.network import NetworkTransport
from assessor.model.check import Probe, ProbeKind
from assessor.model.plan import PlannedProbe
from assessor.model.target import Platform, Role, Target, TransportKind
from checks.tls_certificate.check import CHECK
from tests.lab.nginx import Site, lab_sites, nginx
from tests.lab.pki import Pki

TRUTH = {
    "good": (Outcome.PASS, "valid", ()),
    "soon": (Outcome.PASS, "valid", ("ends_soon",)),
    "only-12": (Outcome.PASS, "valid", ("no_tls13",)),
    "expired": (Outcome.FAIL, "expired", ()),
    "future": (Outcome.FAIL, "not_yet_valid", ()),
    "wrong-name": (Outcome.FAIL, "wrong_name", ()),
    "self-signed": (Outcome.FAIL, "self_signed", ()),
    "incomplete": (Outcome.FAIL, "incomplete_chain", ()),
    "weak-key": (Outcome.FAIL, "weak_key", ()),
    "old-too": (Outcome.FAIL, "old_versions", ()),
    "old-only": (Outcome.FAIL, "outdated_only", ()),
}


def _defaults() -> Parameters:
    folder = Path(__file__).resolve().parents[2] / "checks" / "tls_certificate"
    manifest = yaml.safe_load((folder / "check.yaml").read_text(encoding="utf-8"))
    return Parameters({name: one["default"] for name, one in manifest["parameters"].items()})


@pytest.fixture(scope="module")
def sites(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, int]]:
    """The lab's root stands in for the system's list of authorities while this lasts."""
    folder = tmp_path_factory.mktemp("lab")
    pki = Pki(folder)
    known = lab_sites(pki)
    assert set(known) == set(TRUTH)
    with pytest.MonkeyPatch.context() as patch, nginx(folder, known) as ports:
        patch.setenv("SSL_CERT_FILE", str(pki.root_file))
        yield ports


def _captures(name: str, port: int) -> Captures:
    target = Target(
        name=name,
        role=Role.SITE,
        transport=TransportKind.NETWORK,
        platform=Platform.NETWORK,
        address=f"{name}.lab.example",
        port=port,
        options={"connect_to": "127.0.0.1"},
    )
    probe = Probe(
        "handshake", ProbeKind.REQUEST, '{"kind":"tls-handshake","port":443}', timeout_s=30
    )
    at = datetime.now(UTC)
    text = NetworkTransport().answer(target, PlannedProbe("key", probe), Deadline.after(60))
    return Captures(target, at, {"handshake": Captured("key", text, "", 0, at)})


@pytest.mark.parametrize("name", TRUTH)
def test_each_site_is_judged_rightly(sites: Mapping[str, int], name: str) -> None:
    captures = _captures(name, sites[name])

    (judgement,) = CHECK.evaluate(CHECK.observe(captures), _defaults())

    outcome, message, advice = TRUTH[name]
    assert (judgement.measure, judgement.outcome) == ("tls", outcome)
    assert judgement.message.id == message
    assert tuple(one.id for one in judgement.advice) == advice


def test_a_site_that_is_mended_passes(tmp_path: Path, sites: Mapping[str, int]) -> None:
    """The verdict follows the site: what failed passes once the certificate is right."""
    pki = Pki(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(pki.root_file))
        for issued, outcome in (
            (pki.issue("mended.lab.example", complete=False), Outcome.FAIL),
            (pki.issue("mended.lab.example"), Outcome.PASS),
        ):
            with nginx(tmp_path, {"mended": Site(issued)}) as ports:
                captures = _captures("mended", ports["mended"])
            (judgement,) = CHECK.evaluate(CHECK.observe(captures), _defaults())
            assert judgement.outcome is outcome
