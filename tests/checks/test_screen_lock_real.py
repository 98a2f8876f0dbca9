"""Real dconf databases, GSettings, shells and sshd, in a root folder of our own."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assessor.model.capture import Captured
from assessor.model.check import Captures, Parameters
from assessor.model.finding import Judgement, Outcome
from assessor.model.target import Platform, Role, Target, TransportKind
from tests.checks.ownroot import NOW, OwnRoot
from tests.checks.realhost import available_shells, needs_replacing

MEASURE = "screen-lock"
PIET = 4321
USERS = f"root:x:0:0:root:/root:/bin/bash\npiet:x:{PIET}:{PIET}:Piet:/home/piet:/bin/bash\n"
PROFILE = "user-db:user\nsystem-db:local\nsystem-db:site\n"
GOOD = (
    "[org/gnome/desktop/session]\nidle-delay=uint32 600\n"
    "[org/gnome/desktop/screensaver]\nlock-enabled=true\nlock-delay=uint32 30\n"
)
LOCKS = (
    "/org/gnome/desktop/session/idle-delay\n"
    "/org/gnome/desktop/screensaver/lock-enabled\n"
    "/org/gnome/desktop/screensaver/lock-delay\n"
)
KEYS = (
    ("org.gnome.desktop.session", "idle-delay"),
    ("org.gnome.desktop.screensaver", "lock-enabled"),
    ("org.gnome.desktop.screensaver", "lock-delay"),
)
SESSION = "[org/gnome/desktop/session]"
LOCKDOWN = "[org/gnome/desktop/lockdown]\ndisable-lock-screen=true\n"
FREE = ("session/idle-delay", "screensaver/lock-enabled", "screensaver/lock-delay")
TMOUT = "readonly TMOUT=900\nexport TMOUT\n"

pytestmark = needs_replacing


class Machine(OwnRoot):
    """A machine with its own /etc, /home, /usr/local and schemas."""

    def __init__(self, root: Path) -> None:
        over = {"local": "usr/local/share", "schemas": "usr/share/glib-2.0/schemas"}
        super().__init__("screen_lock", root, over)
        schemas = Path("/usr/share/glib-2.0/schemas")
        for path in (*schemas.glob("*desktop*"), schemas / "gschemas.compiled"):
            shutil.copy2(path, root / "schemas")
        self.write("etc/passwd", USERS)
        self.write("etc/profile", Path("/etc/profile").read_text())
        (root / "etc/profile.d").mkdir()
        (root / "root").mkdir()
        piet = root / "home/piet"
        piet.mkdir(parents=True)
        os.chown(piet, PIET, PIET)
        piet.chmod(0o700)

    def desktop(self, *names: str) -> Machine:
        """Sessions that can be chosen at log-in."""
        for name in names:
            self.write(f"local/xsessions/{name}.desktop", "[Desktop Entry]\n")
        return self

    def dconf(self, values: str = "", locks: str = "", database: str = "local") -> Machine:
        """A system database, compiled by the real dconf."""
        for program, package in (("dconf", "dconf-cli"), ("gsettings", "libglib2.0-bin")):
            if shutil.which(program) is None:
                pytest.skip(f"needs the Debian package {package}")
        self.write("etc/dconf/profile/user", PROFILE)
        self.write(f"etc/dconf/db/{database}.d/00-lock", values)
        if locks:
            self.write(f"etc/dconf/db/{database}.d/locks/00-lock", locks)
        return self.update()

    def update(self) -> Machine:
        """What ``dconf update`` makes of the folders."""
        done = self.command("dconf", "update")
        assert done.returncode == 0, done.stderr
        return self

    def gsettings(self, *words: str) -> str:
        """What GSettings says to Piet, who chose nothing."""
        if not Path("/usr/lib/x86_64-linux-gnu/gio/modules/libdconfsettings.so").exists():
            pytest.skip("needs the Debian package dconf-gsettings-backend")
        done = self.command("gsettings", *words, user=PIET, home="/home/piet")
        return done.stdout.strip()

    def choose(self, text: str) -> Machine:
        """Piet's own settings, compiled by the real dconf."""
        self.write("tmp/own.d/00", text)
        folder = self.root / "home/piet/.config/dconf"
        folder.mkdir(parents=True)
        done = self.command("dconf", "compile", "/home/piet/.config/dconf/user", "/tmp/own.d")
        assert done.returncode == 0, done.stderr
        for path in (folder, folder.parent, folder / "user"):
            os.chown(path, PIET, PIET)
        return self

    def as_workstation(
        self, *, user: int | None = None, minutes: int = 15, shells: bool = False
    ) -> Judgement:
        """The judgement of a workstation, as root or Piet sees it."""
        home = "/root" if user is None else "/home/piet"
        answers = [self.look("desktop", user=user, home=home)]
        if shells:
            answers.append(self.look("shells", user=user, home=home))
        return self._judge(Role.WORKSTATION, answers, minutes)

    def as_server(self, *more: Captured, minutes: int = 15) -> Judgement:
        """The judgement of a server."""
        return self._judge(Role.SERVER, [self.look("shells"), *more], minutes)

    def _judge(self, role: Role, answers: list[Captured], minutes: int) -> Judgement:
        target = Target("here", role, TransportKind.LOCAL, Platform.LINUX, address="localhost")
        captures = Captures(target, NOW, {answer.probe: answer for answer in answers})
        check = self.host.check
        (judged,) = check.evaluate(check.observe(captures), Parameters({"idle_minutes": minutes}))
        assert judged.measure == MEASURE
        return judged


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "root")


