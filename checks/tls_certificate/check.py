"""Judges what a site shows in a TLS handshake: its certificate and the versions it accepts."""

from __future__ import annotations

from datetime import datetime, timedelta

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    Parameters,
    Told,
    failed,
    nothing_told,
    passed,
    told,
    unknown,
)

from .answer import VERSIONS, Answer, Certificate, read_answer

MEASURE = "tls"

# NCSC-NL 2025-05, 3.3.5: MD5 and SHA-1 are insufficient, SHA-224 is to be phased out.
WEAK_HASHES = frozenset({"md5", "sha1"})
PHASE_OUT_HASHES = frozenset({"sha224"})
# NCSC-NL 2025-05, 3.3.2.1: RSA keys from 2048 to 3071 bits and P-224 are to be phased out.
RSA_GOOD_BITS = 3072
CURVE_GOOD_BITS = 256
CURVE_PHASE_OUT_BITS = 224

# OpenSSL's X509_V_ERR_... numbers, from openssl/x509_vfy.h; they are part of its stable interface.
CERTIFICATE_ERRORS = {
    9: "not_yet_valid",
    10: "expired",
    18: "self_signed",
    62: "wrong_name",
    64: "wrong_name",
    66: "weak_key",
    67: "weak_key",
    68: "weak_hash",
}
# No way was found from the certificate to a trusted authority.
NO_ISSUER = frozenset({2, 19, 20, 21})


def observe(captures: Captures) -> Told[Answer]:
    return told(captures, "handshake", read_answer)


def evaluate(site: Told[Answer], parameters: Parameters) -> list[Judgement]:
    if site.answer is None:
        return [nothing_told(MEASURE, site)]
    return [_judge(site.answer, site.at, parameters)]


def _judge(answer: Answer, at: datetime, parameters: Parameters) -> Judgement:
    expected: Facts = {
        "trusted": True,
        "minimum_version": _oldest_allowed(parameters),
        "minimum_rsa_bits": parameters.integer("minimum_rsa_bits"),
    }
    observed = _observed(answer, at)
    wrong = _wrong(answer, at, parameters)
    if wrong is not None:
        return failed(MEASURE, wrong.id, wrong.facts, expected=expected, observed=observed)
    unsure = _unsure(answer, parameters)
    if unsure is not None:
        return unknown(MEASURE, unsure.id, unsure.facts, expected=expected, observed=observed)
    own = answer.chain[0]
    facts: dict[str, str] = {
        "name": answer.name,
        "protocol": _spoken(answer.protocol or ""),
        "issuer": own.issuer,
        "until": _day(own.ends),
    }
    message = "valid"
    if answer.trusted_by == "ca_file":
        message = "valid_own_authority"
        facts["ca_file"] = answer.ca_file or ""
    return passed(
        MEASURE,
        message,
        facts,
        expected=expected,
        observed=observed,
        advice=_advice(answer, at, parameters),
    )


def _observed(answer: Answer, at: datetime) -> Facts:
    connection: Facts = {
        "name": answer.name,
        "trusted_by": answer.trusted_by,
        "verify_error": answer.verify_error,
        "protocol": answer.protocol,
        "accepted": tuple(v for v in VERSIONS if answer.accepted[v] == "accepted"),
        "chain_length": answer.chain_length,
    }
    if not answer.chain:
        return connection
    own = answer.chain[0]
    return {
        **connection,
        "issuer": own.issuer,
        "names": own.names,
        "begins": _day(own.begins),
        "ends": _day(own.ends),
        "days_left": (own.ends - at).days,
        "key": _key(own),
        "signature_hash": own.signature_hash,
    }


def _wrong(answer: Answer, at: datetime, parameters: Parameters) -> Message | None:
    """What makes the promise untrue; the certificate first, since visitors see that."""
    if answer.verify_error is not None:
        return _wrong_certificate(answer, at)
    if answer.modern_error is not None:
        return Message("outdated_only", {"name": answer.name, "protocol": _accepted(answer)})
    for certificate in answer.chain:
        if found := _weak(certificate, parameters.integer("minimum_rsa_bits")):
            return found
    own = answer.chain[0] if answer.chain and not answer.unreadable else None
    if own is not None and not own.begins <= at <= own.ends:
        # The handshake was fine; the clock that it is judged by says otherwise.
        return _wrong_time(own, at, own)
    old = _old(answer, parameters, "accepted")
    return Message("old_versions", {"name": answer.name, "versions": old}) if old else None


