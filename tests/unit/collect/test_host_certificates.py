"""Host certificates, as ``ssh-keygen`` really signs them, and what is wrong with some."""

from __future__ import annotations

import base64
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.collect.transports.host_certificates import (
    HostCertificateError,
    check_certificate,
    is_certificate,
    read_certificate,
)
from assessor.collect.transports.host_keys import StrictHostKeys
from assessor.collect.transports.known_hosts import Known, KnownKey, Marker
from assessor.errors import TransportError

NOW = datetime.now(UTC)
HOST = "web.example.org"


def _keygen(*words: str) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("this test needs ssh-keygen (Debian package openssh-client)")
    subprocess.run(["ssh-keygen", "-q", *words], check=True, capture_output=True, timeout=30)


def _blob(path: Path) -> bytes:
    return base64.b64decode(path.read_text().split()[1])


def _authority(blob: bytes) -> KnownKey:
    return KnownKey(Marker.AUTHORITY, "ssh-ed25519", blob, Path("known_hosts"), 1)


class _Maker:
    """Makes keys and certificates in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def key(self, name: str, kind: str) -> bytes:
        _keygen("-t", kind, "-N", "", "-f", str(self.folder / name))
        return _blob(self.folder / f"{name}.pub")

    def certificate(self, *options: str, principals: str = HOST) -> bytes:
        words = ["-s", str(self.folder / "ca"), "-I", "a host", "-h", *options]
        words += ["-n", principals] if principals else []
        _keygen(*words, str(self.folder / "host.pub"))
        return _blob(self.folder / "host-cert.pub")


@pytest.fixture
def maker(tmp_path: Path) -> _Maker:
    return _Maker(tmp_path)


@pytest.mark.parametrize("host_kind", ["ed25519", "ecdsa", "rsa"])
@pytest.mark.parametrize("ca_kind", ["ed25519", "ecdsa", "rsa"])
def test_every_kind_of_key_and_authority(maker: _Maker, host_kind: str, ca_kind: str) -> None:
    authority, key = maker.key("ca", ca_kind), maker.key("host", host_kind)
    blob = maker.certificate("-V", "-1h:+1h")
    assert is_certificate(blob)
    assert not is_certificate(key)

    certificate = read_certificate(blob)

    assert certificate.key == key
    assert certificate.authority == authority
    check_certificate(certificate, HOST, [_authority(authority)], NOW)
    check_certificate(certificate, HOST.upper(), [_authority(authority)], NOW)


@pytest.mark.parametrize(
    ("options", "principals", "now", "why"),
    [
        ((), HOST, NOW, ""),
        (("-V", "-1h:+1h"), f"a.example.org,{HOST}", NOW, ""),
        (("-V", "-1h:+1h"), HOST, NOW + timedelta(hours=2), "expired at"),
        (("-V", "-1h:+1h"), HOST, NOW - timedelta(hours=2), "not valid before"),
        (("-V", "-1h:+1h"), "*.example.org", NOW, r"it is for \*\.example\.org"),
        (("-V", "-1h:+1h"), "web", NOW, "it is for web"),
        (("-V", "-1h:+1h"), "", NOW, "names no host"),
        (("-V", "-1h:+1h", "-O", "critical:new=1"), HOST, NOW, "critical option"),
        (("-V", "-1h:+1h", "-O", "extension:new=1"), HOST, NOW, ""),
    ],
)
def test_what_a_certificate_says_is_obeyed(
    maker: _Maker, options: tuple[str, ...], principals: str, now: datetime, why: str
) -> None:
    authority, _ = maker.key("ca", "ed25519"), maker.key("host", "ed25519")
    certificate = read_certificate(maker.certificate(*options, principals=principals))

    if not why:
        check_certificate(certificate, HOST, [_authority(authority)], now)
        return
    with pytest.raises(HostCertificateError, match=why):
        check_certificate(certificate, HOST, [_authority(authority)], now)


def test_another_authority_is_refused(maker: _Maker) -> None:
    maker.key("ca", "ed25519")
    maker.key("host", "ed25519")
    other = maker.key("other", "ed25519")

    with pytest.raises(HostCertificateError, match="another authority"):
        check_certificate(read_certificate(maker.certificate()), HOST, [_authority(other)], NOW)


def test_a_signature_with_sha1_is_refused(maker: _Maker) -> None:
    authority, _ = maker.key("ca", "rsa"), maker.key("host", "ed25519")
    certificate = read_certificate(maker.certificate("-t", "ssh-rsa"))

    with pytest.raises(HostCertificateError, match="algorithm that is not accepted"):
        check_certificate(certificate, HOST, [_authority(authority)], NOW)


def test_no_byte_of_a_certificate_can_be_changed(maker: _Maker) -> None:
    authority, _ = maker.key("ca", "ed25519"), maker.key("host", "ed25519")
    good = maker.certificate("-V", "-1h:+1h")
    known = Known((HOST,), (), (), (_authority(authority),), ())
    strict = StrictHostKeys(HOST, known, "known_hosts")
    strict.check(good)

    for place in range(len(good)):
        for change in (0x01, 0x80):
            bad = good[:place] + bytes([good[place] ^ change]) + good[place + 1 :]
            # Whatever it fails on, it must never be taken for good.
            with pytest.raises((TransportError, ValueError)):
                strict.check(bad)


@given(st.binary(max_size=300))
def test_any_bytes_are_refused(blob: bytes) -> None:
    strict = StrictHostKeys(HOST, Known((HOST,), (), (), (_authority(b"ca"),), ()), "known_hosts")

    with pytest.raises((TransportError, ValueError)):
        strict.check(blob)
