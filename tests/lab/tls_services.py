"""Real servers of other protocols that let TLS begin: mail, files, directory, databases, desktop.

Each function is a context manager that runs one server on loopback, with the certificate it is
given, and gives its port. All that a server writes is kept in the folder, which is one of
``open_folder``: most servers change to an account of their own.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.pki import Issued
from tests.lab.tls_servers import free_port, require, running

Start = Callable[[Path, Issued], AbstractContextManager[int]]


@dataclass(frozen=True, slots=True)
class _Files:
    chain: Path
    key: Path


def _files(folder: Path, issued: Issued, owner: str = "root") -> _Files:
    folder.mkdir(exist_ok=True)
    chain, key = folder / "server.crt", folder / "server.key"
    chain.write_bytes(issued.chain_pem)
    key.touch(mode=0o600)
    key.write_bytes(issued.key_pem)
    if owner != "root":
        _need_root()
        account = _account(owner)
        for path in (folder, chain, key):
            os.chown(path, account.pw_uid, account.pw_gid)
    return _Files(chain, key)


def _need_root() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root: the server changes to an account of its own")


def _account(name: str) -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        pytest.skip(f"needs the account {name}")


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that other accounts may pass through, which those of pytest are not."""
    with tempfile.TemporaryDirectory(prefix="tls-") as place:
        folder = Path(place)
        folder.chmod(0o711)
        yield folder


@contextmanager
def postfix(folder: Path, issued: Issued) -> Iterator[int]:
    """SMTP with STARTTLS: Postfix's own ``smtpd`` below its ``master``."""
    _need_root()
    require("postfix", "postfix")
    files, port = _files(folder, issued), free_port()
    queue, data = folder / "queue", folder / "data"
    queue.mkdir()
    data.mkdir()
    shutil.chown(data, "postfix", "postfix")
    (folder / "main.cf").write_text(
        f"compatibility_level = 3.6\nqueue_directory = {queue}\ndata_directory = {data}\n"
        "mail_owner = postfix\nsetgid_group = postdrop\ninet_interfaces = 127.0.0.1\n"
        "myhostname = mail.lab.example\nmydestination =\nsmtpd_tls_security_level = may\n"
        f"smtpd_tls_chain_files = {folder / 'both.pem'}\nmaillog_file = {folder}/log\n"
        f"maillog_file_prefixes = {folder}\n"
        "smtpd_tls_session_cache_database =\nalias_maps =\nlocal_recipient_maps =\n"
    )
    (folder / "both.pem").touch(mode=0o600)
    (folder / "both.pem").write_bytes(files.key.read_bytes() + files.chain.read_bytes())
    (folder / "master.cf").write_text(
        f"127.0.0.1:{port} inet n - n - - smtpd\n"
        "rewrite unix - - n - - trivial-rewrite\nanvil unix - - n - 1 anvil\n"
        "proxymap unix - - n - - proxymap\ntlsmgr unix - - n 1000? 1 tlsmgr\n"
        "cleanup unix n - n - 0 cleanup\n"
        "postlog unix-dgram n - n - 1 postlogd\n"
    )
    for name in ("pid", "private", "public", "active", "incoming", "maildrop"):
        (queue / name).mkdir()
        shutil.chown(queue / name, "root" if name == "pid" else "postfix")
    master = "/usr/lib/postfix/sbin/master"
    with running(port, master, "-c", str(folder), "-d"):
        yield port


@contextmanager
def _dovecot(folder: Path, issued: Issued, protocol: str) -> Iterator[int]:
    _need_root()
    binary = require("dovecot", "dovecot-core")
    if not Path(f"/usr/lib/dovecot/{protocol}-login").exists():
        pytest.skip(f"needs the Debian package dovecot-{protocol}d")
    files, port = _files(folder, issued), free_port()
    config = folder / "dovecot.conf"
    config.write_text(
        f"base_dir = {folder}/run\nstate_dir = {folder}/state\nprotocols = {protocol}\n"
        f"log_path = {folder}/log\nlisten = 127.0.0.1\nssl = yes\n"
        f"ssl_cert = <{files.chain}\nssl_key = <{files.key}\nssl_min_protocol = TLSv1.2\n"
        "default_vsz_limit = 1G\n"
        f"service {protocol}-login {{\n  inet_listener {protocol} {{\n    port = {port}\n  }}\n"
        f"  inet_listener {protocol}s {{\n    port = 0\n  }}\n}}\n"
        "passdb {\n  driver = static\n  args = nopassword=y\n}\n"
        "userdb {\n  driver = static\n  args = uid=65534 gid=65534 home=/nonexistent\n}\n"
    )
    with running(port, binary, "-F", "-c", str(config)):
        yield port


