"""Real modprobe, modprobe.d and USBGuard settings, on a machine whose /sys is laid out by hand."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from assessor.model.capture import Captured
from assessor.model.finding import Judgement, Outcome
from tests.checks.ownroot import NOW, OwnRoot
from tests.checks.realhost import available_shells, needs_replacing

MEASURE = "interface-lock"
STORAGE_ALIAS = "usb:v0781p5567d0100dc00dsc00dp00ic08isc06ip50in00"
UAS_ALIAS = "usb:v0781p5567d0100dc00dsc00dp00ic08isc06ip62in00"
MODULES = {
    "usb-storage": ("usb:v*p*d*dc*dsc*dp*ic08isc06ip50in*", ""),
    "uas": ("usb:v*p*d*dc*dsc*dp*ic08isc06ip62in*", "usb-storage"),
    "firewire-ohci": ("pci:v*d*sv*sd*bc0Csc00i10*", ""),
}

pytestmark = needs_replacing


class Machine(OwnRoot):
    """A machine with its own /etc, /sys and kernel modules."""

    def __init__(self, root: Path) -> None:
        super().__init__("external_interfaces", root, {"modules": "usr/lib/modules"})
        (self.sys / "bus/pci/devices").mkdir(parents=True)
        (self.sys / "bus/platform").mkdir()
        (self.sys / "module").mkdir()
        self.release = os.uname().release

    @property
    def sys(self) -> Path:
        """Its /sys."""
        return self.root / "sys"

    def usb(self, *authorized: str) -> Machine:
        """Gives it a USB controller for each value of ``authorized_default``."""
        for number, value in enumerate(authorized, 1):
            hub = self.sys / f"bus/usb/devices/usb{number}"
            hub.mkdir(parents=True)
            (hub / "authorized_default").write_text(f"{value}\n")
            self.controller(f"0000:00:1{number}.0", "0x0c0330")
        return self

    def controller(self, place: str, code: str) -> Machine:
        """Puts a device of class ``code`` on its PCI bus."""
        folder = self.sys / "bus/pci/devices" / place
        folder.mkdir()
        (folder / "class").write_text(f"{code}\n")
        return self

    def setting(self, name: str, text: str) -> Machine:
        """A file of modprobe.d."""
        self.write(f"etc/modprobe.d/{name}", text)
        return self

    def loaded(self, *names: str) -> Machine:
        """Kernel modules that are loaded."""
        for name in names:
            (self.sys / "module" / name).mkdir()
        return self

    def kernel(self, *names: str, built_in: str = "") -> Machine:
        """Modules on disk, with real aliases and dependencies, listed by the real depmod."""
        if shutil.which("as") is None or shutil.which("depmod") is None:
            pytest.skip("needs the Debian packages binutils and kmod")
        folder = self.root / "modules" / self.release
        (folder / "kernel").mkdir(parents=True)
        (folder / "modules.order").write_text("")
        (folder / "modules.builtin").write_text(built_in)
        for name in names:
            alias, needs = MODULES[name]
            source = (
                f'.section .modinfo\n.asciz "alias={alias}"\n.asciz "license=GPL"\n'
                f'.section __ksymtab_strings,"a"\n.asciz "of_{name}"\n'
            )
            if needs:  # depmod goes by the names that a module uses
                source += f'.data\n.quad "of_{needs}"\n'
            target = folder / "kernel" / f"{name}.ko"
            subprocess.run(["as", "-o", target, "-"], input=source, text=True, check=True)
        order = "".join(f"kernel/{name}.ko\n" for name in names)
        (folder / "modules.order").write_text(order)
        done = self.command("depmod", self.release)
        assert done.returncode == 0, done.stderr
        return self

    def judge(self, *more: Captured) -> Judgement:
        """The judgement of what the script sees, with other answers beside it."""
        return self.host.judge(self.look("interfaces"), *more, at=NOW)[MEASURE]

    def loads(self, alias: str) -> str:
        """What the real modprobe would do for a device that is plugged in."""
        done = self.command("modprobe", "--use-blacklist", "--dry-run", "--verbose", alias)
        return done.stdout.strip()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "root")


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[None]:
    """A process with the name of USBGuard's daemon; it sleeps."""
    sleep = shutil.which("sleep")
    assert sleep is not None
    program = tmp_path / "usbguard-daemon"
    shutil.copy(sleep, program)
    process = subprocess.Popen([program, "300"])
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _usbguard(machine: Machine, rules: str = "", **settings: str) -> Machine:
    """USBGuard's settings as Debian's package brings them, with some values changed."""
    packaged = Path("/etc/usbguard/usbguard-daemon.conf")
    if not packaged.is_file() or shutil.which("usbguard-rule-parser") is None:
        pytest.skip("needs the Debian package usbguard")
    for rule in rules.splitlines():
        parsed = subprocess.run(
            ["usbguard-rule-parser", rule], capture_output=True, text=True, check=False
        )
        assert parsed.returncode == 0, parsed.stderr
    folder = machine.root / "etc/usbguard"
    (folder / "rules.d").mkdir(parents=True)
    text = packaged.read_text()
    for name, value in settings.items():
        lines = [f"{name}={value}" if s.startswith(f"{name}=") else s for s in text.splitlines()]
        text = "\n".join(lines) + "\n"
    (folder / "usbguard-daemon.conf").write_text(text)
    (folder / "usbguard-daemon.conf").chmod(0o600)
    (folder / "rules.conf").write_text(rules)
    return machine