def _said(judged: Judgement) -> tuple[Outcome, str]:
    return judged.outcome, judged.message.id


# GNOME


def test_gnome_locked_by_the_administrator(machine: Machine) -> None:
    judged = machine.desktop("gnome").dconf(GOOD, LOCKS).as_workstation()
    assert _said(judged) == (Outcome.PASS, "locked_for_all")
    assert judged.message.facts["minutes"] == 11
    assert _said(machine.as_workstation(minutes=10)) == (Outcome.FAIL, "standard_too_late")


def test_gnome_as_installed_may_be_changed_by_its_user(machine: Machine) -> None:
    """The trap: GSettings says that the screen locks, to whoever asks."""
    machine.desktop("gnome-xorg").dconf()
    assert machine.gsettings("get", *KEYS[0]) == "uint32 300"
    judged = machine.as_workstation()
    assert _said(judged) == (Outcome.UNKNOWN, "users_may_change")
    assert judged.message.facts["accounts"] == ("piet",)


def test_gnome_with_one_setting_left_free(machine: Machine) -> None:
    judged = machine.desktop("gnome").dconf(GOOD, LOCKS.splitlines()[0] + "\n").as_workstation()
    assert _said(judged) == (Outcome.UNKNOWN, "users_may_change")
    assert judged.message.facts["settings"] == FREE[1:]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("uint32 600", "uint32 0"), "standard_never"),
        (("uint32 600", "uint32 1200"), "standard_too_late"),
        (("uint32 30", "uint32 3600"), "standard_too_late"),
        (("lock-enabled=true", "lock-enabled=false"), "standard_never"),
        (
            ("[org/gnome/desktop/session]", f"{LOCKDOWN}[org/gnome/desktop/session]"),
            "standard_never",
        ),
    ],
)
def test_gnome_that_does_not_lock(machine: Machine, change: tuple[str, str], message: str) -> None:
    machine.desktop("gnome").dconf(GOOD.replace(*change), LOCKS)
    assert _said(machine.as_workstation()) == (Outcome.FAIL, message)


