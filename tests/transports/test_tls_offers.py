"""What services offer in TLS, seen rightly on real servers: the truth table."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.lab.ocsp import Status, staple
from tests.lab.pki import Pki, rsa_key
from tests.lab.tls_servers import Variant, gnutls_serv, nginx_variants, s_server
from tests.lab.tls_services import SERVERS, open_folder
from tests.transports.tls_offers_support import MODERN, NAME, OLD, ask

NOW = "ssl_protocols TLSv1.2 TLSv1.3"
EVERY = "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"
PAST = "ssl_ciphers DEFAULT:@SECLEVEL=0"
SERVER_ORDER = "ssl_prefer_server_ciphers on"
RSA_KEY = rsa_key(2048)


def _variants(folder: Path, pki: Pki) -> dict[str, Variant]:
    curve, rsa = pki.issue(NAME), pki.issue(NAME, key=RSA_KEY)
    dh = folder / "dh.pem"
    subprocess.run(["openssl", "dhparam", "-out", str(dh), "1024"], check=True, capture_output=True)
    for name, answer in {
        "good": staple(pki, curve),
        "revoked": staple(pki, curve, Status.REVOKED),
        "forged": staple(pki, curve, by=pki.self_signed("forger.example")),
        "other": staple(pki, rsa),
    }.items():
        (folder / f"{name}.ocsp").write_bytes(answer)
    stapled = {
        f"stapled-{name}": Variant(
            (curve,), ("ssl_stapling on", f"ssl_stapling_file {folder / f'{name}.ocsp'}")
        )
        for name in ("good", "revoked", "forged", "other")
    }
    return {
        "modern": Variant(
            (curve,),
            (
                NOW,
                "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20",
            ),
        ),
        "every-version": Variant((curve,), (EVERY, PAST)),
        "only-1.0": Variant((curve,), ("ssl_protocols TLSv1", PAST)),
        "only-1.1": Variant((curve,), ("ssl_protocols TLSv1.1", PAST)),
        "only-1.2": Variant((curve,), ("ssl_protocols TLSv1.2",)),
        "only-1.3": Variant((curve,), ("ssl_protocols TLSv1.3",)),
        "server-order": Variant(
            (rsa,), ("ssl_ciphers AES128-GCM-SHA256:ECDHE+AESGCM:AES256-SHA", SERVER_ORDER)
        ),
        "client-order": Variant((rsa,), ("ssl_ciphers AES128-GCM-SHA256:ECDHE+AESGCM:AES256-SHA",)),
        "one-suite": Variant(
            (rsa,), ("ssl_protocols TLSv1.2", "ssl_ciphers ECDHE-RSA-AES128-GCM-SHA256")
        ),
        "dh-1024": Variant(
            (rsa,), ("ssl_protocols TLSv1.2", "ssl_ciphers DHE:@SECLEVEL=0", f"ssl_dhparam {dh}")
        ),
        "no-certificate": Variant(
            (rsa,),
            ("ssl_protocols TLSv1.2", "ssl_ciphers aNULL:eNULL:@SECLEVEL=0", f"ssl_dhparam {dh}"),
        ),
        "curves": Variant(
            (rsa,),
            (NOW, "ssl_ciphers ECDHE", "ssl_ecdh_curve secp384r1:X448:secp224r1", SERVER_ORDER),
        ),
        "early-data": Variant((curve,), (NOW, "ssl_early_data on", "ssl_session_tickets on")),
        "two-certificates": Variant((curve, rsa), ("ssl_ciphers ECDHE",)),
        "weak-key": Variant((pki.issue(NAME, key=rsa_key(1024)),), (PAST,)),
        **stapled,
    }


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, int]]:
    folder = tmp_path_factory.mktemp("lab")
    with nginx_variants(folder, _variants(folder, Pki(folder))) as ports:
        yield ports
        assert (folder / "access.log").read_bytes() == b"", "something was asked beyond TLS"


ONLY = {
    "only-1.0": ("TLSv1", {"TLSv1": "accepted"}),
    "only-1.1": ("TLSv1.1", {"TLSv1.1": "accepted"}),
    "only-1.2": ("TLSv1.2", {"TLSv1.2": "accepted"}),
    "only-1.3": ("TLSv1.3", {"TLSv1.3": "accepted"}),
}


@pytest.mark.parametrize("variant", ONLY)
def test_one_version_alone(lab: Mapping[str, int], variant: str) -> None:
    answer = ask(lab[variant])

    version, accepted = ONLY[variant]
    assert answer["versions"] == dict.fromkeys(MODERN, "refused") | accepted
    assert list(answer["suites"]) == list(answer["groups"]) == [version]
    assert answer["gaps"] == []
    # Each shows its certificate, TLS 1.3 by a handshake that is carried through.
    assert [one["versions"] for one in answer["certificates"]] == [[version]]
    assert answer["certificates"][0]["chain"][0]["subject_cn"] == NAME
    assert answer["certificates"][0]["chain_length"] == 2
    assert answer["alpn"] == "h2"
    older = version != "TLSv1.3"
    assert answer["renegotiation"] is answer["master_secret"] is (True if older else None)
    assert answer["compression"] == ("none" if older else None)
    assert answer["early_data"]["state"] == (None if older else "not-offered")


def test_a_modern_site(lab: Mapping[str, int]) -> None:
    answer = ask(lab["modern"])

    assert answer["kind"] == "tls-offers"
    assert answer["tls"] == "offered"
    assert answer["versions"] == MODERN
    assert set(answer["suites"]["TLSv1.2"]["names"]) == {
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    }
    assert set(answer["suites"]["TLSv1.3"]["names"]) == {
        "TLS_AES_256_GCM_SHA384",
        "TLS_AES_128_GCM_SHA256",
        "TLS_CHACHA20_POLY1305_SHA256",
    }
    assert answer["groups"]["TLSv1.3"][0] == "x25519"
    assert {"secp256r1", "secp384r1"} < set(answer["groups"]["TLSv1.2"])
    assert answer["dh"] == []
    assert answer["signature"] == "ecdsa_secp256r1_sha256"
    assert answer["certificates"][0]["versions"] == ["TLSv1.2", "TLSv1.3"]
    assert answer["certificates"][0]["ocsp"] == {
        "stapled": False,
        "responder": False,
        "must_staple": False,
    }
    assert answer["connections"] < 60


def test_versions_of_the_past(lab: Mapping[str, int]) -> None:
    answer = ask(lab["every-version"])

    assert answer["versions"] == OLD | dict.fromkeys(list(MODERN)[2:], "accepted")
    assert answer["suites"]["TLSv1"]["names"] == [
        "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
        "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    ]
    assert "ecdsa_sha1" in answer["weak_signatures"]


def test_whose_order_decides(lab: Mapping[str, int]) -> None:
    of_server = ask(lab["server-order"])["suites"]["TLSv1.2"]
    of_client = ask(lab["client-order"])["suites"]["TLSv1.2"]
    single = ask(lab["one-suite"])["suites"]["TLSv1.2"]

    names = [
        "TLS_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_RSA_WITH_AES_256_CBC_SHA",
    ]
    assert of_server == {"names": names, "order": "server"}
    assert of_client["order"] == "client"
    assert set(of_client["names"]) == set(names)
    assert single == {"names": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"], "order": "single"}


def test_a_short_diffie_hellman(lab: Mapping[str, int]) -> None:
    answer = ask(lab["dh-1024"])

    assert answer["dh"] == [{"bits": 1024, "group": None, "generator": 2}]
    assert all("_DHE_RSA_" in name for name in answer["suites"]["TLSv1.2"]["names"])


def test_neither_certificate_nor_encryption(lab: Mapping[str, int]) -> None:
    names = ask(lab["no-certificate"])["suites"]["TLSv1.2"]["names"]

    assert "TLS_DH_anon_WITH_AES_256_GCM_SHA384" in names
    assert "TLS_ECDH_anon_WITH_AES_128_CBC_SHA" in names
    assert "TLS_RSA_WITH_NULL_SHA256" in names
    assert "TLS_ECDHE_RSA_WITH_NULL_SHA" in names


def test_curves_in_the_order_of_the_server(lab: Mapping[str, int]) -> None:
    groups = ask(lab["curves"])["groups"]

    # OpenSSL knows no secp224r1 in TLS 1.3.
    assert groups == {
        "TLSv1.2": ["secp384r1", "x448", "secp224r1"],
        "TLSv1.3": ["secp384r1", "x448"],
    }


def test_early_data_as_the_ticket_says(lab: Mapping[str, int]) -> None:
    assert ask(lab["early-data"])["early_data"] == {"state": "offered", "bytes": 16_384}
    assert ask(lab["modern"])["early_data"] == {"state": "not-offered", "bytes": None}


def test_every_certificate_is_seen(lab: Mapping[str, int]) -> None:
    answer = ask(lab["two-certificates"])
    kinds = {one["chain"][0]["key_type"] for one in answer["certificates"]}
    assert kinds == {"ec-secp256r1", "rsa"}

    (weak,) = ask(lab["weak-key"])["certificates"]
    assert (weak["chain"][0]["key_type"], weak["chain"][0]["key_bits"]) == ("rsa", 1024)


@pytest.mark.parametrize(
    ("variant", "status", "signed"),
    [
        ("stapled-good", "good", True),
        ("stapled-revoked", "revoked", True),
        ("stapled-forged", "good", False),
        ("stapled-other", "good", False),
    ],
)
def test_a_staple(lab: Mapping[str, int], variant: str, status: str, signed: bool) -> None:
    (certificate,) = ask(lab[variant])["certificates"]

    ocsp = certificate["ocsp"]
    assert (ocsp["stapled"], ocsp["status"], ocsp["signed"]) == (True, status, signed)
    assert ocsp["next_update"] > ocsp["this_update"]


def test_a_staple_in_tls_13_alone(tmp_path: Path) -> None:
    pki = Pki(tmp_path)
    issued = pki.issue(NAME)
    response = tmp_path / "response"
    response.write_bytes(staple(pki, issued))
    with s_server(tmp_path, issued, "-tls1_3", "-status_file", str(response)) as port:
        (certificate,) = ask(port)["certificates"]
    assert (certificate["ocsp"]["status"], certificate["ocsp"]["signed"]) == ("good", True)


@pytest.mark.parametrize("group", ["X25519", "P-256", "P-384", "P-521", "X448"])
@pytest.mark.parametrize("suite", ["TLS_AES_256_GCM_SHA384", "TLS_AES_128_CCM_SHA256"])
def test_handshakes_of_tls_13_on_every_curve(tmp_path: Path, group: str, suite: str) -> None:
    issued = Pki(tmp_path).issue(NAME)
    with s_server(
        tmp_path, issued, "-tls1_3", "-groups", group, "-ciphersuites", suite, "-serverpref"
    ) as port:
        answer = ask(port)
    assert answer["gaps"] == []
    assert answer["suites"]["TLSv1.3"] == {"names": [suite], "order": "single"}
    assert len(answer["groups"]["TLSv1.3"]) == 1
    assert answer["certificates"][0]["chain_length"] == 2


def test_a_server_that_asks_for_a_certificate(tmp_path: Path) -> None:
    """Visitors have none, and what is offered shows all the same."""
    with s_server(tmp_path, Pki(tmp_path).issue(NAME), "-verify", "1") as port:
        answer = ask(port)
    assert answer["versions"] == MODERN
    assert answer["gaps"] == []
    assert answer["early_data"]["state"] == "not-offered"


def test_a_group_that_no_key_can_be_agreed_on_is_a_gap(tmp_path: Path) -> None:
    with s_server(tmp_path, Pki(tmp_path).issue(NAME), "-tls1_3", "-groups", "ffdhe3072") as port:
        answer = ask(port)
    assert answer["groups"] == {"TLSv1.3": ["ffdhe3072"]}
    assert answer["early_data"]["state"] == "not-testable"
    assert len(answer["gaps"]) == 1


def test_gnutls(tmp_path: Path) -> None:
    """Another maker: it negotiates RFC 7919 groups and sends no ticket here."""
    issued = Pki(tmp_path).issue(NAME, key=RSA_KEY)
    priority = "NORMAL:-VERS-TLS1.0:-VERS-TLS1.1:-SIGN-RSA-SHA1"
    with gnutls_serv(tmp_path, issued, priority) as port:
        answer = ask(port)

    assert answer["versions"] == MODERN
    assert answer["gaps"] == []
    assert answer["early_data"]["state"] == "no-ticket"
    assert [one["group"] for one in answer["dh"]] == ["ffdhe2048"]
    assert "TLS_AES_128_CCM_SHA256" in answer["suites"]["TLSv1.3"]["names"]
    assert answer["renegotiation"] is answer["master_secret"] is True


def test_gnutls_without_protections(tmp_path: Path) -> None:
    issued = Pki(tmp_path).issue(NAME, key=RSA_KEY)
    priority = (
        "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_SESSION_HASH:%DISABLE_SAFE_RENEGOTIATION"
        ":+SIGN-RSA-SHA1:%VERIFY_ALLOW_SIGN_WITH_SHA1"
    )
    with gnutls_serv(tmp_path, issued, priority) as port:
        answer = ask(port)

    assert answer["renegotiation"] is answer["master_secret"] is False
    assert answer["weak_signatures"] == ["rsa_pkcs1_sha1"]


@pytest.mark.parametrize("service", SERVERS)
def test_a_real_server_of_each_protocol(tmp_path: Path, service: str) -> None:
    issued = Pki(tmp_path).issue(NAME, key=RSA_KEY)
    with open_folder() as folder, SERVERS[service](folder, issued) as port:
        answer = ask(port, service)

    assert (answer["service"], answer["tls"], answer["gaps"]) == (service, "offered", [])
    assert answer["versions"]["TLSv1.2"] == answer["versions"]["TLSv1.3"] == "accepted"
    assert answer["versions"]["SSLv2"] == answer["versions"]["SSLv3"] == "refused"
    assert "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384" in answer["suites"]["TLSv1.2"]["names"]
    assert answer["certificates"][0]["chain"][0]["subject_cn"] == NAME
    assert answer["alpn"] is None


def test_an_elliptic_key_on_another_curve(tmp_path: Path) -> None:
    """A server that signs only for clients that know its curve is not cut short by that."""
    issued = Pki(tmp_path).issue(NAME, key=ec.generate_private_key(ec.SECP384R1()))
    with s_server(tmp_path, issued, "-tls1_2", "-groups", "X25519:P-256:P-384") as port:
        answer = ask(port)
    assert set(answer["groups"]["TLSv1.2"]) == {"x25519", "secp256r1", "secp384r1"}
