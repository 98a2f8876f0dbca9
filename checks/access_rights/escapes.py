"""Which commands, allowed as root, give everything that root may do.

A list of commands in sudoers looks like a limit. But an editor starts a shell, a copy overwrites
``/etc/sudoers``, and a ``*`` takes arguments that nobody thought of (sudoers(5), "Preventing shell
escapes" and "Wildcards"; GTFOBins, https://gtfobins.github.io/#+sudo). Only what is certain counts:
a programme that is not listed here is taken for harmless.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHELLS = _names("sh bash rbash dash ash zsh ksh ksh93 mksh csh tcsh fish busybox su sudo")
"""Root's own shell where they are started without a script of their own."""
INTERACTIVE = _names("""
    vi vim vim.basic vim.tiny nvim view rvim vimdiff nano pico emacs ed ex joe mc visudo vipw vigr
    ftp gdb mysql mariadb psql sqlite3 screen tmux
""")
"""They start a shell, or write any file, whatever they were started with."""
STATEMENT = {"mysql": "-e", "mariadb": "-e", "psql": "-c"}
"""With this argument, and none that is free, they run what it says and ask nothing more."""
PAGERS = _names("less more most man")
"""They start a shell as well, unless sudo forbids it (NOEXEC)."""
ANY_ARGUMENTS = _names("""
    cp mv dd tee install ln rsync tar zip cpio chown setfacl sed awk gawk mawk find apt apt-get
    aptitude dpkg yum dnf rpm zypper apk pacman pip pip3 npm gem mount crontab useradd usermod
    adduser gpasswd chpasswd passwd nmap tcpdump wget curl scp sftp openssl socat systemd-run
    nsenter logrotate debugfs insmod
""")
"""They do anything at all where a part of their arguments is free."""
FIRST_FREE = _names("""
    env xargs nice nohup timeout time watch stdbuf taskset ionice setsid script expect flock strace
    ltrace unshare chroot setpriv capsh perl python python2 python3 ruby node lua php git make gcc
    ssh chmod modprobe systemctl docker podman nerdctl ctr lxc incus virsh snap ansible-playbook
    puppet
""")
"""They do anything at all where their first argument is free already: what they run or do."""
_ALL = SHELLS | INTERACTIVE | PAGERS | ANY_ARGUMENTS | FIRST_FREE
_BINARIES = ("/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/", "/usr/local/bin/")
_OPEN_FOLDERS = ("/tmp/", "/var/tmp/", "/dev/shm/")  # noqa: S108 - they are what is looked for
_RULES = ("/etc/sudoers", "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/cron")
OWN_FILE = "own file"
OWN_ENVIRONMENT = "own environment"
FOLDER = "folder"


def has_wildcard(text: str) -> bool:
    r"""Whether ``text`` holds a wildcard of sudoers that no ``\`` takes the meaning of."""
    return re.search(r"[*?\[]", re.sub(r"\\.", "", text)) is not None


def root_program(command: str, *, home: str, noexec: bool, setenv: bool) -> str:
    """The programme by which ``command`` of a rule gives everything; empty where it does not.

    Never a name of the machine's own making, which might be a person's.

    Args:
        command: the path with arguments, as sudo has it: without arguments it allows any.
        home: the home folder of the account, whose files it can change.
        noexec: sudo keeps the programme from starting another.
        setenv: the account may set the environment, and so have its own code loaded.
    """
    path, _, arguments = command.partition(" ")
    if path == "sudoedit":
        free = not arguments or has_wildcard(arguments) or arguments.startswith(_RULES)
        return path if free else ""
    if path.startswith("^"):
        return _first_match(lambda name: re.fullmatch(path.strip("^$"), name) is not None)
    if path.endswith("/"):
        return FOLDER
    if path.startswith(_OPEN_FOLDERS) or (len(home) > 1 and path.startswith(f"{home}/")):
        return OWN_FILE
    if has_wildcard(path):
        return _first_match(lambda name: fnmatchcase(name, path))
    name = path.rpartition("/")[2]
    if _gives_root(name, arguments, noexec):
        return name
    return OWN_ENVIRONMENT if setenv else ""


def _gives_root(name: str, arguments: str, noexec: bool) -> bool:
    first_free = not arguments or has_wildcard(arguments.partition(" ")[0])
    if name in SHELLS:
        return first_free or arguments in ('""', "-", "-i", "-l", "root", "- root", "-l root")
    if name in PAGERS:
        return not noexec
    if name == "passwd" and arguments in ('""', "root"):
        return True
    if name in STATEMENT and STATEMENT[name] in arguments.split(" "):
        return has_wildcard(arguments)
    return (
        name in INTERACTIVE
        or (name in FIRST_FREE and first_free)
        or (name in ANY_ARGUMENTS and (first_free or has_wildcard(arguments)))
    )


def _first_match(matches: Callable[[str], bool]) -> str:
    """A programme of the list whose usual paths a pattern takes in."""
    for name in sorted(_ALL):
        try:
            if any(matches(folder + name) for folder in _BINARIES):
                return name
        except re.error:
            return FOLDER
    return ""