def _as_root(machine: Machine) -> tuple[Captured, Captured]:
    return machine.ask("usbguard_settings"), machine.ask("usbguard_counts")


def test_a_machine_without_usb(machine: Machine) -> None:
    judged = machine.judge()
    assert (judged.outcome, judged.message.id) == (Outcome.NOT_APPLICABLE, "no_usb")


def test_without_sys_nothing_is_said(machine: Machine) -> None:
    shutil.rmtree(machine.sys)
    machine.sys.mkdir()
    judged = machine.judge()
    assert (judged.outcome, judged.message.id) == (Outcome.UNKNOWN, "sys_unseen")


def test_a_container(machine: Machine) -> None:
    (machine.root / "run/.containerenv").touch()
    judged = machine.usb("1").judge()
    assert (judged.outcome, judged.message.id) == (Outcome.NOT_APPLICABLE, "container")


def test_a_controller_whose_driver_is_not_loaded_counts(machine: Machine) -> None:
    machine.controller("0000:00:1d.0", "0x0c0330").kernel("usb-storage", "uas")
    judged = machine.judge()
    assert (judged.outcome, judged.message.id) == (Outcome.FAIL, "open")


@pytest.mark.parametrize(
    ("text", "message", "stick", "disk"),
    [
        ("", "open", True, True),
        ("install usb-storage /bin/false\n", "driver_blocked", False, False),
        ("install usb_storage /bin/true\nblacklist usb-storage\n", "driver_blocked", False, False),
        ("blacklist usb-storage\n", "pulled_in", False, True),
        ("blacklist usb-storage\nblacklist uas\n", "driver_unlisted", False, False),
        ("# install usb-storage /bin/false\n", "open", True, True),
        ("install usb-storage /sbin/modprobe --ignore-install usb-storage\n", "open", True, True),
        # The first command for a module counts.
        (
            "install usb-storage /sbin/modprobe -i usb-storage\ninstall usb-storage /bin/false\n",
            "open",
            True,
            True,
        ),
        ("install usb* /bin/false\n", "driver_blocked", False, False),
    ],
)
def test_modprobe_agrees(
    machine: Machine, text: str, message: str, stick: bool, disk: bool
) -> None:
    """What the real modprobe would do for a stick and a disk, beside what the check says."""
    machine.usb("1", "1").kernel("usb-storage", "uas").setting("usb.conf", text)

    def works(alias: str) -> bool:
        said = machine.loads(alias)
        own = [line for line in said.splitlines() if "usb-storage" in line or "/bin/" in line]
        return bool(own) and not any(
            line.startswith(("install /bin/false", "install /bin/true")) for line in own
        )

    assert works(STORAGE_ALIAS) is stick
    assert works(UAS_ALIAS) is disk
    judged = machine.judge()
    assert judged.message.id == message
    holds = judged.outcome is Outcome.PASS
    assert holds is not (stick or disk)
    if message == "pulled_in":
        assert judged.message.facts["modules"] == ("uas",)


