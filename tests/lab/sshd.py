"""The SSH lab: real OpenSSH servers on loopback, with real accounts, shells and rights.

A pytest plug-in (``pytest_plugins = ["tests.lab.sshd"]``) with one fixture, ``ssh_lab``. It needs
root and the Debian packages openssh-server, sudo, dash, fish, tcsh, zsh, busybox,
libpam-google-authenticator and iproute2; without root or a server every test that uses it is
skipped, and a host that needs a missing part skips its own tests only.

    def test_entry(ssh_lab: SshLab) -> None:
        host = ssh_lab.host("fish")
        target = host.target("web", known_hosts=(str(host.known_hosts),))

Hosts are made when a test first asks for one and live as long as the session. Kinds:

===================  ===========================================================================
``bash`` ...         ``dash``, ``fish``, ``tcsh``, ``zsh``, ``ash``: log-in shells; key only
``windows``          has a ``powershell.exe``, which is played (``lab.powershell``)
``vtysh``            has the command line of FRRouting (``lab.frr``); key only
``noisy``            bash with a ``.bashrc`` that prints on both outputs, and a log-in banner
``nologin``          its log-in shell is ``/usr/sbin/nologin``
``nosudo``           may not use sudo at all (as all above)
``sudo``             sudo without a password for every command
``sudo-password``    sudo for every command, with its password
``sudo-exact``       sudo without a password for the commands that ``allow`` was given
``password``         log-in by password only (the SSH method ``password``)
``interactive``      log-in by password through keyboard-interactive only (PAM)
``expired``          the same, but its password has to be changed first
``totp``             keyboard-interactive: password and a time-based code (PAM)
``key-totp``         a key and then a time-based code (``publickey,keyboard-interactive``)
``key-password``     a key and then the SSH method ``password``
``user-certificate`` a key with a certificate of an own user CA; the key alone is refused
``encrypted``        a key whose file has a passphrase (``host.passphrase``)
``host-certificate`` its host key is known through ``@cert-authority`` only
``multi-key``        three host keys, of which ``known_hosts`` holds the RSA key only
``changed``          ``known_hosts`` holds another key for it
``unknown``          its ``known_hosts`` is empty
``revoked``          its key is marked ``@revoked``
``jump``             a jump host; allows forwarding
``behind``           reached through ``jump`` only: it listens inside a network namespace
``behind-two``       reached through two jump hosts
``no-forward``       refuses forwarding
``rekey``            wants new keys after every megabyte
``no-session``       lets one in but opens no session
``one-session``      allows one session in a connection at a time (``MaxSessions 1``)
``one-at-a-time``    refuses whoever comes while somebody else is logging in (``MaxStartups 1``)
``gate``             a jump host that opens no session, and refuses as ``one-at-a-time`` does
``modern``           offers one key exchange and one cipher only
``chacha``           offers one cipher only, which paramiko does not know
``ipv6``             listens on ``::1``
``silent``           accepts connections and never says a word
``closes``           accepts connections and closes them at once
``chatter``          sends lines that are no SSH greeting, without end
``endless-line``     sends a greeting that never ends
``huge-packet``      greets, and then announces a packet of two gigabytes
``hangs``            opens a session and never answers
===================  ===========================================================================

``ssh_lab.cut(Ending.DROP, after=...)`` gives hosts that run what they are told, and then drop the
connection (after a second), hang or flood once that many bytes of output have gone.
"""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import os
import secrets
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pyotp
import pytest

from tests.lab import powershell
from tests.lab.accounts import Accounts, kill_tree, machine_lock, run, sudo_rule
from tests.lab.hostile_ssh import chatter, endless_line, huge_packet, serve
from tests.lab.netns import Namespace
from tests.lab.servers import (
    SSHD,
    Server,
    free_port,
    known_name,
    make_key,
    public_line,
    start_server,
)
from tests.lab.ssh_host import Ending, LabHost, Sudo

