"""``assess run --engine celery`` with real brokers over TLS and workers in networks of their own.

The hub cannot reach the hosts; a worker reaches its own hosts and the broker, nothing else.
The link is cut for a minute: longer than two heartbeats (10 s each), after which a worker notices.
"""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assessor.dispatching.broker import (
    CONTENT_TYPE,
    SERIALIZER,
    TASK,
    make_app,
    order_queue,
    try_broker,
)
from assessor.dispatching.messages import MOST_MESSAGE_BYTES, make_order
from assessor.evidence.signing import SigningKey
from assessor.model.engine import Broker
from tests.end_to_end.assess import assess, environment, last_run, report
from tests.end_to_end.workers import Clients, Networks, make_networks, outcomes
from tests.factories import make_probe, make_target, make_target_plan
from tests.lab.brokers import LabBroker, LabRedis, make_broker, unwrapped
from tests.lab.pki import Pki
from tests.lab.sshd import SshLab
from tests.lab.waiting import until

HOUR = timedelta(hours=1)
CUT_S = 60.0
pytestmark = pytest.mark.timeout(600)


# All hosts are on this machine, where other tests make accounts and start programmes meanwhile:
# what these checks found is another minute's. That all findings are the same from the same
# evidence, tests/unit/dispatching shows byte for byte.
_OF_THE_WHOLE_MACHINE = {
    "access_logging",
    "access_rights",
    "database_rights",
    "intrusion_detection",
    "malware_protection",
    "password_policy",
    "server_encryption",
    "ssh_login",
}


@pytest.fixture(name="networks", scope="module")
def _networks(ssh_lab: SshLab) -> Iterator[Networks]:
    networks = make_networks(ssh_lab)
    yield networks
    networks.close()


@pytest.fixture(name="broker", scope="module", params=["rabbitmq", "redis"])
def _broker(
    request: pytest.FixtureRequest, networks: Networks, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LabBroker]:
    folder = tmp_path_factory.mktemp(request.param)
    addresses = (networks.noord.near, networks.zuid.near, "127.0.0.1")
    broker = make_broker(request.param, folder / "broker", addresses, Pki(folder))
    try:
        broker.start()
        yield broker
    finally:
        broker.close()


@pytest.fixture(name="clients")
def _clients(networks: Networks, broker: LabBroker, tmp_path: Path) -> Iterator[Clients]:
    clients = Clients.make(networks, broker, tmp_path)
    yield clients
    for gate in networks.gates.values():
        gate.open()  # a test that failed must not make the next ones wait
    clients.stop()


def _visits(clients: Clients) -> dict[str, int]:
    return {name: gate.visits for name, gate in clients.networks.gates.items()}


def test_what_workers_collect_is_what_would_have_been_collected_here(
    clients: Clients, ssh_lab: SshLab
) -> None:
    clients.near("near", ssh_lab.host("dash"))
    clients.write(profile="mkb")
    clients.start()
    with clients.broker.watched() as traffic, clients.running("--wait", "300") as hub:
        code = clients.ended(hub)
    assert code in {0, 1, 3}, clients.logs()
    clients.require_whole()
    _require_no_secret(clients, traffic())
    for words in (["bundle"], ["bundle", "--names", "-o", "names.assess.zip"]):
        bundled = assess(clients.folder, *words, **clients.secrets)
        assert bundled.returncode == 0, bundled.stderr
    for bundle in clients.folder.glob("*.assess.zip"):
        verified = assess(clients.folder, "verify", bundle.name, "--key", "hub.pub.pem")
        assert verified.returncode == 0, verified.stderr
    found = outcomes(last_run(clients.folder))
    assert any(target == "near" for target, _ in found)

    # The same hosts by the same settings, from inside their network and without a worker.
    for site in clients.sites.values():
        inside = clients.folder / f"inside-{site.name}"
        inside.mkdir()
        text = (site.folder / "worker.yaml").read_text()
        (inside / "assessment.yaml").write_text(
            "language: en\nprofile: mkb\n" + text[text.index("targets:") : text.index("checks:")]
        )
        sudo = site.environment("")["SITE_SUDO"]
        for _ in range(3):  # other tests change this machine's accounts: what differs must stay so
            assert _inside(site.namespace.name, inside, SITE_SUDO=sudo) in {0, 1, 3}
            here = {
                place: said
                for place, said in outcomes(last_run(inside)).items()
                if place[1].partition("/")[0] not in _OF_THE_WHOLE_MACHINE
            }
            same = {place: found[place] for place in here}
            if here and same == here:
                break
        assert same == here
        assert len({place[1] for place in here}) > 8


