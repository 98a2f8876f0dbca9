"""A real Postfix with many faces, one loopback address each, and an nginx that serves policies.

::

    with postfix(folder, {"127.64.4.11": Face(pki.issue("mx.good.example"))}):
        ...                                       # port 25 of that address
    with policy_site(folder, "127.64.4.21", [Policy("good.example", issued, BODY)]):
        ...                                       # port 443 of that address

Both need root. A caller whose machine lacks a program gets ``pytest.skip``.
"""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.accounts import run
from tests.lab.dns import running
from tests.lab.nginx import require_nginx
from tests.lab.pki import Issued

_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
_FOLDERS = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming"),
    *("maildrop", "private", "public", "saved", "trace", "pid"),
)


@dataclass(frozen=True, slots=True)
class Face:
    """How Postfix looks at one address.

    Attributes:
        issued: the certificate for STARTTLS; ``None`` for no STARTTLS.
        banner: the text after the code of the greeting.
        protocols: as ``smtpd_tls_protocols`` has it.
        refuses: visitors are turned away in the greeting.
    """

    issued: Issued | None = None
    banner: str = "mx ESMTP Postfix"
    protocols: str = ">=TLSv1.2"
    refuses: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """What a policy host serves for one domain.

    Attributes:
        domain: the mail domain.
        issued: the certificate of ``mta-sts.`` before it.
        body: the policy.
        serving: what nginx does on that path instead of giving the policy.
    """

    domain: str
    issued: Issued
    body: str
    serving: str = ""


def require_postfix() -> None:
    """Skips the test where Postfix or the rights to run it are missing."""
    if shutil.which("postfix", path=_PATH) is None:
        pytest.skip("needs postfix (Debian package postfix)")
    if os.geteuid() != 0:
        pytest.skip("needs root, for port 25")


@contextmanager
def postfix(folder: Path, faces: Mapping[str, Face]) -> Iterator[Path]:
    """Runs Postfix with ``faces`` by address until the block ends; gives its log."""
    require_postfix()
    base = folder / "postfix"
    config, queue, data = base / "etc", base / "queue", base / "data"
    for one in (config, queue, data):
        one.mkdir(parents=True)
    # Postfix's own programs run without privilege and must be able to enter.
    for one in (base, *base.parents):
        if one.stat().st_uid == 0 and str(one) != "/":
            one.chmod(one.stat().st_mode | 0o011)
    owner = pwd.getpwnam("postfix")
    os.chown(data, owner.pw_uid, owner.pw_gid)
    for name in _FOLDERS:
        (queue / name).mkdir(mode=0o755)
        if name != "pid":
            os.chown(queue / name, owner.pw_uid, owner.pw_gid)
    log = base / "mail.log"
    (config / "main.cf").write_text(
        f"""compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
maillog_file = {log}
maillog_file_prefixes = {base}
myhostname = mx.lab.example
mydestination =
local_recipient_maps =
relay_domains =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.255.0.0/16
alias_maps =
smtpd_peername_lookup = no
smtpd_tls_loglevel = 1
tls_medium_cipherlist = DEFAULT:@SECLEVEL=0
smtpd_relay_restrictions = reject_unauth_destination
""",
        encoding="ascii",
    )
    services = "".join(_service(config, address, face) for address, face in sorted(faces.items()))
    (config / "master.cf").write_text(
        f"""{services}
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n 1000? 1 tlsmgr
""",
        encoding="ascii",
    )
    daemons = Path(run("/usr/sbin/postconf", "-dh", "daemon_directory").strip())
    words = [str(daemons / "master"), "-c", str(config), "-s"]
    with running(words, base / "start.log", next(iter(faces)), 25):
        yield log


def _service(config: Path, address: str, face: Face) -> str:
    options = {"smtpd_banner": face.banner, "smtpd_tls_security_level": "none"}
    if face.issued is not None:
        chain = config / f"{address}.pem"
        chain.touch(mode=0o600)
        chain.write_bytes(face.issued.key_pem + face.issued.chain_pem)
        options |= {
            "smtpd_tls_security_level": "may",
            "smtpd_tls_chain_files": str(chain),
            "smtpd_tls_protocols": face.protocols,
        }
    if face.refuses:
        options |= {"smtpd_client_restrictions": "reject", "smtpd_delay_reject": "no"}
    lines = [f"{address}:25 inet n - n - - smtpd"]
    lines += [f"  -o {{ {name} = {value} }}" for name, value in options.items()]
    return "\n".join([*lines, ""])


@contextmanager
def policy_site(folder: Path, address: str, policies: Sequence[Policy]) -> Iterator[Path]:
    """Serves ``policies`` on port 443 of ``address``; gives the log of what was asked."""
    base = folder / "policies"
    base.mkdir()
    blocks = []
    for policy in policies:
        host = f"mta-sts.{policy.domain}"
        chain, key, body = (base / f"{host}.{kind}" for kind in ("crt", "key", "txt"))
        chain.write_bytes(policy.issued.chain_pem)
        key.touch(mode=0o600)
        key.write_bytes(policy.issued.key_pem)
        body.write_text(policy.body, encoding="ascii", newline="")
        serving = policy.serving or f"alias {body};"
        blocks.append(
            f"""
  server {{
    listen {address}:443 ssl;
    server_name {host};
    ssl_certificate {chain};
    ssl_certificate_key {key};
    default_type text/plain;
    location = /.well-known/mta-sts.txt {{ {serving} }}
    location / {{ return 404; }}
  }}"""
        )
    temporary = "".join(
        f"  {kind}_temp_path {base}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    log = base / "access.log"
    config = base / "nginx.conf"
    config.write_text(
        f"""daemon off;
master_process off;
pid {base}/nginx.pid;
error_log {base}/error.log info;
events {{ worker_connections 128; }}
http {{
  access_log {log};
{temporary}{"".join(blocks)}
}}
""",
        encoding="ascii",
    )
    words = [require_nginx(), "-p", str(base), "-c", str(config), "-e", str(base / "start.log")]
    with running(words, base / "out.log", address, 443):
        yield log
