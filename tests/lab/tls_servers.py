"""TLS servers of several makers on loopback, and one of the tests' own for what they have lost.

::

    with s_server(folder, issued, "-tls1_2", "-serverpref") as port: ...     # OpenSSL
    with gnutls_serv(folder, issued, "NORMAL:-VERS-TLS1.3") as port: ...     # GnuTLS
    with responder(Manners(...)) as service: ...                             # speaks bytes only

No distribution ships a TLS library with SSL 2.0, SSL 3.0 or compression any more. The responder
sends the first flight of such a server as it was published (RFC 6101, RFC 5246, RFC 8446, and
Hickman's draft of SSL 2.0 of 1995); it has no keys, and its signatures are made of nothing.
"""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.lab.pki import Issued

_READY_S = 20.0
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def require(program: str, package: str) -> str:
    """The path of a program; skips the test where there is none."""
    found = shutil.which(program, path=_PATH)
    if found is None:
        pytest.skip(f"needs {program} (Debian package {package})")
    return found


@contextmanager
def s_server(folder: Path, issued: Issued, *words: str) -> Iterator[int]:
    """OpenSSL's test server with ``words`` as its options, until the block ends; gives its port."""
    chain, key = _files(folder, issued)
    above = chain.with_suffix(".above")
    above.write_bytes(
        replace(issued, certificate=issued.above[0], above=issued.above[1:]).chain_pem
    )
    port = free_port()
    with running(
        port,
        require("openssl", "openssl"),
        *("s_server", "-accept", f"127.0.0.1:{port}", "-quiet", "-cert", str(chain)),
        *("-cert_chain", str(above), "-key", str(key), *words),
    ):
        yield port


@contextmanager
def gnutls_serv(folder: Path, issued: Issued, priority: str, *words: str) -> Iterator[int]:
    """GnuTLS's test server with ``priority``, until the block ends; gives its port."""
    chain, key = _files(folder, issued)
    port = free_port()
    with running(
        port,
        require("gnutls-serv", "gnutls-bin"),
        *("--http", "--port", str(port), "--priority", priority, "--noticket"),
        *("--x509certfile", str(chain), "--x509keyfile", str(key), *words),
    ):
        yield port


@dataclass(frozen=True, slots=True)
class Variant:
    """One server block of nginx.

    Attributes:
        issued: certificates, one for each kind of key.
        lines: its directives; those on versions and suites have nginx's own defaults.
    """

    issued: tuple[Issued, ...]
    lines: tuple[str, ...] = ()


@contextmanager
def nginx_variants(folder: Path, variants: Mapping[str, Variant]) -> Iterator[dict[str, int]]:
    """Runs one nginx with a port for each variant until the block ends; gives the ports."""
    ports = {name: free_port() for name in variants}
    blocks = []
    for name, variant in variants.items():
        files = [_files(folder, issued) for issued in variant.issued]
        directives = [
            *(f"ssl_certificate {chain}" for chain, _ in files),
            *(f"ssl_certificate_key {key}" for _, key in files),
            *variant.lines,
        ]
        blocks.append(
            f"server {{ listen 127.0.0.1:{ports[name]} ssl http2; return 204;\n"
            + "".join(f"  {line};\n" for line in directives)
            + "}\n"
        )
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/nginx.pid;\n"
        f"error_log {folder}/error.log;\nevents {{ worker_connections 2048; }}\n"
        f"http {{\naccess_log {folder}/access.log;\n{temporary}{''.join(blocks)}}}\n"
    )
    words = ("-p", str(folder), "-c", str(config), "-e", str(folder / "start.log"))
    with running(max(ports.values()), require("nginx", "nginx-light"), *words):
        yield ports


