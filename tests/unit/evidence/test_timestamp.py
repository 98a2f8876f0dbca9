"""Time stamps by a real authority (OpenSSL's), asked over HTTP and verified offline."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assessor.collect.timestamping import ask_for_stamp
from assessor.errors import EvidenceError
from assessor.evidence.timestamp import StampRequest, check_stamp, read_authorities
from tests.lab.tsa import Authority, authority

MANIFEST = b'{"a manifest": true}\n'
DIGEST = hashlib.sha256(MANIFEST).hexdigest()


@pytest.fixture(name="tsa", scope="module")
def _tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("tsa")) as lab:
        yield lab


@pytest.fixture(name="stamp", scope="module")
def _stamp(tsa: Authority) -> bytes:
    return ask_for_stamp(tsa.url, StampRequest.over(MANIFEST).raw)


def test_a_stamp_says_when_by_somebody_elses_clock(tsa: Authority) -> None:
    request = StampRequest.over(MANIFEST)
    before = datetime.now(UTC) - timedelta(seconds=2)
    raw = ask_for_stamp(tsa.url, request.raw)
    roots = read_authorities(tsa.root.read_bytes())
    found = check_stamp(raw, {DIGEST}, roots, request.nonce)
    assert before <= found.at <= datetime.now(UTC) + timedelta(seconds=2)
    assert found.authority == "CN=Lab time authority"


def test_openssl_verifies_the_same_stamp(tsa: Authority, stamp: bytes, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(MANIFEST)
    (tmp_path / "manifest.tsr").write_bytes(stamp)
    done = subprocess.run(
        [
            *("openssl", "ts", "-verify", "-in", "manifest.tsr", "-data", "manifest.json"),
            *("-CAfile", str(tsa.root)),
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert "Verification: OK" in done.stdout + done.stderr


def test_a_stamp_over_something_else_is_refused(tsa: Authority, stamp: bytes) -> None:
    roots = read_authorities(tsa.root.read_bytes())
    with pytest.raises(EvidenceError, match="another manifest"):
        check_stamp(stamp, {"0" * 64}, roots)


def test_a_stamp_for_another_question_is_refused(tsa: Authority, stamp: bytes) -> None:
    roots = read_authorities(tsa.root.read_bytes())
    with pytest.raises(EvidenceError, match="false"):
        check_stamp(stamp, {DIGEST}, roots, StampRequest.over(MANIFEST).nonce)


def test_a_stamp_of_a_stranger_is_refused(stamp: bytes, tmp_path: Path) -> None:
    with authority(tmp_path / "other") as other:
        roots = read_authorities(other.root.read_bytes())
    with pytest.raises(EvidenceError, match="false"):
        check_stamp(stamp, {DIGEST}, roots)


def test_every_changed_byte_of_a_stamp_counts(tsa: Authority, stamp: bytes) -> None:
    roots = read_authorities(tsa.root.read_bytes())
    moment = check_stamp(stamp, {DIGEST}, roots).at
    for at in range(0, len(stamp), 7):
        changed = bytearray(stamp)
        changed[at] ^= 0x01
        try:
            found = check_stamp(bytes(changed), {DIGEST}, roots)
        except EvidenceError:
            continue
        # What is not signed (a certificate beside the one that signs) may change, the time may not.
        assert found.at == moment, at


@pytest.mark.parametrize("raw", [b"", b"x", b"0\x03\x02\x01\x02"], ids=["empty", "text", "refusal"])
def test_what_is_no_stamp_is_told(raw: bytes) -> None:
    with pytest.raises(EvidenceError):
        check_stamp(raw, {DIGEST}, [])


def test_an_authority_that_gives_none_is_told(tsa: Authority) -> None:
    tsa.status = 503
    try:
        with pytest.raises(EvidenceError, match="503"):
            ask_for_stamp(tsa.url, StampRequest.over(MANIFEST).raw)
    finally:
        tsa.status = 200
    tsa.answer = b"x" * (300 * 1024)
    try:
        with pytest.raises(EvidenceError, match="too large"):
            ask_for_stamp(tsa.url, StampRequest.over(MANIFEST).raw)
    finally:
        tsa.answer = b""
    with pytest.raises(EvidenceError, match="ConnectionError"):
        ask_for_stamp("http://127.0.0.1:9/", StampRequest.over(MANIFEST).raw)