def _require_no_secret(clients: Clients, traffic: bytes) -> None:
    """No secret of a site, and no private key, is in what travelled or is kept."""
    site = clients.sites["noord"]
    sudo = site.environment("")["SITE_SUDO"]
    assert len(sudo) > 10
    secrets = [
        sudo,
        clients.broker.password,
        (site.hosts["n1"].identity_file or site.log).read_text(),
    ]
    secrets += [(site.folder / ".assess" / "fingerprint.key").read_text().strip()]
    seen = {"what travelled": traffic + unwrapped(traffic)}
    for folder in (
        clients.folder / "runs",
        *(each.folder / "spool" for each in clients.sites.values()),
    ):
        seen |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    seen |= {str(each.log): each.log.read_bytes() for each in clients.sites.values()}
    seen["hub.log"] = clients.hub_log().encode()
    assert b'"kind":"capture"' in seen["what travelled"], "the journals were seen on their way"
    assert b"assess.noord" in traffic
    for secret in secrets:
        assert [name for name, data in seen.items() if secret.strip().encode() in data] == []


def _inside(namespace: str, folder: Path, **more: str) -> int:
    return subprocess.run(
        ["ip", "netns", "exec", namespace, sys.executable, "-m", "assessor", "run", "-q"],
        cwd=folder,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        check=False,
    ).returncode


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_a_worker_is_killed_and_comes_back(clients: Clients, sign: signal.Signals) -> None:
    gate = clients.networks.gates["n1"]
    before = _visits(clients)
    clients.start()
    gate.shut()
    with clients.running("--wait", "300") as hub:
        clients.until_visited("n1", before["n1"])
        assert clients.sites["noord"].kill(sign) == (-sign if sign is signal.SIGKILL else 0)
        gate.open()
        clients.start("noord")
        assert clients.ended(hub) in {0, 1}, clients.logs()
    clients.require_whole()
    after = _visits(clients)
    assert after["n1"] == before["n1"] + 2, "once before it was killed, and once again"
    assert after["z1"] == before["z1"] + 1
    assert after["z2"] == before["z2"] + 1


def test_who_said_all_before_a_worker_was_killed_is_not_asked_again(clients: Clients) -> None:
    clients.start()
    with clients.running("--wait", "300") as hub:
        assert clients.ended(hub) in {0, 1}, clients.logs()
    before = _visits(clients)
    noord = clients.sites["noord"]
    noord.kill()
    # As a kill -9 between a journal's end and the worker's word for it leaves them.
    entries = [path.parent for path in noord.folder.glob("spool/*/delivery.json")]
    journals = {path: path.read_bytes() for path in noord.folder.glob("spool/*/*/*.jsonl")}
    for entry in entries:
        for name in ("delivery.json", "sent"):
            (entry / name).unlink()

    clients.start("noord")
    until(lambda: all((entry / "sent").exists() for entry in entries), clients.logs)

    assert len(entries) == 2
    assert {path: path.read_bytes() for path in journals} == journals
    assert _visits(clients) == before


def test_the_broker_is_killed_and_comes_back(clients: Clients) -> None:
    before = _visits(clients)
    clients.start()
    for name in ("n1", "z1"):
        clients.networks.gates[name].shut()
    with clients.running("--wait", "500") as hub:
        clients.until_visited("n1", before["n1"])
        clients.until_visited("z1", before["z1"])
        clients.broker.kill()
        for name in ("n1", "z1"):
            clients.networks.gates[name].open()
        until(lambda: "the broker is not there" in clients.hub_log(), clients.logs)
        for site in clients.sites.values():
            site.until_said("waits for the broker")
        clients.broker.start()
        assert clients.ended(hub) in {0, 1}, clients.logs()
    clients.require_whole()
    assert _visits(clients) == {name: count + 1 for name, count in before.items()}


