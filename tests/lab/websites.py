"""Websites of a real nginx on loopback, over IPv4 and IPv6, with plain HTTP beside HTTPS.

::

    sites = {"good": Website(pki.issue("good.lab.example"), https=GOOD_HEADERS)}
    with websites(tmp_path, sites) as ports:
        ports["good"].https, ports["good"].http

A site is a folder of files and two server blocks. In its settings ``{http}`` and ``{https}`` stand
for its ports and ``{root}`` for its folder. ``visits`` gives the requests that were logged.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.nginx import await_port, require_nginx
from tests.lab.pki import Issued

_STOP_S = 10.0

TO_HTTPS = "return 301 https://$host:{https}$request_uri;"
"""The settings of a plain server that sends its visitors on."""

HSTS = 'add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;'

HEADERS = f"""
    server_tokens off;
    {HSTS}
    add_header Content-Security-Policy "default-src 'self'; frame-ancestors 'none'" always;
    add_header X-Frame-Options DENY always;
    add_header X-Content-Type-Options nosniff always;
    add_header Referrer-Policy same-origin always;
    add_header Permissions-Policy "camera=(), microphone=(), geolocation=()" always;
"""

PAGE = (
    "<!doctype html><html lang=nl><head><title>Winkel</title></head>"
    "<body><p>Welkom</p></body></html>"
)


@dataclass(frozen=True, slots=True)
class Website:
    """One site.

    Attributes:
        issued: the certificate with its key; ``None`` for a site without HTTPS.
        https: settings of the encrypted server block.
        http: settings of the plain one; ``None`` for a closed port.
        files: by path below the site's folder.
        ipv6: whether it also listens on ``::1``.
    """

    issued: Issued | None
    https: str = HEADERS
    http: str | None = TO_HTTPS
    files: Mapping[str, bytes] = field(default_factory=lambda: {"index.html": PAGE.encode()})
    ipv6: bool = True


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a site listens, on 127.0.0.1 and ::1."""

    http: int
    https: int


@contextmanager
def websites(folder: Path, sites: Mapping[str, Website]) -> Iterator[dict[str, Ports]]:
    """Runs nginx with ``sites`` until the block ends; gives the ports of each by name."""
    binary = require_nginx()
    free = _free_ports(2 * len(sites))
    ports = {name: Ports(*free[2 * i : 2 * i + 2]) for i, name in enumerate(sites)}
    config = _configure(folder, sites, ports)
    with subprocess.Popen(
        [binary, "-p", str(folder), "-c", str(config), "-e", str(folder / "start.log")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            for name, site in sites.items():
                if site.issued is not None:
                    await_port(process, ports[name].https)
                if site.http is not None:
                    await_port(process, ports[name].http)
            yield ports
        finally:
            process.terminate()
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def visits(folder: Path) -> list[str]:
    """The requests that were logged, each as method, address and User-Agent."""
    return (folder / "access.log").read_text(encoding="utf-8").splitlines()


def _configure(folder: Path, sites: Mapping[str, Website], ports: Mapping[str, Ports]) -> Path:
    blocks = []
    for name, site in sites.items():
        root = folder / name
        for path, content in site.files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        for tls, port, settings in (
            (True, ports[name].https, site.https if site.issued else None),
            (False, ports[name].http, site.http),
        ):
            if settings is not None:
                blocks.append(_block(folder, name, site, port, settings, tls=tls, at=ports[name]))
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
events {{ worker_connections 256; }}
http {{
  types {{ text/html html; application/javascript js; text/plain txt; image/png png; }}
  log_format lab '$request_method $scheme://$http_host$request_uri $http_user_agent';
  access_log {folder}/access.log lab;
{temporary}{"".join(blocks)}
}}
""",
        encoding="utf-8",
    )
    return config


def _block(
    folder: Path, name: str, site: Website, port: int, settings: str, *, tls: bool, at: Ports
) -> str:
    kind = " ssl" if tls else ""
    root = folder / name
    listens = f"listen 127.0.0.1:{port}{kind};"
    if site.ipv6:
        listens += f" listen [::1]:{port}{kind} ipv6only=on;"
    filled = (
        settings.replace("{https}", str(at.https))
        .replace("{http}", str(at.http))
        .replace("{root}", str(root))
    )
    certificate = ""
    if tls and site.issued is not None:
        chain, key = folder / f"{name}.crt", folder / f"{name}.key"
        chain.write_bytes(site.issued.chain_pem)
        key.touch(mode=0o600)
        key.write_bytes(site.issued.key_pem)
        certificate = f"ssl_certificate {chain}; ssl_certificate_key {key};"
    return f"""
  server {{
    {listens}
    {certificate}
    root {root};
    index index.html;
    {filled}
  }}"""


def _free_ports(count: int) -> list[int]:
    """Ports that are free on both loopback addresses. All are held at once."""
    with ExitStack() as held:
        ports: list[int] = []
        while len(ports) < count:
            one = held.enter_context(socket.create_server(("127.0.0.1", 0)))
            port = one.getsockname()[1]
            try:
                held.enter_context(socket.create_server(("::1", port), family=socket.AF_INET6))
            except OSError:
                continue
            ports.append(port)
        return ports
