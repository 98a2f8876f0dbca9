"""A small internet of names: an own root, a top-level domain and zones below it, really served.

::

    with dns_lab(folder, [Zone("good.example", "@ A 192.0.2.1")]) as lab:
        lab.resolver         # "127.64.4.53": unbound, which looks names up from the lab's root
        lab.trust_anchor     # a DS record of that root

Knot serves all zones; ``ldns-signzone`` signs them, so that nothing of what is tested has made the
signatures. ``lab.validating`` is an unbound that validates from the same root: another opinion.
Port 53 needs root. A caller whose machine lacks a program gets ``pytest.skip``.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

import pytest

from assessor.collect.transports.base import Deadline
from assessor.collect.transports.network import NetworkTransport
from assessor.model.check import Probe, ProbeKind
from assessor.model.plan import PlannedProbe
from assessor.model.target import Platform, Role, Target, TransportKind
from tests.lab.accounts import run

_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_PACKAGES = {
    "knotd": "knot",
    "unbound": "unbound",
    "ldns-signzone": "ldnsutils",
    "ldns-keygen": "ldnsutils",
    "ldns-key2ds": "ldnsutils",
}
_NETS = itertools.count()
_READY_S = 20.0
DAY = timedelta(days=1)
TLD = "example"


class Signing(Enum):
    """How a zone is signed, and how its parent vouches for it."""

    NONE = "not at all"
    GOOD = "signed, with a DS in the parent"
    NO_DS = "signed, but the parent has no DS"
    WRONG_DS = "signed, with the DS of another key in the parent"
    ALTERED = "an address was changed after signing"
    STRIPPED = "the signatures over addresses were taken out after signing"


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone below the top-level domain.

    Attributes:
        name: its apex, such as ``good.example``.
        records: lines of a zone file, besides SOA and NS.
        signing: how it is signed.
        algorithm: as ``ldns-keygen`` calls it.
        bits: of RSA keys.
        nsec3: whether names are hashed in proofs that something does not exist.
        iterations: how often they are hashed again.
        opt_out: unsigned zones below are left out of the proofs, as most top-level domains do.
        begins: the first moment of its signatures, from now.
        ends: the last moment of its signatures, from now.
        servers: addresses of its name servers, beside which it needs no records for them.
    """

    name: str
    records: str = ""
    signing: Signing = Signing.GOOD
    algorithm: str = "ECDSAP256SHA256"
    bits: int = 2048
    nsec3: bool = False
    iterations: int = 1
    opt_out: bool = False
    begins: timedelta = -2 * DAY
    ends: timedelta = 30 * DAY
    servers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DnsLab:
    """A running lab.

    Attributes:
        net: the first three numbers of its addresses.
        resolver: address of the resolver that validates nothing.
        validating: address of the one that does.
        trust_anchor: the root's DS record.
    """

    net: str
    resolver: str
    validating: str
    trust_anchor: str

    @property
    def options(self) -> dict[str, object]:
        """A target's options that make it look here."""
        return {"resolver": self.resolver, "trust_anchor": self.trust_anchor}


def lab_net() -> str:
    """The first three numbers of loopback addresses that nobody else has; others at each call."""
    return f"127.{64 + next(_NETS) % 64}.{os.getpid() % 250 + 1}"


def elsewhere(net: str) -> str:
    """A second address of the lab's name server, in another network than the first."""
    _, second, third = net.split(".")
    return f"127.{int(second) + 64}.{third}.1"


def ask(
    options: Mapping[str, object],
    domain: str,
    request: Mapping[str, object],
    *,
    role: Role = Role.MAIL_DOMAIN,
    transport: NetworkTransport | None = None,
    timeout_s: int = 60,
) -> str:
    """The answer of the network transport to a question about ``domain``."""
    target = Target(
        name="target",
        role=role,
        transport=TransportKind.NETWORK,
        platform=Platform.NETWORK,
        address=domain,
        options=options,
    )
    probe = Probe("probe", ProbeKind.REQUEST, json.dumps(request), timeout_s=timeout_s)
    transport = transport or NetworkTransport()
    return transport.answer(target, PlannedProbe("key", probe), Deadline.after(timeout_s + 5))


