"""The machine around sshd, as the scripts ``linux_log_in.sh`` and ``macos_log_in.sh`` print it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from assessor.api import Record

CLEAR_TEXT: Mapping[int, str] = {23: "telnet", 512: "rexec", 513: "rlogin"}
"""Remote log-in that nothing encrypts. Port 514 is left out: it is also syslog over TCP."""

OTHERS: Mapping[int, str] = {
    21: "ftp",
    3389: "rdp",
    **dict.fromkeys(range(5900, 5910), "vnc"),
    **dict.fromkeys(range(6000, 6010), "x11"),
}
"""Remote log-in that may be encrypted or closed off elsewhere; the port alone does not tell."""

_ACCOUNT = re.compile(r"([^:]+):(empty|set):([0-9]+):([^:]*)")
_NO_SHELL = re.compile(r".*/(nologin|false|sync|halt|shutdown)")


@dataclass(frozen=True, slots=True)
class Account:
    """A local account; ``empty`` when passwd itself shows that it has no password."""

    name: str
    empty: bool
    can_log_in: bool


@dataclass(frozen=True, slots=True)
class Listener:
    """A TCP port that is open on an address other than loopback."""

    address: str
    port: int


@dataclass(frozen=True, slots=True)
class Host:
    """What any user may see.

    Attributes:
        sshd_installed: sshd is there; whether it runs is told by ``sshd_seen``.
        sshd_seen: its process, a session of it or its socket unit was seen.
        sshd_options: settings on its command line, which ``sshd -T`` does not know.
        other_ssh: SSH servers other than OpenSSH's that run.
        listeners: open TCP ports, loopback left out.
        vpn: VPN programs and interfaces, such as ``wireguard:wg0``.
        keytab: the machine has a Kerberos key, so that GSSAPI log-in can work.
        accounts: local accounts, from passwd.
        root_groups: the groups of root.
        automatic: files that let someone in without asking for anything.
        directory: it belongs to a domain whose server may ask for a second factor.
        hidden: other users' processes cannot be seen, so that their absence means nothing.
        complete: ports and accounts could all be read.
    """

    sshd_installed: bool
    sshd_seen: bool
    sshd_options: tuple[str, ...]
    other_ssh: tuple[str, ...]
    listeners: tuple[Listener, ...]
    vpn: tuple[str, ...]
    keytab: bool
    accounts: tuple[Account, ...]
    root_groups: tuple[str, ...]
    automatic: tuple[str, ...]
    directory: bool
    hidden: bool
    complete: bool

    def named(self, known: Mapping[int, str]) -> tuple[str, ...]:
        """The listeners of ``known``, as ``telnet (port 23)``, each once."""
        ports = sorted({item.port for item in self.listeners if item.port in known})
        return tuple(f"{known[port]} (port {port})" for port in ports)


def read_host(found: tuple[Record, ...]) -> Host:
    """Sorts the records of the script."""
    by_kind: dict[str, list[str]] = {}
    for kind, text in found:
        by_kind.setdefault(kind, []).append(text)
    listeners = []
    readable = True
    for text in by_kind.get("listen", []):
        listener = _listener(text)
        if listener is None:
            readable = False
        elif not ip_address(listener.address).is_loopback:
            listeners.append(listener)
    for text in by_kind.get("open", []):
        listener = _open_port(text)
        if listener is None:
            readable = False
        elif not ip_address(listener.address).is_loopback:
            listeners.append(listener)
    commands = by_kind.get("listener", [])
    accounts = tuple(a for text in by_kind.get("account", []) if (a := _account(text)) is not None)
    return Host(
        sshd_installed="sshd" in by_kind,
        sshd_seen=bool(commands or "session" in by_kind or "socket" in by_kind),
        sshd_options=tuple(option for command in commands for option in _options(command)),
        other_ssh=tuple(sorted(set(by_kind.get("other_ssh", [])))),
        listeners=tuple(listeners),
        vpn=tuple(sorted(set(by_kind.get("vpn", [])))),
        keytab="keytab" in by_kind,
        accounts=accounts,
        root_groups=tuple(" ".join(by_kind.get("root_groups", [])).split()),
        automatic=tuple(sorted(set(by_kind.get("automatic", [])))),
        directory="directory" in by_kind,
        hidden="processes" in by_kind,
        complete=readable
        and bool({"/proc/net/tcp", "netstat"} & set(by_kind.get("table", [])))
        and len(accounts) == len(by_kind.get("account", []))
        and bool(accounts),
    )


def _listener(text: str) -> Listener | None:
    found = re.fullmatch(r"([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})", text)
    if found is None:
        return None
    # The kernel prints each 32-bit word of the address in the machine's own byte order.
    words = [bytes.fromhex(found[1][i : i + 8])[::-1] for i in range(0, len(found[1]), 8)]
    raw = b"".join(words)
    address: IPv4Address | IPv6Address = IPv4Address(raw) if len(raw) == 4 else IPv6Address(raw)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return Listener(str(address), int(found[2], 16))


def _open_port(text: str) -> Listener | None:
    """A port as BSD's ``netstat`` prints it: ``*.22``, ``127.0.0.1.631``, ``fe80::1%lo0.88``."""
    found = re.fullmatch(r"(\*|[0-9a-fA-F.:]+)(?:%\w+)?\.([0-9]+)", text)
    if found is None:
        return None
    try:
        address = ip_address("0.0.0.0" if found[1] == "*" else found[1])  # noqa: S104
    except ValueError:
        return None
    return Listener(str(address), int(found[2]))


