"""How long does a large FortiOS configuration take to redact, to read, and to judge?

Run it in a checkout::

    .venv/bin/python benchmarks/fortios.py                 # 50,000 lines, seed 1, 5 rounds
    .venv/bin/python benchmarks/fortios.py --lines 200000 --seed 7 --rounds 3

A configuration is made from the seed: interfaces, addresses, services, port forwards, policies in
several domains' worth of detail, and what real exports have besides. The best of the rounds counts.
It prints seconds, and how often the time of splitting the same lines into words each step takes,
and ends with 1 when reading and judging 50,000 lines take more than 2 seconds together.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent))

from assessor import bundled  # noqa: E402
from assessor.catalogue.loader import load  # noqa: E402
from assessor.catalogue.manifest import read_check  # noqa: E402
from assessor.devices.answers import FILE, joined  # noqa: E402
from assessor.devices.reading import read_device  # noqa: E402
from assessor.evidence.redact import Redactor, device_rules  # noqa: E402
from assessor.model.capture import Captured  # noqa: E402
from assessor.model.check import Captures, Check, CheckInfo, Parameters  # noqa: E402
from assessor.model.target import (  # noqa: E402
    DeviceOs,
    Platform,
    Role,
    Target,
    TransportKind,
)

BAR_S, BAR_LINES = 2.0, 50_000
_WHEN = datetime(2026, 11, 20, 9, tzinfo=UTC)
_HEAD = """#config-version=FGT60F-7.4.11-FW-build2878-260126:opmode=0:vdom=0:user=admin
config system global
    set hostname "FGT-BENCH"
end
config system admin
    edit "admin"
        set accprofile "super_admin"
        set vdom "root"
        set two-factor fortitoken
        set password ENC SH2pQ7vT3mZk9rWb1xLcY6nHd2sGfJ8uEaC5oVi0=
    next