def test_a_file_of_the_same_name_replaces_the_packaged_one(machine: Machine) -> None:
    machine.usb("1").kernel("usb-storage", "uas")
    folder = machine.root / "run/modprobe.d"
    folder.mkdir()
    (folder / "usb.conf").write_text("install usb-storage /bin/false\n")
    assert machine.judge().outcome is Outcome.PASS
    assert "/bin/false" in machine.loads(STORAGE_ALIAS)
    machine.setting("usb.conf", "# nothing\n")
    assert "/bin/false" not in machine.loads(STORAGE_ALIAS)
    assert machine.judge().message.id == "open"


def test_blocked_but_still_loaded(machine: Machine) -> None:
    machine.usb("1").kernel("usb-storage", "uas").loaded("usb_storage")
    judged = machine.setting("usb.conf", "install usb-storage /bin/false\n").judge()
    assert (judged.outcome, judged.message.id) == (Outcome.FAIL, "still_loaded")


def test_a_driver_that_is_built_in_cannot_be_blocked(machine: Machine) -> None:
    machine.usb("1").kernel(built_in="kernel/drivers/usb/storage/usb-storage.ko\n")
    judged = machine.setting("usb.conf", "install usb-storage /bin/false\n").judge()
    assert (judged.outcome, judged.message.id) == (Outcome.FAIL, "built_in")


def test_a_kernel_without_the_driver(machine: Machine) -> None:
    judged = machine.usb("1").kernel("firewire-ohci").judge()
    assert (judged.outcome, judged.message.id) == (Outcome.PASS, "no_driver")


def test_without_module_lists_an_open_driver_is_not_assumed(machine: Machine) -> None:
    judged = machine.usb("1").judge()
    assert (judged.outcome, judged.message.id) == (Outcome.UNKNOWN, "driver_unseen")


def test_settings_that_may_not_be_read(machine: Machine) -> None:
    machine.usb("1").kernel("usb-storage").setting("usb.conf", "install usb-storage /bin/false\n")
    (machine.root / "etc/modprobe.d/usb.conf").chmod(0o600)
    judged = machine.host.judge(machine.look("interfaces", user=65534), at=NOW)[MEASURE]
    assert (judged.outcome, judged.message.id) == (Outcome.UNKNOWN, "settings_unread")


def test_devices_that_are_not_authorised(machine: Machine) -> None:
    judged = machine.usb("0", "2").kernel("usb-storage").judge()
    assert (judged.outcome, judged.message.id) == (Outcome.PASS, "not_authorised")
    assert [advice.id for advice in judged.advice] == ["not_lasting"]


def test_one_controller_that_authorises_is_enough(machine: Machine) -> None:
    judged = machine.usb("0", "1").kernel("usb-storage").judge()
    assert (judged.outcome, judged.message.id) == (Outcome.FAIL, "open")


def test_rules_for_udev_are_no_proof(machine: Machine) -> None:
    machine.usb("1").kernel("usb-storage")
    folder = machine.root / "etc/udev/rules.d"
    folder.mkdir(parents=True)
    (folder / "99-usb.rules").write_text(
        'SUBSYSTEM=="usb", ATTR{bInterfaceClass}=="08", ATTR{authorized}="0"\n'
    )
    judged = machine.judge()
    assert (judged.outcome, judged.message.id) == (Outcome.UNKNOWN, "udev_rules")