def _wrong_certificate(answer: Answer, at: datetime) -> Message:
    own = answer.chain[0] if answer.chain else None
    message = CERTIFICATE_ERRORS.get(answer.verify_code or 0)
    if own is None or answer.unreadable:
        message = None
    elif answer.verify_code in NO_ISSUER:
        message = "incomplete_chain" if answer.chain_length == 1 else "untrusted_issuer"
    match message, own:
        case (("expired" | "not_yet_valid"), Certificate()):
            guilty = [one for one in answer.chain if not one.begins <= at <= one.ends]
            return _wrong_time(guilty[0] if guilty else own, at, own, message)
        case "wrong_name", Certificate():
            return Message("wrong_name", {"name": answer.name, "names": _some(own.names)})
        case str(), Certificate():
            return Message(message, {"name": answer.name, "issuer": own.issuer})
        case _:
            return Message("not_trusted", {"name": answer.name, "error": answer.verify_error})


def _wrong_time(guilty: Certificate, at: datetime, own: Certificate, message: str = "") -> Message:
    if not message:
        message = "not_yet_valid" if at < guilty.begins else "expired"
    facts = {"subject": guilty.subject, "begins": _day(guilty.begins), "until": _day(guilty.ends)}
    if guilty is not own:
        return Message("chain_out_of_date", facts)
    return Message(message, facts)


def _weak(certificate: Certificate, minimum_rsa_bits: int) -> Message | None:
    bits = certificate.key_bits
    minimum = minimum_rsa_bits if certificate.key_type == "rsa" else CURVE_PHASE_OUT_BITS
    if certificate.key_type == "dsa" or (bits is not None and bits < minimum):
        return Message("weak_key", {"name": certificate.subject, "issuer": certificate.issuer})
    # The signature of a root over itself proves nothing, so that its hash is of no weight.
    if certificate.signature_hash in WEAK_HASHES and not certificate.self_signed:
        return Message("weak_hash", {"name": certificate.subject, "issuer": certificate.issuer})
    return None


def _unsure(answer: Answer, parameters: Parameters) -> Message | None:
    if answer.unreadable or not answer.chain or answer.chain[0].key_bits is None:
        return Message("unreadable_certificate", {"name": answer.name})
    untestable = _old(answer, parameters, "not-testable")
    if untestable:
        return Message("old_versions_not_testable", {"name": answer.name, "versions": untestable})
    silent = _old(answer, parameters, "no-answer")
    if silent:
        return Message("old_versions_no_answer", {"name": answer.name, "versions": silent})
    return None


def _advice(answer: Answer, at: datetime, parameters: Parameters) -> tuple[Message, ...]:
    own = answer.chain[0]
    advice = []
    warn = timedelta(days=parameters.integer("min_days_left"))
    # Some authorities issue for six days: a fixed number of days would always warn.
    if own.ends - at < min(warn, (own.ends - own.begins) / 4):
        advice.append(Message("ends_soon", {"until": _day(own.ends)}))
    if answer.accepted["TLSv1.3"] == "refused":
        advice.append(Message("no_tls13", {"name": answer.name}))
    good = RSA_GOOD_BITS if own.key_type == "rsa" else CURVE_GOOD_BITS
    if (own.key_bits or 0) < good or own.signature_hash in PHASE_OUT_HASHES:
        advice.append(Message("phase_out", {"key": _key(own)}))
    return tuple(advice)


def _oldest_allowed(parameters: Parameters) -> str:
    """As ``VERSIONS`` has it; a statement says "1.2". Raises ``ValueError`` for anything else."""
    version = parameters.text("minimum_version").removeprefix("TLSv")
    return VERSIONS[VERSIONS.index("TLSv1" if version == "1.0" else f"TLSv{version}")]


def _old(answer: Answer, parameters: Parameters, outcome: str) -> str:
    """The versions before the oldest allowed one that had ``outcome``, for people."""
    oldest = VERSIONS.index(_oldest_allowed(parameters))
    return ", ".join(_spoken(v) for v in VERSIONS[:oldest] if answer.accepted[v] == outcome)


def _accepted(answer: Answer) -> str:
    return ", ".join(_spoken(v) for v in VERSIONS if answer.accepted[v] == "accepted")


def _spoken(version: str) -> str:
    """``TLSv1`` as people write it: ``TLS 1.0``."""
    number = version.removeprefix("TLSv")
    return f"TLS {number}" if "." in number else f"TLS {number}.0"


def _key(certificate: Certificate) -> str:
    bits = certificate.key_bits
    kind = "RSA" if certificate.key_type == "rsa" else certificate.key_type
    return f"{kind} {bits}" if bits and kind == "RSA" else kind


def _some(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown}, …" if len(names) > 5 else shown


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


CHECK = Check(observe=observe, evaluate=evaluate)
