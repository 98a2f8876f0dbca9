"""A time stamp authority on loopback: OpenSSL's own (``openssl ts``), behind a small HTTP server.

Its answers carry the certificate that signed and no others: OpenSSL does not sort several as DER
asks for, and rfc3161-client then refuses the answer.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

CONFIGURATION = """
[req]
distinguished_name = name
[name]
[tsa_ext]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = critical, timeStamping
[ca_ext]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[tsa]
default_tsa = lab
[lab]
dir = {folder}
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass
class Authority:
    """A running authority.

    Attributes:
        url: where it answers.
        root: its root certificate (PEM).
        status: the HTTP status of its answers.
        answer: instead of a stamp, these bytes; empty for a stamp.
    """

    folder: Path
    url: str = ""
    root: Path = Path()
    status: int = 200
    answer: bytes = b""
    asked: list[bytes] = field(default_factory=list)

    def stamp(self, request: bytes) -> bytes:
        """What OpenSSL answers."""
        query, reply = self.folder / "query.tsq", self.folder / "reply.tsr"
        query.write_bytes(request)
        _openssl(
            "ts", "-reply", "-queryfile", query, "-out", reply, "-config", self.folder / "tsa.cnf"
        )
        return reply.read_bytes()


def _openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, timeout=30)


@contextlib.contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """An authority of its own root, until the context is left."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl (apt-get install openssl)")
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "tsa.cnf"
    config.write_text(CONFIGURATION.format(folder=folder))
    (folder / "serial").write_text("01\n")
    _openssl(
        *("req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", folder / "root.key"),
        *("-out", folder / "root.pem", "-subj", "/CN=Lab time root", "-days", "2"),
        *("-config", config, "-extensions", "ca_ext"),
    )
    _openssl(
        *("req", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "tsa.key"),
        *("-out", folder / "tsa.csr", "-subj", "/CN=Lab time authority", "-config", config),
    )
    _openssl(
        *("x509", "-req", "-in", folder / "tsa.csr", "-CA", folder / "root.pem"),
        *("-CAkey", folder / "root.key", "-CAcreateserial", "-out", folder / "tsa.pem"),
        *("-days", "2", "-extfile", config, "-extensions", "tsa_ext"),
    )
    lab = Authority(folder, root=folder / "root.pem")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            lab.asked.append(request)
            body = lab.answer or lab.stamp(request)
            self.send_response(lab.status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    lab.url = f"http://127.0.0.1:{server.server_address[1]}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield lab
    finally:
        server.shutdown()
        server.server_close()