def test_settings_that_dconf_did_not_take_over_yet(machine: Machine) -> None:
    machine.desktop("gnome").dconf("", "")
    machine.write("etc/dconf/db/local.d/00-lock", GOOD)
    machine.write("etc/dconf/db/local.d/locks/00-lock", LOCKS)
    assert machine.gsettings("writable", *KEYS[0]) == "true"
    judged = machine.as_workstation()
    assert _said(judged) == (Outcome.UNKNOWN, "not_updated")
    assert machine.update().as_workstation().outcome is Outcome.PASS
    (machine.root / "etc/dconf/db/local").unlink()
    assert _said(machine.as_workstation()) == (Outcome.UNKNOWN, "not_updated")


def test_a_database_outside_the_profile_does_not_count(machine: Machine) -> None:
    machine.desktop("gnome").dconf(GOOD, LOCKS, database="elsewhere")
    assert machine.gsettings("writable", *KEYS[0]) == "true"
    assert _said(machine.as_workstation()) == (Outcome.UNKNOWN, "users_may_change")


def test_another_profile_is_not_judged(machine: Machine) -> None:
    machine.desktop("gnome").dconf(GOOD, LOCKS)
    machine.write("etc/environment", "DCONF_PROFILE=kiosk\n")
    assert _said(machine.as_workstation()) == (Outcome.UNKNOWN, "other_profile")


LAYERS = [
    ([("local", GOOD, LOCKS)]),
    ([("local", GOOD, "/org/gnome/desktop/screensaver/\n")]),
    ([("local", GOOD, ""), ("site", GOOD.replace("600", "120"), "")]),
    ([("local", GOOD, ""), ("site", GOOD.replace("600", "120"), LOCKS)]),
    ([("local", GOOD, LOCKS), ("site", GOOD.replace("600", "120"), "")]),
    ([("local", GOOD, ""), ("site", "", LOCKS)]),
]