def test_the_link_is_cut_and_mended(clients: Clients) -> None:
    before = _visits(clients)
    clients.start()
    noord = clients.sites["noord"]
    clients.networks.gates["n1"].shut()
    with clients.running("--wait", "300") as hub:
        clients.until_visited("n1", before["n1"])
        noord.namespace.cut()
        mended_at = time.monotonic() + CUT_S
        try:
            clients.networks.gates["n1"].open()
            noord.until_said("waits for the broker")
            noord.until_said("the broker is not there")
            until(lambda: time.monotonic() > mended_at, clients.logs)
        finally:
            noord.namespace.mend()
        assert clients.ended(hub) in {0, 1}, clients.logs()
    clients.require_whole()
    assert _visits(clients) == {name: count + 1 for name, count in before.items()}


def test_a_worker_that_never_comes_is_missing_in_the_report(clients: Clients) -> None:
    done = clients.run("--wait", "4")
    assert done.returncode == 3, done.stderr
    assert "gave no answer within 4 s" in done.stderr
    assert "worker-silent" in (last_run(clients.folder) / "report.en.json").read_text()
    page = (last_run(clients.folder) / "report.en.html").read_text()
    assert "The worker in that network gave no answer in time." in page
    assert {place: said.split()[0] for place, said in clients.findings().items()} == {
        (name, "quick_check/patching"): "unknown" for name in ("n1", "n2", "z1", "z2")
    }
    assert report(clients.folder, "en")


def test_an_interrupted_run_is_finished_later(clients: Clients) -> None:
    before = _visits(clients)
    clients.start()
    gate = clients.networks.gates["n1"]
    gate.shut()
    with clients.running() as hub:
        clients.until_visited("n1", before["n1"])
        until(lambda: "[3/4]" in clients.hub_log(), clients.logs)
        hub.send_signal(signal.SIGINT)
        assert clients.ended(hub) == 130, clients.logs()
    gate.open()
    with clients.running("--resume") as hub:
        assert clients.ended(hub) in {0, 1}, clients.logs()
    clients.require_whole()
    assert _visits(clients) == {name: count + 1 for name, count in before.items()}