def free_port() -> int:
    """A TCP port of loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _files(folder: Path, issued: Issued) -> tuple[Path, Path]:
    number = issued.certificate.serial_number
    chain, key = folder / f"{number:x}.crt", folder / f"{number:x}.key"
    chain.write_bytes(issued.chain_pem)
    key.touch(mode=0o600)
    key.write_bytes(issued.key_pem)
    return chain, key


@contextmanager
def running(port: int, *words: str, **environment: str) -> Iterator[None]:
    """Runs a server until the block ends; it is ready when ``port`` takes connections."""
    with subprocess.Popen(
        words,
        stdin=subprocess.PIPE,  # OpenSSL's test server ends with its standard input
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    ) as process:
        try:
            await_port(port, process)
            yield
        finally:
            process.kill()
            process.wait()


def await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    """Returns when ``port`` takes a connection; fails when the server ends instead."""
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.02)  # between two tries; a server that ends tells it at once
                said = process.stderr.read() if process.stderr is not None else b""
                raise RuntimeError(f"the server ended: {said[-500:]!r}") from None
        else:
            return
    raise RuntimeError(f"nothing takes a connection on port {port}")


SSL2 = 0x0002

_ECDHE_NAMES = frozenset({0xC02F, 0xC030, 0xC013, 0xC014, 0xC027, 0xC009, 0xC02B})
_DHE_NAMES = frozenset({0x0033, 0x0039, 0x009E, 0x0016, 0x0014, 0x0015})


@dataclass(frozen=True)
class Manners:
    """What the responder accepts, and how.

    Attributes:
        suites: by version, in the server's order (numbers of IANA).
        client_order: takes the client's first suite that it knows.
        groups: curves, in the server's order.
        prime: of its Diffie-Hellman exchange.
        compression: the compression method that it takes where it is offered.
        secure_renegotiation: it knows RFC 5746.
        master_secret: it knows RFC 7627.
        hangs_up: it closes the connection where others send an alert.
        answers: how many hellos it answers before it becomes silent; ``None``: all.
        chosen: a suite that it chooses whatever is offered.
        breaks_at: suites that it chooses and then cannot carry out, so that it hangs up.
        certificate: DER, sent in its flight.
    """

    suites: Mapping[int, tuple[int, ...]]
    client_order: bool = False
    groups: tuple[int, ...] = (0x0017,)
    prime: bytes = b""
    compression: int = 0
    secure_renegotiation: bool = True
    master_secret: bool = True
    hangs_up: bool = False
    answers: int | None = None
    chosen: int | None = None
    breaks_at: frozenset[int] = frozenset()
    certificate: bytes = b""


@dataclass(slots=True)
class Responder:
    """A running responder.

    Attributes:
        port: where it listens, on 127.0.0.1.
        hellos: how many came.
    """

    port: int
    hellos: int = 0


@contextmanager
def responder(
    manners: Manners, prelude: Callable[[socket.socket], None] | None = None
) -> Iterator[Responder]:
    """Runs a responder until the block ends; ``prelude`` is spoken before TLS begins."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        service = Responder(listener.getsockname()[1])

        def serve() -> None:
            while True:
                connection, _ = listener.accept()
                if ended.is_set():
                    connection.close()
                    return
                threading.Thread(
                    target=_visit, args=(connection, manners, prelude, service, ended), daemon=True
                ).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield service
        finally:
            ended.set()
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", service.port), 1).close()
            thread.join()


def _visit(
    connection: socket.socket,
    manners: Manners,
    prelude: Callable[[socket.socket], None] | None,
    service: Responder,
    ended: threading.Event,
) -> None:
    with connection, suppress(OSError, EOFError):
        connection.settimeout(30)
        if prelude is not None:
            prelude(connection)
        hello = _hello(connection)
        service.hellos += 1
        if manners.answers is not None and service.hellos > manners.answers:
            ended.wait(30)
            return
        connection.sendall(_flight(hello, manners))
        if not manners.hangs_up:
            connection.shutdown(socket.SHUT_WR)
            connection.recv(65_536)


@dataclass(frozen=True, slots=True)
class _Hello:
    version: int
    suites: tuple[int, ...]
    compressions: bytes = b"\0"
    groups: tuple[int, ...] = ()
    empty_share: bool = False


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def _hello(connection: socket.socket) -> _Hello:
    head = _exactly(connection, 5)
    if head[0] & 0x80:
        body = head[2:] + _exactly(connection, ((head[0] & 0x7F) << 8 | head[1]) - 3)
        count = struct.unpack_from("!H", body, 3)[0]
        specs = body[9 : 9 + count]
        return _Hello(
            SSL2, tuple(int.from_bytes(specs[at : at + 3], "big") for at in range(0, count, 3))
        )
    body = _exactly(connection, struct.unpack_from("!H", head, 3)[0])[4:]
    version, at = struct.unpack_from("!H", body)[0], 34
    at += 1 + body[at]
    count = struct.unpack_from("!H", body, at)[0]
    suites = struct.unpack_from(f"!{count // 2}H", body, at + 2)
    at += 2 + count
    compressions = body[at + 1 : at + 1 + body[at]]
    at += 1 + body[at]
    extensions = _extensions(body[at + 2 :])
    groups = extensions.get(10, b"\0\0")
    if 43 in extensions:
        version = 0x0304
    return _Hello(
        version,
        suites,
        compressions,
        struct.unpack_from(f"!{(len(groups) - 2) // 2}H", groups, 2),
        extensions.get(51) == b"\0\0",
    )


