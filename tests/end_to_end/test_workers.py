"""``assess run --engine celery`` with real brokers over TLS and workers in networks of their own.

The hub cannot reach the hosts; a worker reaches its own hosts and the broker, nothing else.
The link is cut for longer than two heartbeats (10 s each), until the worker says that it lost it.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.assess import assess, environment, last_run, report
from tests.end_to_end.workers import Clients, Networks, make_networks, outcomes
from tests.lab.brokers import LabBroker, make_broker
from tests.lab.pki import Pki
from tests.lab.sites import until
from tests.lab.sshd import SshLab

pytestmark = pytest.mark.timeout(600)


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
    addresses = (networks.noord.near, networks.zuid.near)
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
    clients.stop()


def _visits(clients: Clients) -> dict[str, int]:
    return {name: gate.visits for name, gate in clients.networks.gates.items()}


def test_what_workers_collect_is_what_would_have_been_collected_here(
    clients: Clients, ssh_lab: SshLab
) -> None:
    clients.near("near", ssh_lab.host("dash"))
    clients.write(profile="mkb")
    clients.start()
    with clients.running("--wait", "300") as hub:
        code = clients.ended(hub)
    assert code in {0, 1, 3}, clients.logs()
    clients.require_whole()
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
        done = _inside(site.namespace.name, inside, SITE_SUDO=site.environment("")["SITE_SUDO"])
        assert done in {0, 1, 3}
        here = outcomes(last_run(inside))
        assert here
        assert {place: found[place] for place in here} == here


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


def test_a_worker_is_killed_and_comes_back(clients: Clients) -> None:
    gate = clients.networks.gates["n1"]
    before = _visits(clients)
    clients.start()
    gate.shut()
    with clients.running("--wait", "300") as hub:
        clients.until_visited("n1", before["n1"])
        clients.sites["noord"].kill()
        gate.open()
        clients.start("noord")
        assert clients.ended(hub) in {0, 1}, clients.logs()
    clients.require_whole()
    after = _visits(clients)
    assert after["n1"] == before["n1"] + 2, "once before it was killed, and once again"
    assert after["z1"] == before["z1"] + 1
    assert after["z2"] == before["z2"] + 1


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
        try:
            clients.networks.gates["n1"].open()
            noord.until_said("waits for the broker")
            noord.until_said("the broker is not there")
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