def _account(text: str) -> Account | None:
    found = _ACCOUNT.fullmatch(text)
    if found is None:
        return None
    return Account(found[1], found[2] == "empty", _NO_SHELL.fullmatch(found[4]) is None)


# Red Hat's service passes its lists of algorithms on the command line; they let nobody in.
_HARMLESS_OPTION = re.compile(
    r"(ciphers|macs|kexalgorithms|gssapikexalgorithms|hostkeyalgorithms|casignaturealgorithms"
    r"|pubkeyacceptedkeytypes|pubkeyacceptedalgorithms|hostbasedacceptedalgorithms)[= ].*",
    re.IGNORECASE,
)


def _options(command: str) -> tuple[str, ...]:
    words = command.partition("[listener]")[0].split()
    found = []
    for position, word in enumerate(words):
        if word.startswith("-o"):
            value = word[2:] or " ".join(words[position + 1 : position + 2])
            if not _HARMLESS_OPTION.fullmatch(value):
                found.append(f"-o {value}")
        elif word.startswith("-f"):
            value = word[2:] or " ".join(words[position + 1 : position + 2])
            if value != "/etc/ssh/sshd_config":
                found.append(f"-f {value}")
    return tuple(found)


_STATUS = re.compile(r"([^ ]*) (PS|P|LK|L|NP) [^ ]*(?: -?[0-9]+){4}")


@dataclass(frozen=True, slots=True)
class Passwords:
    """Of the accounts that can log in: those without a password, and those with a usable one."""

    none: tuple[str, ...]
    usable: tuple[str, ...]


def read_passwords(output: str, accounts: tuple[Account, ...]) -> Passwords | None:
    """Who has a password, from ``passwd -Sa``.

    ``None`` when the output is not of the known form or leaves out an account of passwd, so that
    a list that was cut off is not taken for a whole one.
    """
    status: dict[str, str] = {}
    for line in output.removesuffix("\n").split("\n"):
        found = _STATUS.fullmatch(line)
        if found is None:
            return None
        status[found[1]] = found[2]
    if any(account.name not in status for account in accounts):
        return None
    names = [account.name for account in accounts if account.can_log_in]
    return Passwords(
        none=tuple(name for name in names if status[name] == "NP"),
        usable=tuple(name for name in names if status[name] in ("P", "PS")),
    )
