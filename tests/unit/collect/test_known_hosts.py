"""Lines of ``known_hosts`` files: which speak of a host, and what they say."""

from __future__ import annotations

import base64
import hashlib
import hmac
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assessor.collect.transports.known_hosts import KnownHosts, fingerprint, written_name


def _key(number: int, kind: str = "ssh-ed25519") -> tuple[str, bytes]:
    """A line's type and key, and the key's blob. Nothing here looks into the key itself."""
    name = kind.encode()
    blob = len(name).to_bytes(4, "big") + name + bytes([number]) * 32
    return f"{kind} {base64.b64encode(blob).decode()}", blob


A, BLOB_A = _key(1)
B, BLOB_B = _key(2)


def _files(tmp_path: Path, text: str) -> KnownHosts:
    path = tmp_path / "known_hosts"
    path.write_text(text)
    return KnownHosts((path,))


def _hashed(name: str) -> str:
    salt = b"0123456789abcdefghij"
    digest = hmac.digest(salt, name.encode(), hashlib.sha1)
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("names", "host", "port", "found"),
    [
        ("web", "web", 22, True),
        ("web", "WEB", 22, True),
        ("WEB", "web", 22, True),
        ("web,10.0.0.1", "10.0.0.1", 22, True),
        ("web", "web2", 22, False),
        ("[web]:2222", "web", 2222, True),
        ("[web]:2222", "web", 22, False),
        ("[web]:2222", "web", 2223, False),
        ("*.example.org", "a.example.org", 22, True),
        ("*.example.org", "example.org", 22, False),
        ("*.example.org", "a.example.orgx", 22, False),
        ("web?", "web1", 22, True),
        ("web?", "web12", 22, False),
        ("*.example.org,!bad.example.org", "bad.example.org", 22, False),
        ("*.example.org,!bad.example.org", "good.example.org", 22, True),
        ("!bad.example.org,*.example.org", "bad.example.org", 22, False),
        ("!web", "web", 22, False),
        ("!web", "other", 22, False),
        ("[*.example.org]:2222", "a.example.org", 2222, True),
        ("web[12]", "web1", 22, False),
        ("a.c", "abc", 22, False),
        ("fe80::1", "FE80::1", 22, True),
        (_hashed("web"), "web", 22, True),
        (_hashed("web"), "web2", 22, False),
        (_hashed("[web]:2222"), "web", 2222, True),
        (_hashed("[web]:2222"), "web", 22, False),
    ],
)
def test_which_lines_speak_of_a_host(
    tmp_path: Path, names: str, host: str, port: int, found: bool
) -> None:
    known = _files(tmp_path, f"{names} {A}\n").about(host, port)

    assert [key.blob for key in known.keys] == ([BLOB_A] if found else [])


def test_a_key_names_its_file_and_line(tmp_path: Path) -> None:
    known = _files(tmp_path, f"# made by hand\n\nother {B}\nweb {A} a comment\n").about("web", 22)

    assert [key.place for key in known.keys] == [f"{tmp_path / 'known_hosts'}:4"]


def test_lines_of_all_sorts_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = f"w* {B}\n{_hashed('web')} {A}\nweb {B}\n"

    assert [key.line for key in _files(tmp_path, text).about("web", 22).keys] == [1, 2, 3]


def test_markers_are_kept_apart(tmp_path: Path) -> None:
    text = f"@cert-authority *.org {A}\n@revoked * {B}\nweb.org {B}\n@unheard-of * {A}\n"

    known = _files(tmp_path, text).about("web.org", 22)

    assert [key.blob for key in known.authorities] == [BLOB_A]
    assert [key.blob for key in known.revoked] == [BLOB_B]
    assert [key.blob for key in known.keys] == [BLOB_B]


def test_a_host_with_a_port_of_its_own_is_looked_up_without_it_too(tmp_path: Path) -> None:
    text = f"web {A}\n[web]:2222 {B}\n@cert-authority web {A}\n@revoked web {B}\n"

    known = _files(tmp_path, text).about("web", 2222)

    assert [key.blob for key in known.keys] == [BLOB_B]
    assert [key.blob for key in known.elsewhere] == [BLOB_A]
    assert [key.blob for key in known.authorities] == [BLOB_A]
    assert [key.blob for key in known.revoked] == [BLOB_B]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "#web ssh-ed25519 AAAA",
        "web",
        "web ssh-ed25519",
        "web ssh-ed25519 not*base64",
        "@cert-authority",
        "@revoked web ssh-ed25519",
        f"|1|only-one-part {A}",
        f"|2|AAAA|AAAA {A}",
        f"|1|*|* {A}",
        "\x00\xff",
    ],
)
def test_a_line_that_is_not_understood_recognises_nobody(tmp_path: Path, line: str) -> None:
    known = _files(tmp_path, f"{line}\nweb {B}\n").about("web", 22)

    assert [key.blob for key in known.keys] == [BLOB_B]
    assert known.authorities == known.revoked == ()


def test_the_targets_own_files_come_first_and_their_faults_are_told(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text(f"web {B}\n")

    known = _files(tmp_path, f"web {A}\n").about("web", 22, (str(own), str(tmp_path / "none")))

    assert [key.blob for key in known.keys] == [BLOB_B, BLOB_A]
    assert known.unread == (f"{tmp_path / 'none'} does not exist",)


def test_files_that_hold_for_everybody_may_be_absent(tmp_path: Path) -> None:
    known = KnownHosts((tmp_path / "none",)).about("web", 22)

    assert known.keys == ()
    assert known.unread == ()


def test_a_file_is_read_once_for_all_threads(tmp_path: Path) -> None:
    files = _files(tmp_path, f"web {A}\n")
    with ThreadPoolExecutor(8) as pool:
        first = list(pool.map(lambda _: files.about("web", 22), range(32)))
    (tmp_path / "known_hosts").unlink()

    assert {tuple(key.blob for key in known.keys) for known in first} == {(BLOB_A,)}
    assert files.about("web", 22).keys


def test_the_fingerprint_is_the_one_of_ssh_keygen() -> None:
    # ssh-keygen -lf on this public key, OpenSSH 9.2 on Debian 12.
    blob = base64.b64decode("AAAAC3NzaC1lZDI1NTE5AAAAIByHyubOiQaYOcijZilPkKRtumAjRq9l42jGfESi9rFC")

    assert fingerprint(blob) == "SHA256:9zdy7560daQPjYLBfzacHH+WKc5fjVY48gI5i1TxScQ"


def test_the_written_name() -> None:
    assert written_name("Web", 22) == "web"
    assert written_name("Web", 2222) == "[web]:2222"