__all__ = ["Ending", "LabHost", "SshLab", "Sudo", "ssh_lab"]

_SHELLS = {
    "bash": "/bin/bash",
    "dash": "/bin/dash",
    "fish": "/usr/bin/fish",
    "tcsh": "/usr/bin/tcsh",
    "zsh": "/usr/bin/zsh",
    "ash": "/usr/bin/busybox",
    "nologin": "/usr/sbin/nologin",
}
_NOISY_BASHRC = (
    'echo "Welcome to $HOSTNAME"\necho "mail: none" >&2\nprintf "\\033[31mred\\033[0m\\n"\n'
)
_SOCKETS = 16  # OpenSSH's MAX_LISTEN_SOCKS
_PAM_REST = """account required pam_unix.so
session required pam_permit.so
password required pam_unix.so
"""


@dataclass(frozen=True, slots=True)
class _Account:
    user: str
    password: str


class SshLab:
    """Makes hosts on demand and removes them all at the end."""

    def __init__(self) -> None:
        self.accounts = Accounts()
        self.folder = self.accounts.folder
        self.identity = make_key(self.folder / "id_ed25519")
        self.user_ca = make_key(self.folder / "user_ca")
        self.host_ca = make_key(self.folder / "host_ca")
        self._lock = threading.RLock()
        self._hosts: dict[str, LabHost] = {}
        self._servers: dict[str, Server] = {}
        self._sockets: list[socket.socket] = []
        self._namespace: Namespace | None = None

    # -- what tests ask for ----------------------------------------------------------------

    def host(self, kind: str) -> LabHost:
        """The host of a kind; see the module's table.

        Raises:
            pytest.skip.Exception: the machine lacks what this kind needs.
        """
        with self._lock:
            if kind not in self._hosts:
                self._hosts[kind] = self._makers()[kind]()
            return self._hosts[kind]

    def allow(self, host: LabHost, *commands: str, password: bool = False) -> None:
        """Lets the account of ``host`` run exactly these commands as root."""
        self.accounts.sudoers(
            f"{host.user.rpartition('_')[2]}", sudo_rule(host.user, commands, password=password)
        )

    def with_key(self, host: LabHost, key: Path) -> LabHost:
        """The same account, entered with another key: its public half is added to the account."""
        with (self.folder / "keys" / host.user).open("a") as keys:
            keys.write(f"{public_line(key)}\n")
        return replace(host, identity_file=key)

    def prompting(self, prompt: str) -> LabHost:
        """A host whose log-in puts this one question, and accepts no answer."""
        kind = f"prompt-{hashlib.sha256(prompt.encode()).hexdigest()[:6]}"
        with self._lock:
            if kind not in self._hosts:
                self._need_google_authenticator()
                escaped = prompt.replace("]", "\\]")  # pam.conf(5)
                stack = (
                    f"auth required pam_google_authenticator.so user=root secret={self.folder}/none"
                    f" [authtok_prompt={escaped}]\n"
                )
                self._hosts[kind] = self._plain(
                    kind,
                    server=kind,
                    settings="KbdInteractiveAuthentication yes\nPubkeyAuthentication no",
                    pam_service=self.accounts.pam(kind, stack + _PAM_REST),
                    with_key=False,
                )
            return self._hosts[kind]

    def fleet(self, count: int, *, everywhere: bool = False) -> tuple[LabHost, ...]:
        """That many addresses of real servers, all with one account, key and host key.

        Args:
            count: of addresses.
            everywhere: one server listens on all addresses, those of other interfaces too. Only
                for a network namespace of one's own: then a machine has not as many listening
                sockets as there are addresses, which no real one has.
        """
        account = self._account("fleet", "/bin/sh", self.identity)
        key = make_key(self.folder / "fleet_host_key")
        token = int(self.accounts.token, 16)
        net = ipaddress.IPv4Address(f"127.{64 + token % 128}.{token // 128 % 256}.0")
        addresses = [str(net + 1 + number) for number in range(count)]
        port = 0
        for start in range(0, 1 if everywhere else count, _SOCKETS):
            first, *more = ["0.0.0.0"] if everywhere else addresses[start : start + _SOCKETS]  # noqa: S104
            name = f"fleet-{start}"
            self._servers[name] = start_server(
                self.folder, name, first, more=tuple(more), host_keys=(key,), port=port
            )
            port = self._servers[name].port
        known = self.folder / "fleet_known_hosts"
        known.write_text(
            "".join(f"{known_name(address, port)} {public_line(key)}\n" for address in addresses)
        )
        return tuple(
            LabHost(
                kind=f"host{number:03d}",
                address=address,
                port=port,
                user=account.user,
                identity_file=self.identity,
                known_hosts=known,
                password=account.password,
            )
            for number, address in enumerate(addresses, start=1)
        )

    def within(
        self, name: str, namespace: str, *, command: str = "", sudo: Sudo = Sudo.NONE
    ) -> LabHost:
        """A host that is reached from inside a network namespace only.

        Args:
            name: of its account and of its server; unique in the lab.
            namespace: the namespace's name.
            command: runs in the place of the log-in shell, where it is given.
            sudo: how its account gets root's rights.
        """
        account = self._account(name, "/bin/bash", self.identity)
        if sudo is not Sudo.NONE:
            rule = sudo_rule(account.user, ["ALL"], password=sudo is Sudo.PASSWORD)
            self.accounts.sudoers(name, rule)
        running = self._server(
            name,
            settings=f"ForceCommand exec {command}" if command else "",
            address="127.0.0.3",
            namespace=namespace,
        )
        return self._described(name, account, running, sudo=sudo)

    def known_together(self, *hosts: LabHost) -> Path:
        """A ``known_hosts`` file that knows all of these hosts."""
        path = self.folder / f"{'_'.join(host.kind for host in hosts)}_known_hosts"
        path.write_text("".join(host.known_hosts.read_text() for host in hosts))
        return path

    def sessions(self, host: LabHost) -> int:
        """How many processes serve connections to the host's server at this moment."""
        return len(_children(host))

    def kill_sessions(self, host: LabHost) -> None:
        """Kills every connection to the host's server, but not the server."""
        for child in _children(host):
            kill_tree(child)

    def wait_for_no_session(self, host: LabHost) -> None:
        """Returns when nobody is connected to the host's server any more."""
        _, left = psutil.wait_procs(_children(host), timeout=20)
        if left:
            raise RuntimeError(f"{host.kind} still serves {left}")

    def cut(self, ending: Ending, after: int) -> LabHost:
        """A host that runs its script until ``after`` bytes of output, and then ends badly."""
        kind = f"{ending.value}-{after}"
        with self._lock:
            if kind not in self._hosts:
                end = {
                    # The script's parent is this session's sshd, which has to pass on the output
                    # before it is killed. A test that must be sure of that cuts by itself: see
                    # kill_sessions.
                    Ending.DROP: 'sleep 1; kill -9 "$PPID"',
                    Ending.HANG: "exec sleep 100000",
                    Ending.FLOOD: "exec cat /dev/zero",
                }[ending]
                script = self.folder / "bin" / f"cut-{kind}"
                script.write_text(f"#!/bin/sh\n/bin/sh | head -c {after}\n{end}\n")
                script.chmod(0o755)
                self._hosts[kind] = self._plain(
                    kind, "/bin/sh", settings=f"ForceCommand exec {script}", server=kind
                )
            return self._hosts[kind]

    def close(self) -> None:
        """Stops every server and removes what the lab put on the machine."""
        for server in self._servers.values():
            server.stop()
        for listening in self._sockets:
            # Wakes the thread that waits in accept(2).
            listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        if self._namespace is not None:
            self._namespace.close()
        self.accounts.close()

    def _vtysh(self) -> LabHost:
        host = self._plain("vtysh", "/bin/sh", settings="ForceCommand exec vtysh", server="vtysh")
        with machine_lock():
            run("usermod", "--append", "--groups", "frrvty", host.user)
        return host

    # -- the kinds -------------------------------------------------------------------------

    def _makers(self) -> Mapping[str, Callable[[], LabHost]]:
        shells: dict[str, Callable[[], LabHost]] = {
            kind: functools.partial(self._shell_host, kind) for kind in _SHELLS
        }
        return shells | {
            "noisy": self._noisy,
            "windows": self._windows,
            "nosudo": lambda: self._plain("nosudo"),
            "sudo": lambda: self._sudo("sudo", Sudo.NO_PASSWORD),
            "sudo-password": lambda: self._sudo("sudo-password", Sudo.PASSWORD),
            "sudo-exact": lambda: self._plain("sudo-exact", sudo=Sudo.NO_PASSWORD),
            "password": lambda: self._plain(
                "password",
                server="password",
                settings="PasswordAuthentication yes\nPubkeyAuthentication no",
                with_key=False,
            ),
            "interactive": lambda: self._interactive("interactive"),
            "expired": self._expired,
            "totp": lambda: self._totp("totp", "keyboard-interactive"),
            "key-totp": lambda: self._totp("key-totp", "publickey,keyboard-interactive"),
            "key-password": lambda: self._plain(
                "key-password",
                server="key-password",
                settings="PasswordAuthentication yes\nAuthenticationMethods publickey,password",
            ),
            "user-certificate": self._user_certificate,
            "encrypted": self._encrypted,
            "host-certificate": self._host_certificate,
            "multi-key": self._multi_key,
            "changed": self._changed,
            "unknown": lambda: self._with_known("unknown", lambda server: ""),
            "revoked": self._revoked,
            "jump": self._jump,
            "behind": lambda: self._behind("behind", ("jump",)),
            "behind-two": lambda: self._behind("behind-two", ("jump", "second-jump")),
            "second-jump": lambda: self._behind("second-jump", ("jump",), forwards=True),
            "no-forward": lambda: self._plain("no-forward"),
            "vtysh": self._vtysh,
            "silent": lambda: self._socket("silent", lambda peer: None),
            "closes": lambda: self._socket("closes", lambda peer: peer.close()),
            "chatter": lambda: self._socket("chatter", chatter),
            "rekey": lambda: self._plain("rekey", server="rekey", settings="RekeyLimit 1M"),
            "no-session": lambda: self._plain(
                "no-session", server="no-session", settings="MaxSessions 0"
            ),
            "one-session": lambda: self._plain(
                "one-session", server="one-session", settings="MaxSessions 1"
            ),
            "one-at-a-time": lambda: self._plain(
                "one-at-a-time", server="one-at-a-time", settings="MaxStartups 1"
            ),
            "gate": lambda: self._plain(
                "gate",
                server="gate",
                settings="MaxStartups 1\nMaxSessions 0\nAllowTcpForwarding yes",
            ),
            "modern": lambda: self._plain(
                "modern",
                server="modern",
                settings="KexAlgorithms curve25519-sha256\nCiphers aes256-gcm@openssh.com",
            ),
            "chacha": lambda: self._plain(
                "chacha", server="chacha", settings="Ciphers chacha20-poly1305@openssh.com"
            ),
            "ipv6": self._ipv6,
            "endless-line": lambda: self._socket("endless-line", endless_line),
            "huge-packet": lambda: self._socket("huge-packet", huge_packet),
            "hangs": lambda: self._plain(
                "hangs", "/bin/sh", settings="ForceCommand exec sleep 100000", server="hangs"
            ),
        }

    def _shell_host(self, kind: str) -> LabHost:
        return self._plain(kind, self._shell(kind))

    def _shell(self, kind: str) -> str:
        path = _SHELLS[kind]
        if not Path(path).exists():
            pytest.skip(f"the lab needs {path} (Debian package {kind})")
        if kind != "ash":
            return path
        # busybox looks at the name that it is started under.
        applet = self.folder / "bin" / "ash"
        if not applet.exists():
            applet.symlink_to(path)
        return str(applet)

    def _account(self, kind: str, shell: str, key: Path | None) -> _Account:
        password = secrets.token_urlsafe(12)
        public = f"{public_line(key)}\n" if key else ""
        return _Account(self.accounts.add(kind, shell, password, public), password)

    def _server(
        self,
        name: str,
        *,
        settings: str = "",
        address: str = "127.0.0.2",
        host_keys: tuple[Path, ...] = (),
        namespace: str = "",
        pam_service: str = "",
    ) -> Server:
        if name not in self._servers:
            self._servers[name] = start_server(
                self.folder,
                name,
                address,
                settings=settings,
                host_keys=host_keys,
                namespace=namespace,
                pam_service=pam_service,
            )
        return self._servers[name]

    def _known(self, server: Server, lines: str | None = None) -> Path:
        path = self.folder / f"{server.name}_known_hosts"
        if lines is None:
            name = known_name(server.address, server.port)
            lines = "".join(f"{name} {public_line(key)}\n" for key in server.host_keys)
        path.write_text(lines)
        return path

    def _plain(
        self,
        kind: str,
        shell: str = "/bin/bash",
        *,
        server: str = "plain",
        settings: str = "",
        pam_service: str = "",
        sudo: Sudo = Sudo.NONE,
        with_key: bool = True,
    ) -> LabHost:
        account = self._account(kind, shell, self.identity if with_key else None)
        running = self._server(server, settings=settings, pam_service=pam_service)
        return self._described(kind, account, running, sudo=sudo, with_key=with_key)

    def _described(
        self,
        kind: str,
        account: _Account,
        running: Server,
        *,
        sudo: Sudo = Sudo.NONE,
        with_key: bool = True,
        jump: tuple[str, ...] = (),
        known: str | None = None,
    ) -> LabHost:
        return LabHost(
            kind=kind,
            address=running.address,
            port=running.port,
            user=account.user,
            identity_file=self.identity if with_key else None,
            known_hosts=self._known(running, known),
            password=account.password,
            sudo=sudo,
            jump=jump,
            server=running,
        )

    def _ipv6(self) -> LabHost:
        try:
            free_port("::1")
        except OSError:
            pytest.skip("the lab needs IPv6 on the loopback interface")
        account = self._account("ipv6", "/bin/bash", self.identity)
        return self._described("ipv6", account, self._server("ipv6", address="::1"))

    def _noisy(self) -> LabHost:
        banner = self.folder / "banner"
        banner.write_text("Authorised use only. \x1b[1mAll sessions are logged.\x1b[0m\n")
        host = self._plain("noisy", server="noisy", settings=f"Banner {banner}")
        self.accounts.write(host.user, ".bashrc", _NOISY_BASHRC)
        return host

    def _windows(self) -> LabHost:
        programs = self.folder / "windows"
        programs.mkdir()
        played = programs / "played.py"
        played.write_text(Path(powershell.__file__).read_text())
        program = programs / "powershell.exe"
        program.write_text(f'#!/bin/sh\nexec /usr/bin/python3 {played} "$@"\n')
        program.chmod(0o755)
        path = f"SetEnv PATH={programs}:/usr/bin:/bin"
        return self._plain("windows", "/bin/sh", server="windows", settings=path)

    def _sudo(self, kind: str, sudo: Sudo) -> LabHost:
        host = self._plain(kind, sudo=sudo)
        rule = sudo_rule(host.user, ["ALL"], password=sudo is Sudo.PASSWORD)
        self.accounts.sudoers(kind, rule)
        return host

    def _interactive(self, kind: str) -> LabHost:
        service = self.accounts.pam(kind, f"auth required pam_unix.so\n{_PAM_REST}")
        return self._plain(
            kind,
            server=kind,
            settings="KbdInteractiveAuthentication yes\nPubkeyAuthentication no",
            pam_service=service,
            with_key=False,
        )

    def _totp(self, kind: str, methods: str) -> LabHost:
        self._need_google_authenticator()
        codes = self.folder / "totp"
        codes.mkdir(mode=0o700, exist_ok=True)
        stack = f"auth required pam_google_authenticator.so user=root secret={codes}/${{USER}}\n"
        with_password = methods == "keyboard-interactive"
        if with_password:
            stack = f"auth required pam_unix.so\n{stack}"
        host = self._plain(
            kind,
            server=kind,
            settings=f"KbdInteractiveAuthentication yes\nAuthenticationMethods {methods}",
            pam_service=self.accounts.pam(kind, stack + _PAM_REST),
            with_key=not with_password,
        )
        secret = pyotp.random_base32()
        # The format of google-authenticator(1); reuse is allowed, as tests log in more than once.
        (codes / host.user).write_text(f'{secret}\n" TOTP_AUTH\n')
        (codes / host.user).chmod(0o400)
        return replace(host, totp_secret=secret)

    @staticmethod
    def _need_google_authenticator() -> None:
        if not any(Path("/lib").glob("*/security/pam_google_authenticator.so")):
            pytest.skip("the lab needs pam_google_authenticator (libpam-google-authenticator)")

    def _expired(self) -> LabHost:
        host = self._interactive("expired")
        run("chage", "--lastday", "0", host.user)
        return host

    def _user_certificate(self) -> LabHost:
        key = make_key(self.folder / "id_certified")
        account = self._account("certified", "/bin/bash", None)
        run(
            "ssh-keygen", "-q", "-s", str(self.user_ca), "-I", "lab", "-n", account.user,
            "-V", "+1h", f"{key}.pub",
        )  # fmt: skip
        running = self._server("user-certificate", settings=f"TrustedUserCAKeys {self.user_ca}.pub")
        host = self._described("user-certificate", account, running)
        return replace(host, identity_file=key)

    def _encrypted(self) -> LabHost:
        passphrase = secrets.token_urlsafe(12)
        key = make_key(self.folder / "id_encrypted", passphrase=passphrase)
        account = self._account("encrypted", "/bin/bash", key)
        host = self._described("encrypted", account, self._server("plain"))
        return replace(host, identity_file=key, passphrase=passphrase)

    def _host_certificate(self) -> LabHost:
        key = make_key(self.folder / "certified_host_key")
        return self._certified_server("host-certificate", key, "127.0.0.2")

    def certified(self, kind: str, *options: str, principals: str = "127.0.0.2") -> LabHost:
        """A host whose certificate was signed with these further options of ``ssh-keygen``."""
        kind = f"cert-{kind}"
        with self._lock:
            if kind not in self._hosts:
                key = make_key(self.folder / f"{kind}_host_key")
                self._hosts[kind] = self._certified_server(kind, key, principals, *options)
            return self._hosts[kind]

    def _certified_server(self, kind: str, key: Path, principals: str, *options: str) -> LabHost:
        words = options or ("-h", "-V", "-1h:+1h")
        run(
            "ssh-keygen", "-q", "-s", str(self.host_ca), "-I", kind, *words,
            *(("-n", principals) if principals else ()), f"{key}.pub",
        )  # fmt: skip
        account = self._account(kind, "/bin/bash", self.identity)
        running = self._server(kind, settings=f"HostCertificate {key}-cert.pub", host_keys=(key,))
        known = f"@cert-authority 127.0.0.* {public_line(self.host_ca)}\n"
        return self._described(kind, account, running, known=known)

    def _multi_key(self) -> LabHost:
        keys = tuple(
            make_key(self.folder / f"multi_host_{kind}", kind)
            for kind in ("ed25519", "ecdsa", "rsa")
        )
        running = self._server("multi-key", host_keys=keys)
        name = known_name(running.address, running.port)
        account = self._account("multi-key", "/bin/bash", self.identity)
        return self._described(
            "multi-key", account, running, known=f"{name} {public_line(keys[2])}\n"
        )

    def _with_known(self, kind: str, known: Callable[[Server], str]) -> LabHost:
        running = self._server(kind)
        account = self._account(kind, "/bin/bash", self.identity)
        return self._described(kind, account, running, known=known(running))

    def _changed(self) -> LabHost:
        other = public_line(make_key(self.folder / "other_host_key"))
        return self._with_known(
            "changed", lambda server: f"# old\n{known_name(server.address, server.port)} {other}\n"
        )

    def _revoked(self) -> LabHost:
        def known(server: Server) -> str:
            line = f"{known_name(server.address, server.port)} {public_line(server.host_keys[0])}\n"
            return f"{line}@revoked * {public_line(server.host_keys[0])}\n"

        return self._with_known("revoked", known)

    @property
    def namespace(self) -> str:
        """The name of the network namespace in which ``behind`` listens."""
        return self._inside().name

    def _inside(self) -> Namespace:
        if shutil.which("ip") is None:
            pytest.skip("the lab needs ip (Debian package iproute2)")
        if self._namespace is None:
            self._namespace = Namespace(self.accounts.token)
        return self._namespace

    def _jump(self) -> LabHost:
        inside = self._inside()
        account = self._account("jump", "/bin/bash", self.identity)
        running = self._server(
            "jump", settings="AllowTcpForwarding yes", address=inside.address, namespace=inside.name
        )
        return self._described("jump", account, running)

    def _behind(self, kind: str, through: tuple[str, ...], *, forwards: bool = False) -> LabHost:
        hops = [self.host(name) for name in through]
        account = self._account(kind, "/bin/bash", self.identity)
        running = self._server(
            kind,
            settings="AllowTcpForwarding yes" if forwards else "",
            address="127.0.0.3",
            namespace=self._inside().name,
        )
        host = self._described(
            kind,
            account,
            running,
            jump=tuple(f"{hop.user}@{hop.address}:{hop.port}" for hop in hops),
        )
        # One file holds the keys of the whole way.
        files = [hop.known_hosts.read_text() for hop in hops]
        host.known_hosts.write_text("".join([*files, host.known_hosts.read_text()]))
        return host

    def _socket(self, kind: str, treat: Callable[[socket.socket], None]) -> LabHost:
        listening = socket.create_server(("127.0.0.2", 0), backlog=64)
        self._sockets.append(listening)
        threading.Thread(target=serve, args=(listening, treat), daemon=True).start()
        known = self.folder / f"{kind}_known_hosts"
        known.touch()
        return LabHost(
            kind=kind,
            address="127.0.0.2",
            port=int(listening.getsockname()[1]),
            user="nobody",
            identity_file=self.identity,
            known_hosts=known,
        )


def _children(host: LabHost) -> list[psutil.Process]:
    if host.server is None:
        raise ValueError(f"{host.kind} is no sshd")
    return psutil.Process(host.server.process.pid).children()


@pytest.fixture(scope="session")
def ssh_lab() -> Iterator[SshLab]:
    """The lab, empty at first; everything that it made is gone afterwards."""
    if os.geteuid() != 0:
        pytest.skip("the SSH lab needs root: it makes accounts and starts servers")
    for programme, package in ((str(SSHD), "openssh-server"), ("ssh-keygen", "openssh-client")):
        if shutil.which(programme) is None:
            pytest.skip(f"the SSH lab needs {programme} (Debian package {package})")
    lab = SshLab()
    try:
        yield lab
    finally:
        lab.close()
