"""A real nginx on loopback, with one port for each way in which a site can be right or wrong.

::

    with nginx(tmp_path, {"good": Site(pki.issue("good.example"))}) as ports:
        visit("127.0.0.1", ports["good"])

``lab_sites`` gives the sites that the end-to-end tests use, by name. A caller whose machine has
no nginx gets ``pytest.skip`` from ``require_nginx``.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab.pki import DAY, Issued, Pki, rsa_key

_MODERN = "TLSv1.2 TLSv1.3"
_OLD = "DEFAULT:@SECLEVEL=0"
_READY_S = 20.0
_STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Site:
    """One server block: a certificate, and the TLS that it accepts.

    Attributes:
        issued: the certificate with its key.
        protocols: nginx's ``ssl_protocols``.
        ciphers: nginx's ``ssl_ciphers``; the old versions need ``@SECLEVEL=0``.
    """

    issued: Issued
    protocols: str = _MODERN
    ciphers: str = "ECDHE+AESGCM:ECDHE+CHACHA20"


def lab_sites(pki: Pki) -> dict[str, Site]:
    """A site for every verdict, all but one known as ``<name>.lab.example``."""

    def known(name: str) -> str:
        return f"{name}.lab.example"

    return {
        "good": Site(pki.issue(known("good"))),
        "soon": Site(pki.issue(known("soon"), begins=-85 * DAY, ends=5 * DAY)),
        "expired": Site(pki.issue(known("expired"), begins=-90 * DAY, ends=-2 * DAY)),
        "future": Site(pki.issue(known("future"), begins=2 * DAY)),
        "wrong-name": Site(pki.issue("elsewhere.lab.example")),
        "self-signed": Site(pki.self_signed(known("self-signed"))),
        "incomplete": Site(pki.issue(known("incomplete"), complete=False)),
        "weak-key": Site(pki.issue(known("weak-key"), key=rsa_key(1024)), ciphers=_OLD),
        "old-too": Site(pki.issue(known("old-too")), f"TLSv1 TLSv1.1 {_MODERN}", _OLD),
        "old-only": Site(pki.issue(known("old-only")), "TLSv1", _OLD),
        "only-12": Site(pki.issue(known("only-12")), "TLSv1.2"),
    }


def require_nginx() -> str:
    """The path of nginx; skips the test where there is none."""
    found = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin")
    if found is None:
        pytest.skip("needs nginx (Debian package nginx-light)")
    return found


@contextmanager
def nginx(folder: Path, sites: Mapping[str, Site]) -> Iterator[dict[str, int]]:
    """Runs nginx with ``sites`` until the block ends; gives the port of each by name.

    All files are kept in ``folder``. It is ready when every port takes connections.
    """
    binary = require_nginx()
    ports = dict(zip(sites, _free_ports(len(sites)), strict=True))
    config = _configure(folder, sites, ports)
    # The folder of a test belongs to whoever runs it; nginx started by root would hand its
    # workers to an account that may not enter it. One process, in the foreground, does for us.
    with subprocess.Popen(
        [binary, "-p", str(folder), "-c", str(config), "-e", str(folder / "start.log")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            for port in ports.values():
                await_port(process, port)
            yield ports
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _configure(folder: Path, sites: Mapping[str, Site], ports: Mapping[str, int]) -> Path:
    blocks = []
    for name, site in sites.items():
        chain, key = folder / f"{name}.crt", folder / f"{name}.key"
        chain.write_bytes(site.issued.chain_pem)
        key.touch(mode=0o600)
        key.write_bytes(site.issued.key_pem)
        blocks.append(
            f"""
  server {{
    listen 127.0.0.1:{ports[name]} ssl http2;
    ssl_certificate {chain};
    ssl_certificate_key {key};
    ssl_protocols {site.protocols};
    ssl_ciphers "{site.ciphers}";
    return 204;
  }}"""
        )
    temporary = "".join(
        f"  {kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"""daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
events {{ worker_connections 2048; }}
http {{
  access_log {folder}/access.log;
{temporary}{"".join(blocks)}
}}
""",
        encoding="utf-8",
    )
    return config


def _free_ports(count: int) -> list[int]:
    """Ports that are free now. All are held at once, so that none is given twice."""
    with ExitStack() as held:
        listeners = [
            held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [listener.getsockname()[1] for listener in listeners]


def await_port(process: subprocess.Popen[bytes], port: int) -> None:
    """Returns when ``port`` takes a connection; fails the test when nginx ends instead."""
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            try:
                process.wait(0.02)  # between two tries; nginx that ends tells it at once
            except subprocess.TimeoutExpired:
                continue
            assert process.stderr is not None
            said = process.stderr.read().decode(errors="replace")
            raise RuntimeError(f"nginx ended: {said}") from None
        else:
            return
    raise RuntimeError(f"nginx takes no connection on port {port}")