def imap(folder: Path, issued: Issued) -> AbstractContextManager[int]:
    """IMAP with STARTTLS: Dovecot."""
    return _dovecot(folder, issued, "imap")


def pop3(folder: Path, issued: Issued) -> AbstractContextManager[int]:
    """POP3 with STLS: Dovecot."""
    return _dovecot(folder, issued, "pop3")


@contextmanager
def ftp(folder: Path, issued: Issued) -> Iterator[int]:
    """FTP with AUTH TLS: vsftpd."""
    _need_root()
    binary = require("vsftpd", "vsftpd")
    files, port = _files(folder, issued), free_port()
    empty = folder / "empty"
    empty.mkdir()
    config = folder / "vsftpd.conf"
    config.write_text(
        f"listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\n"
        f"anonymous_enable=YES\nssl_enable=YES\nrsa_cert_file={files.chain}\n"
        f"rsa_private_key_file={files.key}\nsecure_chroot_dir={empty}\nxferlog_enable=NO\n"
        "ssl_ciphers=HIGH\n"
    )
    with running(port, binary, str(config)):
        yield port


@contextmanager
def ldap(folder: Path, issued: Issued) -> Iterator[int]:
    """LDAP with StartTLS: OpenLDAP, which Debian builds with GnuTLS."""
    _need_root()
    binary = require("slapd", "slapd")
    files, port = _files(folder, issued), free_port()
    config = folder / "slapd.conf"
    config.write_text(
        f"pidfile {folder}/slapd.pid\nTLSCertificateFile {files.chain}\n"
        f"TLSCertificateKeyFile {files.key}\nTLSCACertificateFile {files.chain}\n"
    )
    with running(port, binary, "-f", str(config), "-h", f"ldap://127.0.0.1:{port}", "-d", "0"):
        yield port


@contextmanager
def postgresql(folder: Path, issued: Issued) -> Iterator[int]:
    """PostgreSQL with ``ssl = on``."""
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not homes:
        pytest.skip("needs initdb (Debian package postgresql)")
    files, port = _files(folder, issued, "postgres"), free_port()
    account = _account("postgres")
    data = folder / "data"

    def become() -> None:
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)

    subprocess.run(
        [homes[-1], "-D", data, "-A", "trust", "--no-sync"],
        check=True,
        capture_output=True,
        preexec_fn=become,
        cwd=folder,
    )
    with running(
        port,
        *("setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"),
        *(str(homes[-1].with_name("postgres")), "-D", str(data), "-p", str(port)),
        *("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={folder}"),
        *("-c", "ssl=on", "-c", f"ssl_cert_file={files.chain}", "-c", f"ssl_key_file={files.key}"),
    ):
        yield port


@contextmanager
def mysql(folder: Path, issued: Issued) -> Iterator[int]:
    """MariaDB with a certificate."""
    binary = require("mariadbd", "mariadb-server")
    files, port = _files(folder, issued, "mysql"), free_port()
    data = folder / "data"
    subprocess.run(
        [
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            "--user=mysql",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ],
        check=True,
        capture_output=True,
    )
    with running(
        port,
        *(binary, "--no-defaults", "--user=mysql", f"--datadir={data}", f"--port={port}"),
        *("--bind-address=127.0.0.1", f"--socket={folder}/socket", "--skip-log-bin"),
        *(f"--ssl-cert={files.chain}", f"--ssl-key={files.key}", f"--pid-file={folder}/pid"),
    ):
        yield port


@contextmanager
def rdp(folder: Path, issued: Issued) -> Iterator[int]:
    """Remote desktop with TLS: xrdp."""
    _need_root()
    binary = require("xrdp", "xrdp")
    files, port = _files(folder, issued), free_port()
    config = folder / "xrdp.ini"
    config.write_text(
        f"[Globals]\nini_version=1\nfork=true\nport=tcp://127.0.0.1:{port}\n"
        f"security_layer=negotiate\ncertificate={files.chain}\nkey_file={files.key}\n"
        "ssl_protocols=TLSv1.2, TLSv1.3\n[Logging]\nLogFile=/dev/null\nLogLevel=ERROR\n"
        "EnableSyslog=false\n[Xorg]\nname=Xorg\nlib=libxup.so\n"
    )
    with running(port, binary, "--nodaemon", "--config", str(config)):
        yield port


SERVERS: dict[str, Start] = {
    "smtp": postfix,
    "imap": imap,
    "pop3": pop3,
    "ftp": ftp,
    "ldap": ldap,
    "postgresql": postgresql,
    "mysql": mysql,
    "rdp": rdp,
}
"""Each protocol that begins in clear, with a real server of it."""