def require_dns() -> None:
    """Skips the test where the programs or the rights for a lab are missing."""
    for program, package in _PACKAGES.items():
        if shutil.which(program, path=_PATH) is None:
            pytest.skip(f"needs {program} (Debian package {package})")
    if os.geteuid() != 0:
        pytest.skip("needs root, for port 53")


@contextmanager
def dns_lab(folder: Path, zones: Sequence[Zone], net: str = "") -> Iterator[DnsLab]:
    """Serves ``zones`` from the lab's root on until the block ends; ``folder`` holds the files."""
    require_dns()
    net = net or lab_net()
    signer = _Signer(folder, f"{net}.1")
    signer.publish_all([*zones, Zone(TLD, nsec3=True, opt_out=True), Zone(".")])
    anchor = signer.ds(".")
    lab = DnsLab(net, f"{net}.53", f"{net}.54", anchor)
    with ExitStack() as running:
        names = [".", TLD, *(zone.name for zone in zones)]
        running.enter_context(_knot(folder, (f"{net}.1", elsewhere(net)), names))
        for address, anchored in ((lab.resolver, ""), (lab.validating, anchor)):
            running.enter_context(_unbound(folder, address, f"{net}.1", anchored))
        yield lab


class _Signer:
    """Writes zone files and signs them."""

    def __init__(self, folder: Path, server: str) -> None:
        self._folder = folder
        self._server = server
        self._keys: dict[str, list[str]] = {}

    def publish_all(self, zones: Sequence[Zone]) -> None:
        """Publishes each zone, with what it says of those below it; the deepest first."""
        below: dict[str, str] = {}
        names = [zone.name for zone in zones]
        for zone in sorted(zones, key=lambda one: _depth(one.name), reverse=True):
            records = zone.records + below.get(zone.name, "")
            delegation = self.publish(replace(zone, records=records))
            above = zone.name
            while above and above != ".":
                above = above.partition(".")[2] or "."
                if above in names:
                    below[above] = below.get(above, "\n") + delegation
                    break

    def publish(self, zone: Zone) -> str:
        """Writes the zone's file; gives the records that its parent has of it."""
        apex = _dotted(zone.name)
        inside = "ns" if apex == "." else f"ns.{apex}"
        servers = zone.servers or (self._server,)
        lines = [
            f"$ORIGIN {apex}",
            "$TTL 300",
            f"@ SOA {_dotted(inside)} hostmaster.example. 1 3600 600 86400 300",
        ]
        glue = []
        for position, server in enumerate(servers):
            name = _dotted(inside if position == 0 else f"ns{position}.{apex}")
            lines += [f"@ NS {name}", f"{name} A {server}"]
            glue += [f"{apex} NS {name}", f"{name} A {server}"]
        plain = self._folder / f"{_file(zone.name)}.plain"
        plain.write_text("\n".join([*lines, zone.records, ""]), encoding="ascii")
        served = self._folder / f"{_file(zone.name)}.zone"
        if zone.signing is Signing.NONE:
            shutil.copy(plain, served)
        else:
            self._sign(zone, plain, served)
            if zone.signing is not Signing.NO_DS and apex != ".":
                glue.append(self._ds_for_parent(zone))
        return "\n".join([*glue, ""])

    def ds(self, zone: str) -> str:
        """The DS record of the zone's entry key."""
        return _one_line(run(_where("ldns-key2ds"), "-n", "-2", f"{self._keys[zone][0]}.key"))

    def _ds_for_parent(self, zone: Zone) -> str:
        if zone.signing is Signing.WRONG_DS:
            self._keys[zone.name] = self._make_keys(zone)
        return self.ds(zone.name)

    def _make_keys(self, zone: Zone) -> list[str]:
        base = [_where("ldns-keygen"), "-a", zone.algorithm, "-r", "/dev/urandom"]
        if zone.algorithm.startswith("RSA"):
            base += ["-b", str(zone.bits)]
        return [
            str(self._folder / run_in(self._folder, *base, *more, zone.name).strip())
            for more in (("-k",), ())
        ]

    def _sign(self, zone: Zone, plain: Path, served: Path) -> None:
        self._keys[zone.name] = self._make_keys(zone)
        more = ["-n", "-s", "aabb", "-t", str(zone.iterations)] if zone.nsec3 else []
        more += ["-p"] if zone.opt_out else []
        run(
            _where("ldns-signzone"),
            *("-i", _stamp(zone.begins), "-e", _stamp(zone.ends)),
            *("-o", _dotted(zone.name), "-f", str(served)),
            *more,
            str(plain),
            *self._keys[zone.name],
        )
        text = served.read_text(encoding="ascii")
        if zone.signing is Signing.ALTERED:
            assert "192.0.2.1" in text
            text = text.replace("192.0.2.1", "192.0.2.99")
        if zone.signing is Signing.STRIPPED:
            kept = [line for line in text.splitlines() if "\tRRSIG\tA " not in line]
            assert len(kept) < len(text.splitlines())
            text = "\n".join([*kept, ""])
        served.write_text(text, encoding="ascii")


