"""A statement is fetched over verified HTTPS, within its limits, or not at all."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assessor.collect.fetch import MOST_REDIRECTS, Fetched, fetch_statement
from assessor.errors import StatementError
from tests.lab.pki import Issued, Pki

BODY = b"<p>Wij maken dagelijks back-ups.</p>"


class Site(ThreadingHTTPServer):
    """An HTTPS site on the loopback; its handler answers by path."""

    daemon_threads = True

    def __init__(self, issued: Issued, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.released = threading.Event()
        self.seen: list[dict[str, str]] = []
        chain, key = folder / "chain.pem", folder / "key.pem"
        chain.write_bytes(issued.chain_pem)
        key.write_bytes(issued.key_pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that breaks off is what these tests are about."""

    def address(self, path: str = "/", host: str = "localhost") -> str:
        return f"https://{host}:{self.server_address[1]}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Site

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- as the base names it
        """Stays silent."""

    def do_GET(self) -> None:
        self.server.seen.append(dict(self.headers))
        path = self.path.partition("?")[0]
        if path.startswith("/round"):
            self.redirect(self.server.address("/round"))
        elif path == "/moved":
            self.redirect("/privacy")
        elif path == "/plain":
            self.redirect("http://localhost/privacy")
        elif path == "/file":
            self.redirect("file:///etc/passwd")
        elif path == "/gone":
            self.send_error(404)
        elif path == "/drip":
            self.drip()
        elif path == "/zipped":
            self.answer(gzip.compress(BODY), ("Content-Encoding", "gzip"))
        elif path == "/bomb":
            self.answer(gzip.compress(bytes(50_000_000)), ("Content-Encoding", "gzip"))
        elif path == "/odd":
            self.answer(BODY, ("Content-Encoding", "br"))
        elif path == "/large":
            self.answer(bytes(2_000))
        else:
            self.answer(BODY)

    def redirect(self, target: str) -> None:
        self.send_response(302)
        self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def answer(self, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        """Sends a header line now and then, so that no single read ever takes long."""
        self.wfile.write(b"HTTP/1.0 200 OK\r\n")
        number = 0
        while not self.server.released.wait(0.05):
            number += 1
            self.wfile.write(b"X-%d: y\r\n" % (number % 50))


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    return Pki(tmp_path)


@pytest.fixture
def site(pki: Pki, tmp_path: Path) -> Iterator[Site]:
    with Site(pki.issue("localhost"), tmp_path) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


def test_a_page_is_fetched_with_its_media_type(site: Site, pki: Pki) -> None:
    url = site.address("/privacy?lang=nl")
    assert fetch_statement(url, ca_file=pki.root_file) == Fetched(
        url, BODY, "text/html; charset=utf-8"
    )


def test_no_cookie_and_no_credential_is_sent(site: Site, pki: Pki) -> None:
    fetch_statement(site.address(), ca_file=pki.root_file)
    (headers,) = site.seen
    assert not {"Cookie", "Authorization"} & set(headers)


def test_a_redirect_is_followed_and_the_last_address_told(site: Site, pki: Pki) -> None:
    fetched = fetch_statement(site.address("/moved"), ca_file=pki.root_file)
    assert (fetched.url, fetched.raw) == (site.address("/privacy"), BODY)


def test_a_compressed_answer_is_unpacked(site: Site, pki: Pki) -> None:
    assert fetch_statement(site.address("/zipped"), ca_file=pki.root_file).raw == BODY


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/plain", "is not an https address"),
        ("/file", "is not an https address"),
        ("/round", f"redirects more than {MOST_REDIRECTS} times"),
        ("/gone", "answers 404"),
        ("/odd", "encoding that was not asked for"),
        ("/bomb", "answers more than"),
    ],
)
def test_what_is_not_followed_or_taken(site: Site, pki: Pki, path: str, message: str) -> None:
    with pytest.raises(StatementError, match=message):
        fetch_statement(site.address(path), ca_file=pki.root_file)
    assert len(site.seen) <= MOST_REDIRECTS + 1


def test_more_than_the_limit_is_refused(site: Site, pki: Pki) -> None:
    assert (
        len(fetch_statement(site.address("/large"), ca_file=pki.root_file, largest=2_000).raw)
        == 2_000
    )
    with pytest.raises(StatementError, match="more than 1,999 bytes"):
        fetch_statement(site.address("/large"), ca_file=pki.root_file, largest=1_999)


def test_a_site_that_drips_is_left_when_the_time_is_up(site: Site, pki: Pki) -> None:
    with pytest.raises(StatementError, match="takes too long"):
        fetch_statement(site.address("/drip"), ca_file=pki.root_file, seconds=1)


def test_a_handshake_that_goes_on_and_on_is_left_when_the_time_is_up(pki: Pki) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        left = threading.Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65_536)
                try:
                    connection.sendall(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb")  # a ServerHello
                    while not left.wait(0.02):
                        connection.sendall(b"\x00")
                except OSError:
                    return

        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        address = f"https://localhost:{listener.getsockname()[1]}/"
        try:
            with pytest.raises(StatementError, match="takes too long"):
                fetch_statement(address, ca_file=pki.root_file, seconds=0.5)
        finally:
            left.set()
            dripping.join()


def test_an_authority_that_is_not_trusted_is_refused(site: Site) -> None:
    with pytest.raises(StatementError, match="certificate is not trusted"):
        fetch_statement(site.address())
    assert site.seen == []


def test_a_certificate_for_another_name_is_refused(site: Site, pki: Pki) -> None:
    with pytest.raises(StatementError, match="certificate is not trusted"):
        fetch_statement(site.address(host="127.0.0.1"), ca_file=pki.root_file)
    assert site.seen == []


def test_a_port_where_nobody_listens_is_told(site: Site, pki: Pki) -> None:
    site.server_close()
    with pytest.raises(StatementError, match="cannot be fetched"):
        fetch_statement(site.address(), ca_file=pki.root_file, seconds=5)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("http://x.example/", "not an https address"),
        ("ftp://x.example/", "not an https address"),
        ("https:///privacy", "not an https address"),
        ("https://x.example:99999/", "is no address"),
        ("https://[::1/", "is no address"),
        ("https://me:secret@x.example/", "user name or password"),
    ],
)
def test_an_address_that_is_none_is_refused_without_connecting(address: str, message: str) -> None:
    with pytest.raises(StatementError, match=message) as caught:
        fetch_statement(address)
    assert "secret" not in str(caught.value)


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    empty = tmp_path / "ca.pem"
    empty.write_text("nothing")
    with pytest.raises(StatementError, match=r"ca\.pem"):
        fetch_statement("https://x.example/", ca_file=empty)
