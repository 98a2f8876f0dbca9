"""What is told of a certificate is bounded and never stops at one that cannot be read."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st

from assessor.collect.transports.certificates import MOST_CERTIFICATES, describe
from tests.lab.pki import Issued, Pki, rsa_key


def der(issued: Issued) -> bytes:
    return issued.certificate.public_bytes(Encoding.DER)


def test_a_certificate_that_cannot_be_read_keeps_its_place(tmp_path: Path) -> None:
    good = der(Pki(tmp_path).issue("a.example"))

    first, second = describe([b"no certificate", good])

    assert first["unreadable"] == "ValueError"
    assert "subject_cn" not in first
    assert second["subject_cn"] == "a.example"


def test_a_long_chain_is_cut(tmp_path: Path) -> None:
    assert len(describe([der(Pki(tmp_path).issue("a.example"))] * 50)) == MOST_CERTIFICATES


def test_many_and_long_names_are_cut(tmp_path: Path) -> None:
    names = [
        f"{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.example{n}" for n in range(300)
    ]
    issued = Pki(tmp_path).issue("short.example", *names)

    (facts,) = describe([der(issued)])

    shown = facts["names"]
    assert isinstance(shown, list)
    assert facts["names_count"] == 301
    assert len(shown) == 100
    assert max(map(len, shown)) <= 257


def test_rsa_keys(tmp_path: Path) -> None:
    (facts,) = describe([der(Pki(tmp_path).issue("a.example", key=rsa_key(1024)))])
    assert (facts["key_type"], facts["key_bits"]) == ("rsa", 1024)


def test_a_borrowed_name_is_not_self_signed(tmp_path: Path) -> None:
    """The issuer's name is the subject's, but another key signed."""
    pki = Pki(tmp_path)
    (facts,) = describe([der(pki.issue("Lab Intermediate"))])
    assert facts["issuer_cn"] == facts["subject_cn"]
    assert facts["self_signed"] is False


@given(st.binary(max_size=400))
def test_any_bytes(content: bytes) -> None:
    (facts,) = describe([content])
    assert "unreadable" in facts