@contextmanager
def _knot(folder: Path, addresses: Sequence[str], names: Sequence[str]) -> Iterator[None]:
    state = folder / "knot"
    state.mkdir()
    zones = "".join(
        f"  - domain: {_dotted(name)}\n    file: {folder}/{_file(name)}.zone\n" for name in names
    )
    config = folder / "knot.conf"
    config.write_text(
        f"""server:
    rundir: {state}
    listen: [{", ".join(f"{address}@53" for address in addresses)}]
    pidfile: {state}/pid
database:
    storage: {state}
log:
  - target: stderr
    any: warning
template:
  - id: default
    storage: {state}
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
zone:
{zones}""",
        encoding="ascii",
    )
    with running([_where("knotd"), "-c", str(config)], folder / "knot.log", addresses[0], 53):
        yield


@contextmanager
def _unbound(folder: Path, address: str, root: str, anchor: str) -> Iterator[None]:
    hints = folder / "hints"
    hints.write_text(f". 3600 NS ns.\nns. 3600 A {root}\n", encoding="ascii")
    anchored = f'trust-anchor: "{anchor}"' if anchor else 'module-config: "iterator"'
    config = folder / f"unbound-{address}.conf"
    config.write_text(
        f"""server:
    interface: {address}
    do-ip6: no
    do-daemonize: no
    use-syslog: no
    logfile: ""
    verbosity: 1
    chroot: ""
    username: ""
    directory: "{folder}"
    pidfile: ""
    root-hints: "{hints}"
    {anchored}
    do-not-query-localhost: no
    access-control: 127.0.0.0/8 allow
    num-threads: 1
    trust-anchor-signaling: no
    root-key-sentinel: no
    val-clean-additional: no
    local-zone: "example." nodefault
remote-control:
    control-enable: no
""",
        encoding="ascii",
    )
    log = folder / f"unbound-{address}.log"
    with running([_where("unbound"), "-d", "-c", str(config)], log, address, 53):
        yield


@contextmanager
def running(words: Sequence[str], log: Path, address: str, port: int) -> Iterator[None]:
    """Runs a server until the block ends; it is ready when it takes a connection."""
    with (
        log.open("wb") as out,
        subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            _await(process, log, address, port)
            yield
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()


def _await(process: subprocess.Popen[bytes], log: Path, address: str, port: int) -> None:
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection((address, port), 1).close()
        except OSError:
            try:
                process.wait(0.02)  # between two tries; a server that ends tells it at once
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"{process.args!r} ended: {log.read_text()}") from None
        else:
            return
    raise RuntimeError(f"nothing takes connections on {address}, port {port}: {log.read_text()}")


def run_in(folder: Path, *words: str) -> str:
    """As ``run``, for a program that writes into the folder it is started in."""
    done = subprocess.run(
        words, cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def _where(program: str) -> str:
    found = shutil.which(program, path=_PATH)
    assert found is not None, program
    return found


def _stamp(offset: timedelta) -> str:
    return (datetime.now(UTC) + offset).strftime("%Y%m%d%H%M%S")


def _dotted(name: str) -> str:
    return name if name.endswith(".") else f"{name}."


def _depth(name: str) -> int:
    return len([label for label in name.split(".") if label])


def _file(name: str) -> str:
    return name.strip(".") or "root"


def _one_line(text: str) -> str:
    return " ".join(text.split())
