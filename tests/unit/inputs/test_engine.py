"""What assessment.yaml says of an engine, and worker.yaml of a worker."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.errors import InputError, InputErrors, UsageError
from assessor.inputs.assessment import load_assessment
from assessor.inputs.worker import load_worker
from assessor.model.engine import Broker
from assessor.model.target import SecretSource
from tests.unit.inputs.folders import ONE_TARGET, folder_with, placed, refused

ENGINE = """\
engine:
  broker: {url: "amqps://assess@broker.example.nl/assess", password: {env: BROKER}, ca_file: ca.pem}
  wait: 120
  sites: {bakker: {key: bakker.pub.pem}}
"""
WORKER = """\
site: bakker
broker: {url: "rediss://broker.example.nl:6380/0"}
hubs: hub.pub.pem
signing: {key: bakker}
targets: [{name: web01, role: server, address: 10.0.0.1, user: beheer}]
"""


def test_an_engine_is_read(tmp_path: Path) -> None:
    for name in ("ca.pem", "bakker.pub.pem"):
        (tmp_path / name).touch()

    engine = load_assessment(folder_with(tmp_path, ENGINE + ONE_TARGET)).engine

    assert engine is not None
    assert engine.broker == Broker(
        "amqps://assess@broker.example.nl/assess",
        SecretSource("env", ("BROKER",)),
        str(tmp_path / "ca.pem"),
    )
    assert engine.wait_s == 120
    assert engine.sites == {"bakker": tmp_path / "bakker.pub.pem"}


def test_files_that_are_not_there_are_named_with_their_line(tmp_path: Path) -> None:
    assert placed(refused(folder_with(tmp_path, ENGINE + ONE_TARGET))) == [
        (2, "engine.broker.ca_file"),
        (4, "engine.sites.bakker.key"),
    ]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("amqps://u:geheim@broker.example.nl/v", "a password never stands in this file"),
        ("rediss://:geheim@broker.example.nl/0", "a password never stands in this file"),
        ("rediss://broker.example.nl/0?ssl_cert_reqs=none", "ends with its path"),
        ("amqp://broker.example.nl/v", "over TLS only"),
        ("redis://192.0.2.1/0", "over TLS only"),
        ("redis://127.0.0.1.example.nl/0", "over TLS only"),
        ("https://broker.example.nl", "no address of a broker"),
        ("amqps://", "no address of a broker"),
        ("sqs://a:b@", "no address of a broker"),
        ("amqps://[::1/v", "no address of a broker"),
    ],
)
def test_an_address_with_a_password_or_without_tls_is_refused(
    tmp_path: Path, url: str, why: str
) -> None:
    (problem,) = refused(
        folder_with(tmp_path, f"engine: {{broker: {{url: '{url}'}}, sites: {{}}}}\n{ONE_TARGET}")
    )
    assert why in problem.message
    assert "geheim" not in str(problem)
    assert problem.line == 1
    assert problem.mend


@pytest.mark.parametrize("url", ["redis://127.0.0.1:6379/0", "amqp://localhost/", "amqp://[::1]/"])
def test_on_this_machine_itself_tls_is_not_asked_for(tmp_path: Path, url: str) -> None:
    text = f"engine: {{broker: {{url: '{url}'}}, sites: {{}}}}\n{ONE_TARGET}"
    engine = load_assessment(folder_with(tmp_path, text)).engine
    assert engine is not None
    assert engine.broker.url == url


def test_a_worker_is_read(tmp_path: Path) -> None:
    (tmp_path / "worker.yaml").write_text(WORKER)
    (tmp_path / "hub.pub.pem").touch()

    setup = load_worker(tmp_path)

    assert setup.site == "bakker"
    assert setup.hubs == (tmp_path / "hub.pub.pem",)
    assert setup.signing.key == "bakker"
    assert [(target.name, target.address) for target in setup.targets] == [("web01", "10.0.0.1")]


def test_the_queue_goes_before_the_settings(tmp_path: Path) -> None:
    (tmp_path / "hub.pub.pem").touch()
    (tmp_path / "worker.yaml").write_text(WORKER)
    assert load_worker(tmp_path, "visser").site == "visser"

    (tmp_path / "worker.yaml").write_text(WORKER.replace("site: bakker\n", ""))
    assert load_worker(tmp_path, "visser").site == "visser"
    with pytest.raises(InputError, match="which network this is") as missing:
        load_worker(tmp_path)
    assert missing.value.field == "site"
    with pytest.raises(UsageError, match="no name of a site"):
        load_worker(tmp_path, "../bakker")


def test_a_workers_faults_are_named_with_their_lines(tmp_path: Path) -> None:
    (tmp_path / "worker.yaml").write_text(
        WORKER.replace("beheer}]", "beheer, password: geheim}]") + "profile: mkb\n"
    )
    with pytest.raises(InputErrors) as told:
        load_worker(tmp_path)
    assert [(each.line, each.field) for each in told.value.problems] == [
        (5, "targets[0].password"),
        (6, "profile"),
    ]
    assert "geheim" not in str(told.value)

    (tmp_path / "worker.yaml").write_text(WORKER)
    with pytest.raises(InputError) as missing:
        load_worker(tmp_path)
    assert (missing.value.line, missing.value.field) == (3, "hubs")


def test_a_folder_without_a_worker_says_where_to_read_on(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as told:
        load_worker(tmp_path)
    assert "docs/workers.md" in told.value.mend
