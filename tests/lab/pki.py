"""A certificate authority of the tests' own, and certificates of every kind from it.

::

    pki = Pki(tmp_path)
    good = pki.issue("good.example")              # signed by the intermediate authority
    good.chain_pem, good.key_pem                  # for a server
    pki.root_file                                 # for whoever shall trust it (``ca_file``)

Keys are elliptic unless a test is about another kind, since those are made in no time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with its key, and those above it that a server ought to present."""

    certificate: x509.Certificate
    key: Key
    above: tuple[x509.Certificate, ...] = ()

    @property
    def chain_pem(self) -> bytes:
        """The certificate and those above it, without the root, as a server's file has them."""
        return b"".join(_pem(one) for one in (self.certificate, *self.above))

    @property
    def key_pem(self) -> bytes:
        """The private key, not encrypted."""
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


class Pki:
    """A root, an intermediate below it, and what they sign."""

    def __init__(self, folder: Path) -> None:
        """Keeps the root's certificate in ``folder``, where clients may be pointed at it."""
        self._folder = folder
        self.now = datetime.now(UTC).replace(microsecond=0)

    @cached_property
    def root(self) -> Issued:
        """The root authority."""
        key = elliptic_key()
        return Issued(self._authority("Lab Root", key, None), key)

    @cached_property
    def intermediate(self) -> Issued:
        """The authority below the root that signs the certificates of sites."""
        key = elliptic_key()
        return Issued(self._authority("Lab Intermediate", key, self.root), key)

    @cached_property
    def root_file(self) -> Path:
        """The root's certificate as a PEM file."""
        path = self._folder / "lab-root.pem"
        path.write_bytes(_pem(self.root.certificate))
        return path

    def issue(
        self,
        *names: str,
        begins: timedelta = -DAY,
        ends: timedelta = 90 * DAY,
        key: Key | None = None,
        complete: bool = True,
        purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    ) -> Issued:
        """A site's certificate from the intermediate authority.

        Args:
            names: host names and IP addresses; the first is the common name too.
            begins: its first moment, from now.
            ends: its last moment, from now.
            key: instead of a new elliptic one.
            complete: whether the intermediate's certificate goes with it.
            purpose: what it may be used for.
        """
        key = key or elliptic_key()
        certificate = self._site(names, key, begins, ends, self.intermediate, purpose)
        return Issued(certificate, key, (self.intermediate.certificate,) if complete else ())

    def self_signed(self, *names: str) -> Issued:
        """A certificate that vouches for itself."""
        key = elliptic_key()
        return Issued(self._site(names, key, -DAY, 90 * DAY, None), key)

    def _authority(self, name: str, key: Key, above: Issued | None) -> x509.Certificate:
        signer = key if above is None else above.key
        issuer = _name(name) if above is None else above.certificate.subject
        return (
            self._begin(_name(name), issuer, key, -30 * DAY, 3650 * DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=True,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=True,
                    crl_sign=True,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
            .add_extension(_key_id(signer), critical=False)
            .sign(signer, hashes.SHA256())
        )

    def _site(
        self,
        names: tuple[str, ...],
        key: Key,
        begins: timedelta,
        ends: timedelta,
        above: Issued | None,
        purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    ) -> x509.Certificate:
        signer = key if above is None else above.key
        subject = _name(names[0])
        issuer = subject if above is None else above.certificate.subject
        return (
            self._begin(subject, issuer, key, begins, ends)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(
                x509.SubjectAlternativeName([_general(name) for name in names]), critical=False
            )
            .add_extension(_key_id(signer), critical=False)
            .sign(signer, hashes.SHA256())
        )

    def _begin(
        self, subject: x509.Name, issuer: x509.Name, key: Key, begins: timedelta, ends: timedelta
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + begins)
            .not_valid_after(self.now + ends)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )


def elliptic_key() -> ec.EllipticCurvePrivateKey:
    """A key on P-256."""
    return ec.generate_private_key(ec.SECP256R1())


def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """An RSA key; the small ones are what a test is about."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _key_id(signer: Key) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
