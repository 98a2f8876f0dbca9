"""A small virtual machine with real disks: Debian's kernel, busybox and the storage tools.

This machine's own kernel may lack device-mapper, so that no LUKS volume can be made on it. The
machine built here boots from an initramfs made of installed Debian packages, runs one shell
script as root and writes what the script prints to a second serial port. It uses qemu's own
emulation (TCG): /dev/kvm is not needed.

Debian packages: qemu-system-x86, linux-image-cloud-amd64, busybox-static, cryptsetup-bin, lvm2,
mdadm, btrfs-progs, e2fsprogs, util-linux, kmod, cpio.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

PROGRAMS = (
    "qemu-system-x86_64", "busybox", "cryptsetup", "veritysetup", "lvm", "dmsetup", "mdadm",
    "mkfs.btrfs", "btrfs", "mkfs.ext4", "mkswap", "lsblk", "modprobe", "cpio",
)  # fmt: skip
MODULES = (
    "virtio_pci", "virtio_blk", "dm_mod", "dm_crypt", "dm_verity", "raid1", "btrfs", "xts",
    "aesni_intel", "sha256_generic", "crypto_null", "zram", "lzo", "lzo_rle", "loop",
    "algif_skcipher", "ecb", "cbc",
)  # fmt: skip
_SEARCHED = "/usr/sbin:/usr/bin:/sbin:/bin"


def _program(name: str) -> str | None:
    return shutil.which(name, path=_SEARCHED)


def kernel() -> Path | None:
    """The newest installed Debian kernel that has its modules, or ``None``."""
    found = sorted(
        path
        for path in Path("/boot").glob("vmlinuz-*-amd64")
        if (Path("/lib/modules") / path.name.removeprefix("vmlinuz-")).is_dir()
    )
    return found[-1] if found else None


def missing() -> list[str]:
    """What is not installed, as names for people; empty when a machine can be started."""
    lacking = [name for name in PROGRAMS if _program(name) is None]
    if kernel() is None:
        lacking.append("linux-image-cloud-amd64")
    return lacking


def build(folder: Path, files: Mapping[str, str], script: str) -> Path:
    """Builds the initramfs in ``folder``.

    Args:
        folder: an empty folder to work in.
        files: further files of the machine, absolute path to text.
        script: what to run as root; its output goes to the second serial port.
    """
    root = folder / "root"
    for name in ("bin", "dev", "proc", "sys", "run", "tmp", "etc", "n", "lib64"):
        (root / name).mkdir(parents=True)
    for name in PROGRAMS:
        if name not in ("qemu-system-x86_64", "cpio", "modprobe"):
            _add_program(root, name)
    for applet in _run(["busybox", "--list"]).split():
        link = root / "bin" / applet
        if not link.exists() and not _link_taken(root, applet):
            link.symlink_to("busybox")
    _add_modules(root)
    (root / "etc/passwd").write_text(
        "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n", encoding="ascii"
    )
    (root / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n", encoding="ascii")
    for path, text in files.items():
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        target.chmod(0o644)
    (root / "main.sh").write_text(script, encoding="utf-8")
    init = root / "init"
    init.write_text(_INIT.format(modules=" ".join(MODULES)), encoding="ascii")
    init.chmod(0o755)
    image = folder / "initramfs.cpio"
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    with image.open("wb") as output:
        subprocess.run(
            ["cpio", "-o", "-H", "newc", "--quiet"],
            input=names.encode(),
            stdout=output,
            cwd=root,
            check=True,
        )
    return image


def boot(folder: Path, image: Path, disks: Iterable[int], *, seconds: int) -> str:
    """Boots ``image`` with a virtio disk of each size (MiB) in ``disks``; gives the output.

    Raises:
        subprocess.TimeoutExpired: the machine did not power off within ``seconds``.
        RuntimeError: it stopped without finishing; the console's end is in the message.
    """
    found = kernel()
    assert found is not None
    answers, console = folder / "answers", folder / "console"
    command = [
        "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max,-hypervisor", "-m", "768", "-smp", "1",
        "-display", "none", "-no-reboot", "-net", "none",
        "-kernel", str(found), "-initrd", str(image),
        "-append", "console=ttyS0 quiet panic=-1 mitigations=off",
        "-serial", f"file:{console}", "-serial", f"file:{answers}",
    ]  # fmt: skip
    for number, size in enumerate(disks):
        disk = folder / f"disk{number}"
        with disk.open("wb") as file:
            os.truncate(file.fileno(), size * 1024 * 1024)
        command += ["-drive", f"file={disk},format=raw,if=virtio,cache=unsafe"]
    subprocess.run(command, check=True, timeout=seconds, stdin=subprocess.DEVNULL)
    text = answers.read_text(encoding="utf-8", errors="replace")
    if not text.endswith("== done\n"):
        tail = console.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise RuntimeError(f"the machine stopped early:\n{text[-1000:]}\n{tail}")
    return text


def sections(text: str) -> dict[str, str]:
    """The output by section; a section begins with a line ``== name``."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        if line.startswith("== "):
            name = line[3:].strip()
            found[name] = ""
        elif name:
            found[name] += line
    return found


_INIT = """#!/bin/sh
export PATH=/bin LC_ALL=C TZ=UTC LVM_SUPPRESS_FD_WARNINGS=1
mount -t proc proc /proc; mount -t sysfs sys /sys
mount -t devtmpfs dev /dev; mount -t tmpfs run /run
for module in {modules}; do modprobe $module 2>/dev/null; done
stty -F /dev/ttyS1 raw
sh /main.sh >/dev/ttyS1 2>/dev/console
sync
poweroff -f
"""


def _run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _link_taken(root: Path, applet: str) -> bool:
    return (root / "bin" / applet).is_symlink()


def _add_program(root: Path, name: str) -> None:
    source = _program(name)
    assert source is not None
    real = Path(source).resolve()
    target = root / "bin" / real.name
    if not target.exists():
        shutil.copy2(real, target)
        linked = subprocess.run(["ldd", str(real)], capture_output=True, text=True, check=False)
        for word in linked.stdout.split():
            if word.startswith("/"):
                library = root / word.lstrip("/")
                if not library.exists():
                    library.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy2(Path(word).resolve(), library)
    if real.name != name:
        (root / "bin" / name).symlink_to(real.name)


def _add_modules(root: Path) -> None:
    """The kernel modules that are wanted, with all that they need."""
    found = kernel()
    assert found is not None
    version = found.name.removeprefix("vmlinuz-")
    for module in MODULES:
        shown = subprocess.run(
            ["modprobe", "--set-version", version, "--show-depends", module],
            capture_output=True,
            text=True,
            check=False,
        )
        for line in shown.stdout.splitlines():
            if line.startswith("insmod "):
                path = Path(line.split()[1])
                target = root / str(path).lstrip("/")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target)
    folder = root / "lib/modules" / version
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        shutil.copy2(Path("/lib/modules") / version / name, folder / name)
    subprocess.run(["depmod", "--basedir", str(root), version], check=True)
