"""Two machines within this machine, one for production and one for testing, and what they share."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from assessor.model.capture import Captured
from assessor.model.check import Captures, Parameters
from assessor.model.finding import Judgement, Outcome
from assessor.model.target import Platform, Role, Target, TransportKind
from tests.checks.namespace import Namespace, namespace
from tests.checks.realhost import RealHost, available_shells

NOW = datetime.now(UTC)
HOST = RealHost("environment_separation")
DATABASE = "198.18.7.5"  # RFC 2544: nobody's own network
_CONNECT = """
import socket, sys
address, own = sys.argv[1:]
server = socket.create_server((address, 5432))
client = socket.create_connection((address, 5432), source_address=(own, 0))
peer, _ = server.accept()
print("connected", flush=True)
client.recv(1)
"""


class Pair:
    """The two machines; what tells machines apart differs, until a test makes it equal."""

    def __init__(self, production: Namespace, test: Namespace) -> None:
        self.machines = {"shop": production, "shop-test": test}
        self.tags: dict[str, tuple[str, ...]] = {"shop": ("productie",), "shop-test": ("Test",)}
        for number, machine in enumerate(self.machines.values()):
            machine.empty("/etc/ssh", "/home", "/run")
            # Not empty: the Python that runs this may live there.
            machine.layer("/root")
            machine.run("rm", "-rf", "/root/.ssh")
            self.key(machine, "/etc/ssh/ssh_host_ed25519_key")
            machine.write("/run/machine-id", f"{number:032x}\n")
            machine.write("/run/boot_id", f"boot-{number}\n")
            machine.run("mount", "--bind", "/run/machine-id", "/etc/machine-id")
            machine.run("mount", "--bind", "/run/boot_id", "/proc/sys/kernel/random/boot_id")
            # A cable of which both ends are in the machine: what carries addresses of its own.
            machine.run("ip", "link", "add", "lan", "type", "veth", "peer", "name", "far")
            for end in ("lan", "far"):
                machine.run("ip", "link", "set", end, "up")
            machine.run("ip", "address", "add", f"198.18.{number}.2/24", "dev", "lan")

    @property
    def production(self) -> Namespace:
        return self.machines["shop"]

    @property
    def test(self) -> Namespace:
        return self.machines["shop-test"]

    @staticmethod
    def key(machine: Namespace, path: str) -> str:
        """A new key pair; its public half."""
        machine.run("mkdir", "-p", path.rpartition("/")[0])
        machine.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path)
        return machine.run("cat", f"{path}.pub").stdout

    def judged(self, user: str = "nobody", *, sudo: bool = True) -> Mapping[str, Judgement]:
        seen = {}
        for name, machine in self.machines.items():
            target = Target(
                name,
                Role.SERVER,
                TransportKind.LOCAL,
                Platform.LINUX,
                address=name,
                tags=self.tags[name],
            )
            answers = {"identity": ask(machine, "identity", user)}
            if sudo:
                answers["root_keys"] = ask(machine, "root_keys", None)
            seen[name] = HOST.check.observe(Captures(target, NOW, answers))
        assert HOST.check.compare is not None
        parameters = Parameters({name: info.default for name, info in HOST.info.parameters.items()})
        judged = {}
        for name, facts in HOST.check.compare(seen).items():
            (judged[name],) = HOST.check.evaluate(facts, parameters)
        return judged

    def both(
        self, outcome: Outcome, message: str, user: str = "nobody", *, sudo: bool = True
    ) -> Judgement:
        """The judgement on the one for production, after both were seen to be alike."""
        judged = self.judged(user, sudo=sudo)
        for name, judgement in judged.items():
            assert (judgement.outcome, judgement.message.id) == (outcome, message), name
            (other,) = self.machines.keys() - {name}
            assert judgement.message.facts["partners"] == (other,)
        return judged["shop"]


def ask(machine: Namespace, probe: str, user: str | None) -> Captured:
    return machine.ask(HOST, probe, user=user)


@pytest.fixture
def pair() -> Iterator[Pair]:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("openssh-client is not installed")
    with namespace() as production, namespace() as test:
        yield Pair(production, test)


def test_separate_machines_pass_until_they_share_a_host_key(pair: Pair) -> None:
    pair.both(Outcome.PASS, "nothing_shared")
    public = pair.production.run("cat", "/etc/ssh/ssh_host_ed25519_key.pub").stdout
    pair.test.write("/etc/ssh/ssh_host_ed25519_key.pub", public)
    pair.both(Outcome.FAIL, "same_host_key")


def test_a_key_to_root_on_both(pair: Pair) -> None:
    public = pair.key(pair.production, "/run/key")
    for machine in pair.machines.values():
        machine.write("/root/.ssh/authorized_keys", f'# old\nfrom="10.0.0.1" {public}', mode="600")
        machine.run("chmod", "700", "/root/.ssh", "/root")
    failed = pair.both(Outcome.FAIL, "same_key")
    assert failed.message.facts["things"] == ("root",)
    # Without rights it is not seen, and the finding says so.
    passed = pair.both(Outcome.PASS, "nothing_shared", sudo=False)
    assert "keys_unseen" in {advice.id for advice in passed.advice}
    pair.test.write("/root/.ssh/authorized_keys", f"# {public}", mode="600")
    pair.both(Outcome.PASS, "nothing_shared")


def test_two_ecdsa_keys_begin_alike_and_are_not_one(pair: Pair) -> None:
    for machine in pair.machines.values():
        machine.run("ssh-keygen", "-q", "-t", "ecdsa", "-N", "", "-f", "/run/key")
        machine.write("/root/.ssh/authorized_keys", machine.run("cat", "/run/key.pub").stdout)
        machine.run("chmod", "700", "/root")
    pair.both(Outcome.PASS, "nothing_shared")


def test_a_key_of_the_test_machine_opens_production(pair: Pair) -> None:
    public = pair.key(pair.test, "/home/deploy/.ssh/id_ed25519")
    pair.test.run("chmod", "755", "/home/deploy", "/home/deploy/.ssh")
    pair.production.write("/root/.ssh/authorized_keys", public, mode="600")
    pair.production.run("chmod", "700", "/root")
    failed = pair.both(Outcome.FAIL, "one_opens_other")
    assert failed.message.facts["things"] == ("deploy@shop-test → root@shop",)


def test_the_key_that_the_assessment_logs_in_with_is_left_out(pair: Pair) -> None:
    public = pair.key(pair.production, "/run/key")
    for machine in pair.machines.values():
        machine.write("/root/.ssh/authorized_keys", public, mode="600")
    pair.both(Outcome.PASS, "nothing_shared", user="root")


def test_one_machine_under_two_names(pair: Pair) -> None:
    pair.test.write("/run/machine-id", f"{0:032x}\n")
    passed = pair.both(Outcome.PASS, "nothing_shared")
    assert "cloned" in {advice.id for advice in passed.advice}
    pair.test.write("/run/boot_id", "boot-0\n")
    pair.both(Outcome.FAIL, "same_machine")
    pair.test.write("/run/machine-id", f"{7:032x}\n")
    passed = pair.both(Outcome.PASS, "nothing_shared")
    assert "same_kernel" in {advice.id for advice in passed.advice}


def connect(machine: Namespace, address: str, own: str) -> None:
    machine.run("ip", "address", "add", f"{address}/32", "dev", "lan")
    machine.start(sys.executable, "-c", _CONNECT, address, own, until="connected")


def test_a_database_that_both_use(pair: Pair) -> None:
    connect(pair.production, DATABASE, "198.18.0.2")
    pair.both(Outcome.PASS, "nothing_shared")
    connect(pair.test, DATABASE, "198.18.1.2")
    # 198.18.0.0/15 is private: two networks may both have it.
    doubt = pair.both(Outcome.UNKNOWN, "same_database_perhaps")
    assert doubt.message.facts["things"] == (f"{DATABASE}:5432",)


def test_a_database_at_a_public_address(pair: Pair) -> None:
    connect(pair.production, "9.9.9.9", "198.18.0.2")
    connect(pair.test, "9.9.9.9", "198.18.1.2")
    failed = pair.both(Outcome.FAIL, "same_database")
    assert failed.message.facts["things"] == ("9.9.9.9:5432",)


def test_a_shared_network_is_advised_against(pair: Pair) -> None:
    for number, machine in enumerate(pair.machines.values()):
        machine.run("ip", "address", "add", f"198.18.9.{number + 2}/24", "dev", "lan")
        machine.run("ip", "route", "add", "default", "via", "198.18.9.1")
        machine.run(
            *("ip", "neighbour", "add", "198.18.9.1", "dev", "lan"),
            *("lladdr", f"02:00:00:00:00:0{number}", "nud", "permanent"),
        )
    passed = pair.both(Outcome.PASS, "nothing_shared")
    assert "same_network" not in {advice.id for advice in passed.advice}
    pair.test.run(
        *("ip", "neighbour", "replace", "198.18.9.1", "dev", "lan"),
        *("lladdr", "02:00:00:00:00:00", "nud", "permanent"),
    )
    passed = pair.both(Outcome.PASS, "nothing_shared")
    (advice,) = (advice for advice in passed.advice if advice.id == "same_network")
    assert advice.facts["things"] == ("198.18.9.0/24",)


def test_tags_decide_what_is_compared(pair: Pair) -> None:
    def outcome(production: tuple[str, ...], test: tuple[str, ...]) -> tuple[str, str]:
        pair.tags = {"shop": production, "shop-test": test}
        judged = pair.judged()
        return judged["shop"].message.id, judged["shop-test"].message.id

    assert outcome((), ()) == ("nothing_tagged", "nothing_tagged")
    assert outcome(("production",), ()) == ("no_test_tagged", "not_tagged")
    assert outcome((), ("ontwikkeling",)) == ("not_tagged", "no_production_tagged")
    assert outcome(("prod", "test"), ("dev",)) == ("tagged_both", "nothing_shared")


@pytest.mark.parametrize("shell", available_shells(), ids=lambda words: words[0])
def test_script_ends_with_its_count_in_every_shell(pair: Pair, shell: tuple[str, ...]) -> None:
    answer = pair.production.ask(HOST, "identity", shell=shell)
    lines = answer.stdout.splitlines()
    assert lines[-2:] == ["complete", f"end {len(lines) - 1}"]
    assert answer.stderr == ""
    assert any(line.startswith("host_key host AAAA") for line in lines)


def test_a_machine_without_a_host_key_cannot_be_compared(pair: Pair) -> None:
    pair.production.run("rm", "/etc/ssh/ssh_host_ed25519_key.pub")
    judged = pair.judged()
    assert judged["shop"].message.id == "too_little_seen"
    assert judged["shop-test"].message.id == "partner_not_observed"
