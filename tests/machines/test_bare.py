"""A system with busybox and nothing else, read-only: no systemd, no package manager, no bash.

Whatever a check asks there, it must come to "unknown" or to what is true. In such a root nothing is
protected, so a pass would be wrong, but for what really holds there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor import bundled
from assessor.catalogue.loader import load
from assessor.catalogue.manifest import read_check
from assessor.collect.shell.frames import FrameReader
from assessor.collect.shell.script import Mark, render
from assessor.collect.transports.base import Deadline
from assessor.collect.transports.local import LocalTransport
from assessor.model.capture import Capture, Captured
from assessor.model.check import Captures, Parameters
from assessor.model.finding import Judgement, Outcome
from assessor.model.profile import Profile
from assessor.model.target import Platform, Privilege, Role, Target, TransportKind
from assessor.plan.planner import make_plan

ACCOUNT = 1000
FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nassess:x:1000:1000::/tmp:/bin/sh\n",
    "etc/group": "root:x:0:\nassess:x:1000:\n",
    "etc/os-release": 'NAME="Bare"\nID=bare\nVERSION_ID=1\n',
}
ENTER = """
mount --make-rprivate /
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --bind /dev/null "$1/dev/null"
mount -o remount,bind,ro "$1"
exec chroot --userspec="$2:$2" "$1" /bin/sh
"""
INFOS = {
    folder.parent.name: read_check(folder.parent, "bundled")
    for folder in sorted(bundled.folder("checks").glob("*/check.yaml"))
}
TRUE_OF_IT = {
    # There is nothing that could send, take or keep anything.
    "database-rights", "web-hardening", "mail-encryption",
}  # fmt: skip


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The system's root."""
    busybox = shutil.which("busybox")
    if (
        busybox is None
        or b"statically linked"
        not in subprocess.run(["file", "-L", busybox], capture_output=True, check=False).stdout
    ):
        pytest.skip("needs a static busybox (Debian packages busybox-static and file)")
    if os.geteuid() != 0:
        pytest.skip("needs root")
    made = tmp_path_factory.mktemp("bare")
    made.chmod(0o755)
    for name in ("bin", "sbin", "usr/bin", "usr/sbin", "etc", "proc", "dev", "tmp", "root"):
        (made / name).mkdir(parents=True)
    shutil.copy(busybox, made / "bin/busybox")
    subprocess.run(["chroot", made, "/bin/busybox", "--install", "-s"], check=True)
    (made / "dev/null").touch()
    for name, text in FILES.items():
        (made / name).write_text(text)
    return made


@pytest.fixture(scope="module", params=[ACCOUNT, 0], ids=["account", "root"])
def judged(request: pytest.FixtureRequest, root: Path) -> Mapping[str, Judgement]:
    """What every check says of it, as an ordinary account and as root."""
    target = Target(
        "bare",
        Role.SERVER,
        TransportKind.LOCAL,
        Platform.LINUX,
        "localhost",
        privilege=Privilege.NONE,
    )
    profile = Profile("p", {}, {check: {} for check in INFOS}, ())
    (plan,) = make_plan([target], profile, INFOS).targets
    shell = ["unshare", "--mount", "--pid", "--fork", "sh", "-euc", ENTER, "sh", root]
    captures: dict[str, Capture] = {}
    mark = Mark.random()
    reader = FrameReader(
        plan.probes,
        mark,
        lambda *kept: captures.update((capture.probe, capture) for capture in kept),
        system="Linux",
        user="assess",
    )
    LocalTransport(threading.Event(), [*map(str, shell), str(request.param)]).run(
        target,
        [render(plan.probes, mark, sudo=False, password=None)],
        reader,
        Deadline.after(100),
    )
    reader.close(None)
    assert all(isinstance(each, Captured) for each in captures.values() if request.param == 0)
    found: dict[str, Judgement] = {}
    for planned in plan.checks:
        check = load(INFOS[planned.check])
        own = {name: captures[key] for name, key in planned.keys.items()}
        observed = check.observe(Captures(target, datetime.now(UTC), own, 0.0))
        for judgement in check.evaluate(observed, Parameters(planned.parameters)):
            found[f"{planned.check} {judgement.measure}"] = judgement
    return found


def test_nothing_passes_that_is_not_so(judged: Mapping[str, Judgement]) -> None:
    assert len(judged) > 20
    passed = {
        name: judgement.message.id
        for name, judgement in judged.items()
        if judgement.outcome is Outcome.PASS and judgement.measure not in TRUE_OF_IT
    }
    assert passed == {}


def test_nothing_is_seen_that_is_not_there(judged: Mapping[str, Judgement]) -> None:
    for name in ("disk_encryption disk-encryption", "backups backup", "security_updates patching"):
        assert judged[name].outcome is Outcome.UNKNOWN, judged[name]