@pytest.mark.parametrize("layers", LAYERS)
def test_layers_of_databases_as_gsettings_sees_them(
    machine: Machine, layers: list[tuple[str, str, str]]
) -> None:
    """What the check makes of the files, beside what GSettings makes of the databases."""
    for database, values, locks in layers:
        machine.dconf(values, locks, database)
    judged = machine.desktop("gnome").as_workstation()
    free = tuple(
        name
        for name, key in zip(FREE, KEYS, strict=True)
        if machine.gsettings("writable", *key) == "true"
    )
    idle, _, delay = (machine.gsettings("get", *key).split(" ")[-1] for key in KEYS)
    if free:
        assert judged.message.facts["settings"] == free
    else:
        assert _said(judged) == (Outcome.PASS, "locked_for_all")
        assert judged.message.facts["minutes"] == -(-(int(idle) + int(delay)) // 60)


def test_the_last_file_by_name_decides_as_for_dconf(machine: Machine) -> None:
    machine.desktop("gnome").dconf(GOOD, LOCKS)
    machine.write(
        "etc/dconf/db/local.d/99-own", "[org/gnome/desktop/session]\nidle-delay=uint32 0\n"
    )
    machine.update()
    assert machine.gsettings("get", *KEYS[0]) == "uint32 0"
    assert _said(machine.as_workstation()) == (Outcome.FAIL, "standard_never")


def test_an_override_of_the_schemas_counts(machine: Machine) -> None:
    if shutil.which("glib-compile-schemas") is None:
        pytest.skip("needs the Debian package libglib2.0-bin")
    machine.desktop("gnome").dconf()
    machine.write("schemas/90_shop.gschema.override", "[org.gnome.desktop.session]\nidle-delay=0\n")
    assert _said(machine.as_workstation()) == (Outcome.UNKNOWN, "not_updated")
    machine.command("glib-compile-schemas", "/usr/share/glib-2.0/schemas")
    assert machine.gsettings("get", *KEYS[0]) == "uint32 0"
    assert _said(machine.as_workstation()) == (Outcome.FAIL, "standard_never")


@pytest.mark.parametrize(
    ("own", "outcome", "message"),
    [
        ("[org/gnome/desktop/session]\nidle-delay=uint32 0\n", Outcome.FAIL, "own_never"),
        ("[org/gnome/desktop/session]\nidle-delay=uint32 1800\n", Outcome.FAIL, "own_too_late"),
        ("[org/gnome/desktop/session]\nidle-delay=uint32 60\n", Outcome.PASS, "everyone_locks"),
    ],
)
def test_the_only_user_looks_himself(
    machine: Machine, own: str, outcome: Outcome, message: str
) -> None:
    machine.desktop("gnome").dconf().choose(own)
    assert _said(machine.as_workstation(user=PIET)) == (outcome, message)
    assert _said(machine.as_workstation()) == (Outcome.UNKNOWN, "users_may_change")
    machine.write("etc/passwd", USERS + "anna:x:4322:4322::/home/anna:/bin/bash\n")
    expected = (
        (outcome, message) if outcome is Outcome.FAIL else (Outcome.UNKNOWN, "users_may_change")
    )
    assert _said(machine.as_workstation(user=PIET)) == expected


def test_looking_leaves_nothing_behind(machine: Machine) -> None:
    machine.desktop("gnome").dconf().choose(GOOD)
    before = {path for path in machine.root.rglob("*") if "proc" not in path.parts}
    machine.as_workstation(user=PIET)
    assert {path for path in machine.root.rglob("*") if "proc" not in path.parts} == before


# KDE and others


@pytest.mark.parametrize(
    ("system", "own", "outcome", "message"),
    [
        ("", None, Outcome.UNKNOWN, "users_may_change"),
        ("[Daemon][$i]\nTimeout=10\n", None, Outcome.PASS, "locked_for_all"),
        (
            "[$i]\n[Daemon]\nTimeout=10\n",
            "[Daemon]\nAutolock=false\n",
            Outcome.PASS,
            "locked_for_all",
        ),
        ("[Daemon][$i]\nAutolock=false\n", None, Outcome.FAIL, "standard_never"),
        ("[Daemon]\nTimeout[$i]=30\n", None, Outcome.FAIL, "standard_too_late"),
        ("[Daemon]\nTimeout[$i]=10\n", "", Outcome.PASS, "everyone_locks"),
        ("", "[Daemon]\nAutolock=false\n", Outcome.FAIL, "own_never"),
        ("", "[Daemon]\nTimeout=60\n", Outcome.FAIL, "own_too_late"),
        ("", "[Daemon]\nTimeout=3\nLockGrace=60\n", Outcome.PASS, "everyone_locks"),
        ("[Daemon]\nTimeout[$i]=10\n", "[Daemon]\nTimeout=60\n", Outcome.PASS, "everyone_locks"),
        ("[Daemon]\nTimeout=soon\n", None, Outcome.UNKNOWN, "settings_unknown"),
    ],
)
def test_plasma(
    machine: Machine, system: str, own: str | None, outcome: Outcome, message: str
) -> None:
    machine.desktop("plasma")
    if system:
        machine.write("etc/xdg/kscreenlockerrc", system)
    if own is not None:
        machine.write("home/piet/.config/kscreenlockerrc", own)
        for name in ("home/piet/.config", "home/piet/.config/kscreenlockerrc"):
            os.chown(machine.root / name, PIET, PIET)
        user = None
    else:
        user = 65534  # sees nothing of Piet's
    assert _said(machine.as_workstation(user=user)) == (outcome, message)


def test_the_worst_desktop_decides(machine: Machine) -> None:
    machine.write("etc/xdg/kscreenlockerrc", "[Daemon][$i]\nTimeout=10\n")
    machine.desktop("plasma", "gnome").dconf(GOOD.replace("600", "0"), LOCKS)
    assert _said(machine.as_workstation()) == (Outcome.FAIL, "standard_never")


Start = Callable[..., None]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts programs under a name of their own; all they do is wait."""
    running: list[subprocess.Popen[bytes]] = []
    source = shutil.which("tail")
    assert source is not None

    def run(name: str, *words: str) -> None:
        program = tmp_path / name
        shutil.copy(source, program)
        # What stands behind "--", tail takes for names of files that may come to be.
        running.append(subprocess.Popen([program, "-qF", "--", *words], stderr=subprocess.DEVNULL))

    try:
        yield run
    finally:
        for process in running:
            process.kill()
            process.wait()


@pytest.mark.parametrize(
    ("words", "outcome", "message"),
    [
        (["-time", "10", "-locker", "i3lock"], Outcome.PASS, "locker_runs"),
        (["-locker", "i3lock"], Outcome.PASS, "locker_runs"),
        (["-time", "30", "-locker", "i3lock"], Outcome.FAIL, "locker_too_late"),
    ],
)
def test_xautolock(
    machine: Machine,
    start: Start,
    words: list[str],
    outcome: Outcome,
    message: str,
) -> None:
    start("xautolock", *words)
    start("i3", "session")
    assert _said(machine.desktop("i3").as_workstation()) == (outcome, message)


def test_a_locker_that_does_not_say_when(machine: Machine, start: Start) -> None:
    start("xss-lock", "i3lock")
    assert _said(machine.desktop("i3").as_workstation()) == (Outcome.UNKNOWN, "locker_unread")


# Shells


def test_a_server_without_a_limit(machine: Machine) -> None:
    machine.write("etc/ssh/sshd_config", "ClientAliveInterval 300\nClientAliveCountMax 3\n")
    judged = machine.as_server()
    assert _said(judged) == (Outcome.FAIL, "no_limit")
    assert [advice.id for advice in judged.advice] == ["alive_is_no_limit"]


@pytest.mark.parametrize(
    ("text", "outcome", "message"),
    [
        (TMOUT, Outcome.PASS, "shells_limited"),
        ("TMOUT=900\nreadonly TMOUT\nexport TMOUT\n", Outcome.PASS, "shells_limited"),
        ("TMOUT=900; readonly TMOUT; export TMOUT\n", Outcome.PASS, "shells_limited"),
        ("declare -xr TMOUT=600 # STIG\n", Outcome.PASS, "shells_limited"),
        ("typeset -xr TMOUT=600\n", Outcome.PASS, "shells_limited"),
        ('readonly TMOUT="300"\n', Outcome.PASS, "shells_limited"),
        ("export TMOUT=900\n", Outcome.UNKNOWN, "limit_changeable"),
        ("readonly TMOUT=3600\n", Outcome.FAIL, "limit_too_long"),
        ("readonly TMOUT=0\n", Outcome.FAIL, "no_limit"),
        ("# readonly TMOUT=900\n", Outcome.FAIL, "no_limit"),
        ("TMOUT=900\nunset TMOUT\n", Outcome.FAIL, "no_limit"),
        ('if [ -n "$X" ]; then\n  readonly TMOUT=900\nfi\n', Outcome.UNKNOWN, "limit_unclear"),
        ('[ "$UID" = 0 ] && readonly TMOUT=900\n', Outcome.UNKNOWN, "limit_unclear"),
        ("readonly TMOUT=$LIMIT\n", Outcome.UNKNOWN, "limit_unclear"),
        (
            "limit() {\n  case $1 in\n    a) readonly TMOUT=9 ;;\n  esac\n}\n",
            Outcome.UNKNOWN,
            "limit_unclear",
        ),
        ("if true; then echo; fi\n" + TMOUT, Outcome.PASS, "shells_limited"),
    ],
)
def test_tmout(machine: Machine, text: str, outcome: Outcome, message: str) -> None:
    machine.write("etc/profile.d/tmout.sh", text)
    machine.write("etc/ssh/sshd_config", "")
    assert _said(machine.as_server()) == (outcome, message)
    if outcome is Outcome.PASS:
        done = machine.command(
            "bash", "-lc", 'declare -p TMOUT; TMOUT=0; echo "still here"', home="/tmp"
        )
        assert "declare -" in done.stdout, "bash itself reads the file otherwise"
        assert "readonly variable" in done.stderr


def test_the_first_read_only_value_stays(machine: Machine) -> None:
    machine.write("etc/profile.d/10.sh", TMOUT)
    machine.write("etc/profile.d/20.sh", "TMOUT=7200\n")
    assert machine.as_server().outcome is Outcome.PASS
    done = machine.command("bash", "-lc", "echo $TMOUT", home="/tmp")
    assert done.stdout.strip() == "900"


def test_a_profile_that_does_not_read_its_folder(machine: Machine) -> None:
    machine.write("etc/profile", "PATH=/usr/bin:/bin\n")
    machine.write("etc/profile.d/tmout.sh", TMOUT)
    machine.write("etc/ssh/sshd_config", "")
    assert _said(machine.as_server()) == (Outcome.FAIL, "no_limit")


@pytest.mark.parametrize(
    ("shell", "outcome", "message"),
    [
        ("/bin/dash", Outcome.FAIL, "shell_without_limit"),
        ("/bin/sh", Outcome.FAIL, "shell_without_limit"),  # Debian's sh is dash
        ("/usr/bin/fish", Outcome.FAIL, "shell_without_limit"),
        ("/bin/zsh", Outcome.FAIL, "shell_without_limit"),  # reads other files
        ("/bin/ash", Outcome.FAIL, "shell_without_limit"),  # busybox as Debian builds it
        ("/bin/tcsh", Outcome.UNKNOWN, "other_shell"),
        ("/bin/rbash", Outcome.PASS, "shells_limited"),
        ("/usr/sbin/nologin", Outcome.PASS, "shells_limited"),
    ],
)
def test_shells_that_do_not_obey(
    machine: Machine, shell: str, outcome: Outcome, message: str
) -> None:
    machine.write("etc/profile.d/tmout.sh", TMOUT)
    machine.write("etc/ssh/sshd_config", "")
    machine.write("etc/passwd", USERS + f"anna:x:4322:4322::/home/anna:{shell}\n")
    judged = machine.as_server()
    assert _said(judged) == (outcome, message)
    if outcome is not Outcome.PASS:
        assert judged.message.facts["accounts"] == (f"anna ({shell})",)


def test_zsh_reads_its_own_files(machine: Machine) -> None:
    machine.write("etc/profile.d/tmout.sh", TMOUT)
    machine.write("etc/zsh/zprofile", TMOUT)
    machine.write("etc/passwd", USERS + "anna:x:4322:4322::/home/anna:/bin/zsh\n")
    assert machine.as_server().outcome is Outcome.PASS


def test_which_shells_really_end() -> None:
    """Only bash ends; dash, and a busybox that does not know TMOUT, are still there then."""
    shells = {
        "bash": ["bash", "--norc", "-i"],
        "busybox": ["busybox", "ash", "-i"],
        "dash": ["dash", "-i"],
    }
    if any(shutil.which(words[0]) is None for words in shells.values()):
        pytest.skip("needs the Debian packages bash, busybox-static and dash")
    obeys = b"TMOUT" in Path(shutil.which("busybox") or "").read_bytes()
    running: dict[str, tuple[subprocess.Popen[bytes], int]] = {}
    try:
        for name, words in shells.items():
            ours, theirs = pty.openpty()
            process = subprocess.Popen(
                words,
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "TMOUT": "1"},
            )
            os.close(theirs)
            running[name] = process, ours
        for name in ("bash", "busybox") if obeys else ("bash",):
            running[name][0].wait(timeout=60)
        assert running["dash"][0].poll() is None
        assert obeys or running["busybox"][0].poll() is None
    finally:
        for process, ours in running.values():
            process.kill()
            process.wait()
            os.close(ours)


def _sshd(machine: Machine, text: str) -> Machine:
    if shutil.which("sshd") is None:
        pytest.skip("needs the Debian package openssh-server")
    key = "/etc/ssh/ssh_host_ed25519_key"
    machine.write("etc/ssh/sshd_config", f"HostKey {key}\n{text}")
    (machine.root / "etc/ssh/sshd_config.d").mkdir()
    made = machine.root / key.lstrip("/")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", made], check=True)
    (machine.root / "run/sshd").mkdir()
    # sshd wants its own user.
    machine.write("etc/passwd", USERS + "sshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n")
    return machine


@pytest.mark.parametrize(
    ("text", "outcome", "message"),
    [
        ("ChannelTimeout session:*=15m\n", Outcome.PASS, "channels_closed"),
        ("ChannelTimeout session:shell=10m\n", Outcome.PASS, "channels_closed"),
        ("ChannelTimeout *=5m\n", Outcome.PASS, "channels_closed"),
        ("ChannelTimeout session:command=5m\n", Outcome.FAIL, "no_limit"),
        ("ChannelTimeout session:*=0\n", Outcome.FAIL, "no_limit"),
        ("ChannelTimeout session:*=1h\n", Outcome.FAIL, "no_limit"),
        ("ClientAliveInterval 300\nClientAliveCountMax 0\n", Outcome.FAIL, "no_limit"),
        (
            "ChannelTimeout session:*=15m\nMatch User piet\n  ChannelTimeout session:*=0\n",
            Outcome.UNKNOWN,
            "channels_by_match",
        ),
    ],
)
def test_channel_timeout(machine: Machine, text: str, outcome: Outcome, message: str) -> None:
    _sshd(machine, text)
    said = machine.ask("sshd_effective")
    if said.exit_status != 0 and "Bad configuration option" in said.stderr:
        pytest.skip("needs OpenSSH 9.2 or later")
    assert said.exit_status == 0, said.stderr
    assert _said(machine.as_server(said)) == (outcome, message)
    assert _said(machine.as_server()) == (outcome, message), "the files say the same"


def test_channel_timeout_in_files_that_are_closed(machine: Machine) -> None:
    _sshd(machine, "ChannelTimeout session:*=15m\n")
    for path in ("etc/ssh/sshd_config", "etc/ssh/sshd_config.d"):
        (machine.root / path).chmod(0o600)
    shells = machine.look("shells", user=65534)

    def judged(*answers: Captured) -> tuple[Outcome, str]:
        return _said(machine._judge(Role.SERVER, [shells, *answers], 15))

    said, lines = machine.ask("sshd_effective"), machine.ask("sshd_config_lines")
    assert judged() == (Outcome.UNKNOWN, "not_observed")
    assert judged(said) == (Outcome.UNKNOWN, "not_observed")
    assert judged(said, lines) == (Outcome.PASS, "channels_closed")


def test_a_workstation_without_a_desktop_is_judged_by_its_shells(machine: Machine) -> None:
    machine.write("etc/profile.d/tmout.sh", TMOUT)
    assert _said(machine.as_workstation(shells=True)) == (Outcome.PASS, "shells_limited")


@pytest.mark.parametrize("probe", ["desktop", "shells"])
@pytest.mark.parametrize("user", [None, PIET], ids=["root", "piet"])
def test_every_shell_says_the_same(machine: Machine, probe: str, user: int | None) -> None:
    shells = available_shells()
    if not shells:
        pytest.skip("none of dash, busybox and bash is installed")
    machine.desktop("gnome", "plasma").dconf(GOOD, LOCKS)
    machine.write("etc/xdg/kscreenlockerrc", "[Daemon][$i]\nTimeout=10\n")
    machine.write("etc/profile.d/tmout.sh", TMOUT)
    home = "/root" if user is None else "/home/piet"
    outputs = [machine.look(probe, shell=s, user=user, home=home).stdout for s in shells]
    lines = outputs[0].splitlines()
    assert lines[-2:] == ["complete", f"end {len(lines) - 1}"]
    assert all(output == outputs[0] for output in outputs)