end
"""


def configuration(lines: int, seed: int) -> str:
    """A configuration of about ``lines`` lines, the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - a benchmark, not a secret
    parts = [_HEAD, *_interfaces(60), *_objects(dice, lines // 25), "config firewall policy\n"]
    count = sum(part.count("\n") for part in parts)
    number = 0
    while count < lines:
        number += 1
        part = _policy(dice, number, lines // 25)
        parts.append(part)
        count += part.count("\n")
    return "".join([*parts, "end\n"])


def _interfaces(count: int) -> Iterator[str]:
    yield "config system interface\n"
    yield '    edit "wan1"\n        set vdom "root"\n        set mode dhcp\n'
    yield "        set role wan\n    next\n"
    for number in range(count):
        yield (
            f'    edit "vlan{number}"\n        set vdom "root"\n'
            f"        set ip 10.{number}.0.1 255.255.255.0\n"
            "        set allowaccess ping https ssh\n        set role lan\n"
            f'        set interface "internal"\n        set vlanid {number + 2}\n    next\n'
        )
    yield "end\n"


def _objects(dice: random.Random, count: int) -> Iterator[str]:
    yield 'config firewall address\n    edit "all"\n    next\n'
    for number in range(count):
        address = f"10.{dice.randrange(60)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
        yield f'    edit "host-{number}"\n        set subnet {address} 255.255.255.255\n    next\n'
    yield "end\nconfig firewall addrgrp\n"
    for number in range(count // 20):
        members = " ".join(f'"host-{dice.randrange(count)}"' for _ in range(12))
        yield f'    edit "group-{number}"\n        set member {members}\n    next\n'
    yield "end\nconfig firewall service custom\n"
    yield '    edit "ALL"\n        set protocol IP\n    next\n'
    for number in range(count // 10):
        yield f'    edit "svc-{number}"\n        set tcp-portrange {number + 1000}\n    next\n'
    yield "end\nconfig firewall vip\n"
    for number in range(count // 10):
        yield (
            f'    edit "vip-{number}"\n        set mappedip "198.51.100.{number % 250 + 1}"\n'
            f'        set extintf "wan1"\n        set portforward enable\n'
            f"        set extport {number + 1000}\n"
            f"        set mappedport {number + 1000}\n    next\n"
        )
    yield "end\nconfig user local\n"
    for number in range(count // 10):
        secret = "".join(dice.choices("abcdefghABCDEFGH0123456789+/", k=64))
        yield f'    edit "user-{number}"\n        set type password\n'
        yield f"        set passwd ENC {secret}==\n    next\n"
    yield "end\n"


def _policy(dice: random.Random, number: int, hosts: int) -> str:
    if dice.random() < 0.1:
        source, target = "wan1", f"vlan{dice.randrange(60)}"
        to = f"vip-{dice.randrange(max(1, hosts // 10))}"
    else:
        source, target = f"vlan{dice.randrange(60)}", dice.choice(["wan1", "vlan3", "any"])
        to = f"host-{dice.randrange(hosts)}"
    action = "" if dice.random() < 0.1 else "        set action accept\n"
    return (
        f'    edit {number}\n        set name "regel {number}"\n'
        f"        set uuid 2372eb5c-832b-51ea-dbda-{number:012d}\n"
        f'        set srcintf "{source}"\n        set dstintf "{target}"\n{action}'
        f'        set srcaddr "group-{dice.randrange(max(1, hosts // 20))}"\n'
        f'        set dstaddr "{to}"\n        set schedule "always"\n'
        f'        set service "svc-{dice.randrange(max(1, hosts // 10))}"\n'
        "        set utm-status enable\n        set logtraffic all\n"
        f'        set comments "aangevraagd door \\"ICT\\", melding {number}"\n    next\n'
    )


def _checks() -> list[tuple[CheckInfo, Check[object]]]:
    paths = sorted(bundled.folder("checks").glob("*/check.yaml"))
    infos = [read_check(path.parent, "bundled") for path in paths]
    return [(info, load(info)) for info in infos if Platform.DEVICE in info.probes]


def _judge(text: str, checks: list[tuple[CheckInfo, Check[object]]]) -> int:
    """Reads once and judges by all checks; how many judgements came of it."""
    read_device.cache_clear()
    target = Target(
        "fw", Role.ROUTER, TransportKind.SSH, Platform.DEVICE, "192.0.2.1", device=DeviceOs.FORTIOS
    )
    captured = {"configuration": Captured("configuration", text, "", 0, _WHEN)}
    captures = Captures(target, _WHEN, captured)
    count = 0
    for info, check in checks:
        if Role.ROUTER in info.roles:
            parameters = Parameters({key: one.default for key, one in info.parameters.items()})
            count += len(list(check.evaluate(check.observe(captures), parameters)))
    return count


def _read(text: str) -> None:
    read_device.cache_clear()
    read_device(DeviceOs.FORTIOS, text)


def _best(rounds: int, work: Callable[[], object]) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=BAR_LINES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    raw = joined([(FILE, configuration(options.lines, options.seed))])
    redactor = Redactor(b"the key of this benchmark", device_rules(), classes=True)
    text = redactor.redact(raw).text
    checks = _checks()
    split = _best(options.rounds, lambda: [line.split() for line in text.split("\n")])
    steps = {
        "redact": _best(options.rounds, lambda: redactor.redact(raw)),
        "read": _best(options.rounds, lambda: _read(text)),
        "read and judge": _best(options.rounds, lambda: _judge(text, checks)),
    }
    count = text.count("\n")
    print(f"{count} lines, {len(text)} characters; splitting them into words: {split:.3f} s")
    for name, seconds in steps.items():
        print(f"{name:15} {seconds:.3f} s  {seconds / split:6.1f} times the splitting")
    bar = BAR_S * max(1.0, count / BAR_LINES)
    return 0 if steps["read and judge"] <= bar else 1


if __name__ == "__main__":
    sys.exit(main())