def test_what_else_stands_open_is_advice(machine: Machine) -> None:
    machine.usb("1").controller("0000:03:00.0", "0x0c0010").controller("0000:04:00.0", "0x080501")
    machine.kernel("usb-storage", "firewire-ohci")
    domain = machine.sys / "bus/thunderbolt/devices/domain0"
    domain.mkdir(parents=True)
    (domain / "security").write_text("none\n")
    (domain / "iommu_dma_protection").write_text("0\n")
    (machine.sys / "block/sr0").mkdir(parents=True)
    advice = [message.id for message in machine.judge().advice]
    assert advice == ["thunderbolt_open", "firewire_open", "card_reader", "optical"]
    (domain / "iommu_dma_protection").write_text("1\n")
    machine.setting("firewire.conf", "blacklist firewire-ohci\n")
    assert [message.id for message in machine.judge().advice] == ["card_reader", "optical"]


@pytest.mark.usefixtures("guard")
def test_usbguard_as_packaged(machine: Machine) -> None:
    _usbguard(machine.usb("0").kernel("usb-storage"), "allow id 046d:c31c\n")
    judged = machine.judge(*_as_root(machine))
    assert (judged.outcome, judged.message.id) == (Outcome.PASS, "usbguard")
    assert [advice.id for advice in judged.advice] == ["groups_may_allow"]


@pytest.mark.usefixtures("guard")
@pytest.mark.parametrize(
    ("settings", "rules", "outcome", "message"),
    [
        ({"ImplicitPolicyTarget": "allow"}, "", Outcome.FAIL, "guard_allows"),
        ({"InsertedDevicePolicy": "block"}, "allow\n", Outcome.PASS, "usbguard"),
        ({}, "allow with-interface equals { 08:*:* }\n", Outcome.FAIL, "rule_too_wide"),
        ({}, 'allow via-port "1-2"\n', Outcome.FAIL, "rule_too_wide"),
        ({}, "allow with-interface one-of { 03:00:01 03:01:01 }\n", Outcome.PASS, "usbguard"),
        ({}, 'allow id 0781:* name "Stick" hash "abc="\n', Outcome.PASS, "usbguard"),
        ({}, "block with-interface 08:*:*\nallow\n", Outcome.UNKNOWN, "rules_unclear"),
        ({}, "allow if !rule-applied\n", Outcome.UNKNOWN, "rules_unclear"),
    ],
)
def test_usbguard_rules(
    machine: Machine,
    settings: dict[str, str],
    rules: str,
    outcome: Outcome,
    message: str,
) -> None:
    _usbguard(machine.usb("0").kernel("usb-storage"), rules, **settings)
    judged = machine.judge(*_as_root(machine))
    assert (judged.outcome, judged.message.id) == (outcome, message)


def test_usbguard_that_does_not_run(machine: Machine) -> None:
    _usbguard(machine.usb("1").kernel("usb-storage"))
    judged = machine.judge(*_as_root(machine))
    assert (judged.outcome, judged.message.id) == (Outcome.FAIL, "guard_not_running")


@pytest.mark.parametrize("user", [None, 65534], ids=["root", "nobody"])
def test_every_shell_says_the_same(machine: Machine, user: int | None) -> None:
    shells = available_shells()
    if not shells:
        pytest.skip("none of dash, busybox and bash is installed")
    machine.usb("1", "0").kernel("usb-storage", "uas").setting("usb.conf", "blacklist uas\n")
    outputs = [machine.look("interfaces", shell=shell, user=user).stdout for shell in shells]
    lines = outputs[0].splitlines()
    assert lines[-2:] == ["complete", f"end {len(lines) - 1}"]
    assert all(output == outputs[0] for output in outputs)