class _Evil:
    """Unpickled, it leaves a file behind."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self._path}",)


def test_what_is_not_ours_is_refused_and_harms_nothing(clients: Clients, tmp_path: Path) -> None:
    before = _visits(clients)
    clients.start()
    noord = clients.sites["noord"]
    plan = make_target_plan(replace(make_target("n1"), site="noord"), {"p": make_probe()})
    foreign = make_order(
        plan, "20261101T000000Z-0000", deadline_s=9.0, issued_at=datetime.now(UTC), valid=HOUR
    ).signed(SigningKey.new())
    ours = json.dumps([[foreign], {}, {"callbacks": None}]).encode()
    pickled = pickle.dumps([[_Evil(tmp_path / "marker")], {}, {}])
    headers: dict[str, object] = {
        "task": TASK,
        "id": "1",
        "lang": "py",
        "root_id": "1",
        "parent_id": None,
    }
    messages: list[tuple[bytes, str, dict[str, object]]] = [
        (pickled, "application/x-python-serialize", headers),
        (pickled, "application/x-python-serialize", {}),
        (pickled, CONTENT_TYPE, headers),
        (ours, "application/json", headers),
        (b"!!python/object/apply:os.system [id]", "application/x-yaml", headers),
        (b" " * (MOST_MESSAGE_BYTES + 1) + ours, CONTENT_TYPE, headers),
        (zlib.compress(ours), CONTENT_TYPE, {**headers, "compression": "application/x-gzip"}),
        (b"[" * 100_000, CONTENT_TYPE, headers),
        (b"\xff\xfe", CONTENT_TYPE, headers),
        (b"", CONTENT_TYPE, headers),
        (ours, CONTENT_TYPE, {**headers, "task": "os.system"}),
        (ours, CONTENT_TYPE, {}),
        (ours, CONTENT_TYPE, {**headers, "eta": "no time", "expires": "never"}),
        (ours, CONTENT_TYPE, headers),
        (ours.replace(b"payload", b"Payload"), CONTENT_TYPE, headers),
    ]
    settings = clients.broker.settings(noord.namespace.near)
    app = make_app(Broker(settings["url"], None, settings["ca_file"]), clients.broker.password)
    with app.connection_for_write() as connection:
        producer = connection.Producer()
        for number, (body, kind, given) in enumerate(messages, 1):
            producer.publish(
                body,
                exchange="",
                routing_key="assess.noord",
                content_type=kind,
                content_encoding="binary",
                headers=given,
            )
            noord.until_said("refused", number)
    if isinstance(clients.broker, LabRedis):
        # There a queue is a list, into which any bytes can be put past the library.
        clients.broker.push("assess.noord", "no message at all")
        noord.until_said("JSONDecodeError")
        noord.until_said("waiting for orders", 2)
    assert not (tmp_path / "marker").exists()
    assert "Traceback" not in noord.log.read_text()
    longest = max(noord.log.read_text().splitlines(), key=len)
    assert len(longest) < 200, "a refusal is one plain line without the message"

    with clients.running("--wait", "300") as hub:
        assert clients.ended(hub) in {0, 1}, clients.logs()
    clients.require_whole()

    # A copy of an order that was obeyed: its answer is handed over again, and nobody is asked.
    (spooled,) = [
        path.read_text()
        for path in noord.folder.glob("spool/*/order.json")
        if (path.parent / "observations" / "n1.jsonl").exists()
    ]
    handed = noord.said("handed over")
    app.send_task(TASK, args=[spooled], queue=order_queue("noord"), serializer=SERIALIZER)
    until(lambda: noord.said("handed over") == handed + 1, clients.logs)
    app.close()
    assert _visits(clients) == {name: count + 1 for name, count in before.items()}


def test_what_a_worker_may_not_do_stands_in_the_run(clients: Clients) -> None:
    before = _visits(clients)
    noord, zuid = clients.sites["noord"], clients.sites["zuid"]
    del noord.hosts["n2"]
    noord.write(
        clients.broker.settings(noord.namespace.near, "noord"),
        clients.folder / "hub.pub.pem",
        checks=clients.folder / "checks",
    )
    zuid.write(clients.broker.settings(zuid.namespace.near, "zuid"), clients.folder / "hub.pub.pem")
    noord.hosts["n2"] = clients.networks.hosts["noord"]["n2"]
    clients.start()

    with clients.running("--wait", "300") as hub:
        assert clients.ended(hub) == 3, clients.logs()

    clients.require_whole()
    assert "the worker at noord has no target of this name" in clients.hub_log()
    assert "the checks of the worker at zuid do not hold this question" in clients.hub_log()
    assert {place[0]: said.split()[0] for place, said in clients.findings().items()} == {
        "n1": "pass",
        "n2": "unknown",
        "z1": "unknown",
        "z2": "unknown",
    }
    assert _visits(clients) == {**before, "n1": before["n1"] + 1}


def test_a_broker_that_cannot_show_who_it_is_is_not_spoken_to(
    broker: LabBroker, tmp_path: Path
) -> None:
    def trouble(address: str, ca_file: Path | None, password: str = "") -> str:
        known = str(ca_file) if ca_file else ""
        there = Broker(broker.url(address, "hub"), ca_file=known)
        return try_broker(there, password or broker.password)

    assert trouble("127.0.0.1", broker.ca_file) == ""
    assert "its certificate is refused" in trouble("127.0.0.1", Pki(tmp_path).root_file)
    assert "its certificate is refused" in trouble("127.0.0.1", None)
    assert "Hostname mismatch" in trouble("localhost", broker.ca_file)
    refused = trouble("127.0.0.1", broker.ca_file, "wrong")
    assert "refuses the user" in refused
    assert "wrong" not in refused


def test_a_worker_ends_when_it_is_told_to(clients: Clients) -> None:
    clients.start("noord")
    assert clients.sites["noord"].kill(signal.SIGTERM) == 0
    checked = assess(
        clients.sites["noord"].folder,
        "worker",
        "--check",
        **clients.sites["noord"].environment(clients.broker.password),
    )
    assert checked.returncode == 0, checked.stderr
    assert clients.hub.spoken in checked.stderr