def _extensions(data: bytes) -> dict[int, bytes]:
    found = {}
    while len(data) >= 4:
        number, length = struct.unpack_from("!HH", data)
        found[number] = data[4 : 4 + length]
        data = data[4 + length :]
    return found


def _flight(hello: _Hello, manners: Manners) -> bytes:
    known = manners.suites.get(hello.version, ())
    if hello.version == SSL2:
        specs = [code for code in known if code in hello.suites]
        return _ssl2_flight(specs, manners) if specs else b""
    if manners.client_order:
        shared = [code for code in hello.suites if code in known]
    else:
        shared = [code for code in known if code in hello.suites]
    if manners.chosen is not None:
        shared = [manners.chosen]
    group = next((code for code in manners.groups if code in hello.groups), None)
    if hello.version == 0x0304 and group is None:
        shared = []
    elif group is None:
        shared = [code for code in shared if code not in _ECDHE_NAMES]
    if not shared:
        alert = 70 if not known else 40
        return b"" if manners.hangs_up else _record(21, bytes([2, alert]), hello.version)
    if shared[0] in manners.breaks_at:
        return b""
    return _server_flight(hello, manners, shared[0], group)


def _server_flight(hello: _Hello, manners: Manners, suite: int, group: int | None) -> bytes:
    compression = manners.compression if manners.compression in hello.compressions else 0
    extensions = b""
    random = os.urandom(32)
    if hello.version == 0x0304:
        assert group is not None
        random = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
        extensions = _extension(43, b"\x03\x04") + _extension(51, struct.pack("!H", group))
    elif hello.version > 0x0300:
        if manners.secure_renegotiation:
            extensions += _extension(0xFF01, b"\0")
        if manners.master_secret:
            extensions += _extension(23, b"")
    body = (
        struct.pack("!H", min(hello.version, 0x0303))
        + random
        + b"\0"
        + struct.pack("!HB", suite, compression)
    )
    if extensions:
        body += struct.pack("!H", len(extensions)) + extensions
    messages = _message(2, body)
    if hello.version != 0x0304:
        if manners.certificate:
            one = len(manners.certificate).to_bytes(3, "big") + manners.certificate
            messages += _message(11, len(one).to_bytes(3, "big") + one)
        messages += _exchange(suite, group, manners, hello.version)
        messages += _message(14, b"")
    return _record(22, messages, min(hello.version, 0x0303))


def _exchange(suite: int, group: int | None, manners: Manners, version: int) -> bytes:
    signature = (b"\x04\x01" if version >= 0x0303 else b"") + b"\0\x04sign"
    if suite in _ECDHE_NAMES and group is not None:
        return _message(12, b"\x03" + struct.pack("!H", group) + b"\x02\x04\x00" + signature)
    if suite in _DHE_NAMES:
        numbers = (manners.prime, b"\x02", b"\x05")
        parts = b"".join(struct.pack("!H", len(one)) + one for one in numbers)
        return _message(12, parts + signature)
    return b""


def _ssl2_flight(specs: list[int], manners: Manners) -> bytes:
    raw = b"".join(code.to_bytes(3, "big") for code in specs)
    certificate = manners.certificate or b"\x30\x00"
    body = (
        b"\x04\x00\x01\x00\x02"
        + struct.pack("!HHH", len(certificate), len(raw), 16)
        + certificate
        + raw
        + os.urandom(16)
    )
    return struct.pack("!H", 0x8000 | len(body)) + body


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def _record(kind: int, payload: bytes, version: int) -> bytes:
    return struct.pack("!BHH", kind, min(version, 0x0303), len(payload)) + payload


def _extension(number: int, data: bytes) -> bytes:
    return struct.pack("!HH", number, len(data)) + data
