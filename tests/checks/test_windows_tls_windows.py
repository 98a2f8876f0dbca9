"""The check on TLS of Windows: defaults of each build, grades, sites and certificates."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest

from assessor import bundled
from assessor.api import (
    Captured,
    Judgement,
    Outcome,
    Parameters,
    TlsLevel,
    UnparsedError,
    read_registry,
    tls_version_level,
)
from assessor.catalogue.manifest import read_check
from assessor.catalogue.samples import Sample, read_samples
from assessor.collect.questions import tls_offers_names as names
from assessor.model.capture import NotCaptured, Reason
from checks.windows_tls.check import CHECK
from checks.windows_tls.schannel import VERSIONS, Schannel, read_schannel
from checks.windows_tls.sites import Plain, read_sites
from checks.windows_tls.weighing import client_weaknesses, has_modern, server_elements

INFO = read_check(bundled.folder("checks") / "windows_tls", "bundled")
SAMPLES = {sample.name: sample for sample in read_samples(INFO)}
ASKED = {
    probe.name: probe.arguments
    for probes in INFO.probes.values()
    for probe in probes
    if probe.arguments
}
GCM = "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
WINDOWS = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
CHANNEL = r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL"
LOCAL = r"HKLM\SYSTEM\CurrentControlSet\Control\Cryptography\Configuration\Local\SSL\00010002"
POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\Cryptography\Configuration\SSL\00010002"


def _value(name: str, data: Any) -> dict[str, Any]:
    kind = {type(None): 0, str: 1, int: 4, list: 7}[type(data)]
    return {"name": name, "kind": kind, "data": data}


def _is_asked(key: str, path: str) -> bool:
    parts, wanted = key.lower().split("\\"), path.lower().split("\\")
    return len(parts) == len(wanted) and all(
        b in ("*", a) for a, b in zip(parts, wanted, strict=True)
    )


def settings(keys: dict[str, dict[str, Any]]) -> str:
    """The answer of a Windows that has these keys."""
    answers = []
    for asked in ASKED["settings"]:
        path, *names = asked.split("|")
        found = [
            {"key": key, "values": [_value(name, values.get(name)) for name in names]}
            for key, values in keys.items()
            if _is_asked(key, path)
        ]
        answers.append({"asked": asked, "keys": found})
    return json.dumps({"registry": answers, "end": True})


def schannel(build: int, keys: dict[str, dict[str, Any]], *suites: str) -> Schannel:
    base: dict[str, dict[str, Any]] = {
        WINDOWS: {"CurrentBuildNumber": str(build), "InstallationType": "Server"},
        LOCAL: {"Functions": list(suites or (GCM,))},
    }
    return read_schannel(read_registry(settings(base | keys)))


@pytest.mark.parametrize(
    ("build", "on"),
    [
        (10586, ("SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2")),
        (14393, ("TLS 1.0", "TLS 1.1", "TLS 1.2")),
        (19045, ("TLS 1.0", "TLS 1.1", "TLS 1.2")),
        (20347, ("TLS 1.0", "TLS 1.1", "TLS 1.2")),
        (20348, ("TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3")),
        (22631, ("TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3")),
        (26099, ("TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3")),
        (26100, ("TLS 1.2", "TLS 1.3")),
    ],
)
def test_what_is_on_by_default(build: int, on: tuple[str, ...]) -> None:
    found = schannel(build, {})
    assert (found.server, found.client) == (on, on)


@pytest.mark.parametrize(
    ("build", "version", "values", "on"),
    [
        (20348, "TLS 1.0", {}, True),
        (20348, "TLS 1.0", {"Enabled": 0}, False),
        (20348, "TLS 1.0", {"DisabledByDefault": 1}, False),
        (20348, "TLS 1.0", {"Enabled": 1, "DisabledByDefault": 1}, False),
        (20348, "TLS 1.0", {"Enabled": 0, "DisabledByDefault": 0}, False),
        (26100, "TLS 1.0", {"Enabled": 1, "DisabledByDefault": 0}, True),
        (26100, "TLS 1.0", {"Enabled": 0xFFFFFFFF}, True),
        (26100, "TLS 1.0", {"DisabledByDefault": 0}, True),
        (19045, "SSL 3.0", {"Enabled": 1}, True),
        # What a Windows does not know cannot be switched on.
        (14393, "SSL 2.0", {"Enabled": 1, "DisabledByDefault": 0}, False),
        (10586, "SSL 2.0", {"Enabled": 1, "DisabledByDefault": 0}, True),
        (19045, "TLS 1.3", {"Enabled": 1, "DisabledByDefault": 0}, False),
        (20348, "TLS 1.3", {"Enabled": 0}, False),
    ],
)
@pytest.mark.parametrize("side", ["Server", "Client"])
def test_a_version_as_it_is_set(
    side: str, build: int, version: str, values: dict[str, int], on: bool
) -> None:
    found = schannel(build, {rf"{CHANNEL}\Protocols\{version}\{side}": values})
    mine, other = found.server, found.client
    if side == "Client":
        mine, other = other, mine
    assert (version in mine) is on
    assert other == schannel(build, {}).server


def test_versions_are_told_apart() -> None:
    off = {rf"{CHANNEL}\Protocols\{v}\Server": {"Enabled": 0} for v in VERSIONS if v != "TLS 1.2"}
    assert schannel(20348, off).server == ("TLS 1.2",)


@pytest.mark.parametrize(
    ("key", "suite"),
    [
        (r"Ciphers\RC4 128/128", "TLS_RSA_WITH_RC4_128_SHA"),
        (r"Ciphers\Triple DES 168", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
        (r"Ciphers\DES 56/56", "TLS_RSA_WITH_DES_CBC_SHA"),
        (r"Ciphers\AES 128/128", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
        (r"Hashes\MD5", "TLS_RSA_WITH_RC4_128_MD5"),
        (r"Hashes\SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
        (r"KeyExchangeAlgorithms\PKCS", "TLS_RSA_WITH_AES_256_GCM_SHA384"),
        (r"KeyExchangeAlgorithms\Diffie-Hellman", "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"),
    ],
)
def test_a_suite_is_off_only_where_its_part_is(key: str, suite: str) -> None:
    for value, left in ((0, (GCM,)), (0xFFFFFFFF, (GCM, suite)), (None, (GCM, suite))):
        found = schannel(20348, {rf"{CHANNEL}\{key}": {"Enabled": value}}, GCM, suite)
        assert found.suites == left


def test_a_name_of_old_windows_switches_nothing_off() -> None:
    key = {rf"{CHANNEL}\Ciphers\Triple DES 168/168": {"Enabled": 0}}
    assert schannel(20348, key, "TLS_RSA_WITH_3DES_EDE_CBC_SHA").suites == (
        "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
    )


def test_policy_comes_before_the_list_of_the_machine() -> None:
    found = schannel(
        20348, {POLICY: {"Functions": f"{GCM}_P384, {GCM}_P256,TLS_AES_256_GCM_SHA384"}}
    )
    assert found.suites == (GCM, "TLS_AES_256_GCM_SHA384")


def test_programs_must_ask_for_null_and_psk_themselves() -> None:
    found = schannel(20348, {}, GCM, "TLS_RSA_WITH_NULL_SHA256", "TLS_PSK_WITH_AES_256_GCM_SHA384")
    assert found.suites == (GCM,)


@pytest.mark.parametrize(
    "keys",
    [
        {WINDOWS: {"CurrentBuildNumber": "x", "InstallationType": "Client"}},
        {WINDOWS: {"CurrentBuildNumber": "19045", "InstallationType": "Klant"}},
        {WINDOWS: {"CurrentBuildNumber": "19045"}},
        {POLICY: {"Functions": "TLS_AES_256_GCM_SHA384;TLS_AES_128_GCM_SHA256"}},
        {POLICY: {"Functions": [GCM]}},
        {LOCAL: {"Functions": GCM}},
        {rf"{CHANNEL}\Protocols\TLS 1.0\Server": {"Enabled": "0"}},
    ],
)
def test_what_is_not_documented_is_not_guessed(keys: dict[str, dict[str, Any]]) -> None:
    with pytest.raises(UnparsedError):
        schannel(20348, keys)


@pytest.mark.parametrize(
    ("bits", "grade"),
    [(2048, "INSUFFICIENT"), (3071, "INSUFFICIENT"), (3072, "PHASE_OUT"), (None, "INSUFFICIENT")],
)
def test_the_finite_field_counts_where_a_suite_uses_it(bits: int | None, grade: str) -> None:
    key = {rf"{CHANNEL}\KeyExchangeAlgorithms\Diffie-Hellman": {"ServerMinKeyBitLength": bits}}
    used = dict(server_elements(schannel(26100, key, GCM, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384")))
    assert used[f"Diffie-Hellman {bits or 2048}"] is TlsLevel[grade]
    assert not any("Diffie" in name for name, _ in server_elements(schannel(26100, key, GCM)))


def test_suites_of_a_version_that_is_off_do_not_count() -> None:
    only_1_3 = {rf"{CHANNEL}\Protocols\TLS 1.2\Server": {"Enabled": 0}}
    suites = ("TLS_AES_256_GCM_SHA384", "TLS_RSA_WITH_3DES_EDE_CBC_SHA")
    names = {name for name, _ in server_elements(schannel(26100, only_1_3, *suites))}
    assert names == {"TLS 1.3", "TLS_AES_256_GCM_SHA384"}
    names = {name for name, _ in server_elements(schannel(19045, {}, *suites))}
    assert names == {"TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"}


def test_versions_in_the_words_of_windows() -> None:
    words = ("TLS 1.0", "TLSv1"), ("TLS 1.2", "TLSv1.2"), ("TLS 1.3", "TLSv1.3")
    levels = [(tls_version_level(ours), tls_version_level(theirs)) for ours, theirs in words]
    assert all(ours is theirs for ours, theirs in levels)
    assert len(set(levels)) == 3


def test_suites_of_the_samples_are_names_of_the_registry() -> None:
    suites = {suite for sample in SAMPLES.values() for suite in _suites(sample)}
    assert len(suites) > 20
    assert suites <= set(names.suites().values())


def _suites(sample: Sample) -> tuple[str, ...]:
    capture = sample.captures["settings"]
    if not isinstance(capture, Captured):
        return ()
    try:
        return read_schannel(read_registry(capture.stdout)).suites or ()
    except UnparsedError:
        return ()


@pytest.mark.parametrize(
    ("suite", "broken"),
    [
        ("TLS_RSA_WITH_RC4_128_SHA", True),
        ("TLS_RSA_WITH_DES_CBC_SHA", True),
        ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", True),
        ("TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA", True),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", False),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", False),
    ],
)
def test_what_a_client_must_not_offer(suite: str, broken: bool) -> None:
    assert (suite in client_weaknesses(schannel(19045, {}, GCM, suite))) is broken


@pytest.mark.parametrize(("build", "modern"), [(19045, False), (20348, True)])
def test_a_client_needs_a_modern_version(build: int, modern: bool) -> None:
    off = {rf"{CHANNEL}\Protocols\TLS 1.2\Client": {"Enabled": 0}}
    assert has_modern(schannel(build, off).client) is modern


REDIRECT = {
    "kind": "redirect",
    "enabled": "true",
    "match": "",
    "action": "",
    "to": "https://",
    "conditions": [],
}
RULE = {
    "kind": "rule",
    "enabled": "",
    "match": "(.*)",
    "action": "Redirect",
    "to": "https://",
    "conditions": ["{HTTPS}"],
}
ACCESS = {
    "kind": "access",
    "enabled": "true",
    "match": "",
    "action": "Ssl, SslNegotiateCert",
    "to": "",
    "conditions": [],
}


def site(**changed: Any) -> str:
    row = {
        "name": "a",
        "auto_start": "",
        "hsts": "",
        "hsts_redirect": "",
        "seen": True,
        "bindings": "http/*:80:",
        "redirects": [],
    }
    return json.dumps({"there": True, "count": 1, "sites": [row | changed], "end": True})


@pytest.mark.parametrize(
    ("changed", "plain"),
    [
        ({}, Plain.YES),
        ({"bindings": "https/*:443:"}, Plain.NO),
        ({"bindings": "http/*:80:,https/*:443:"}, Plain.UNSEEN),
        ({"bindings": "net.tcp/808:*,http/127.0.0.1:80:"}, Plain.NO),
        ({"bindings": "http/[::1]:80:,http/*:8080:localhost"}, Plain.NO),
        ({"bindings": "http/[::]:80:"}, Plain.YES),
        ({"redirects": [REDIRECT]}, Plain.NO),
        ({"redirects": [REDIRECT | {"enabled": ""}]}, Plain.UNSEEN),
        ({"redirects": [REDIRECT | {"enabled": "false"}]}, Plain.YES),
        ({"redirects": [REDIRECT | {"to": "http://w"}]}, Plain.YES),
        ({"redirects": [RULE]}, Plain.NO),
        ({"redirects": [RULE | {"enabled": "false"}]}, Plain.YES),
        ({"redirects": [RULE | {"action": "Rewrite"}]}, Plain.UNSEEN),
        ({"redirects": [RULE | {"match": "^login"}]}, Plain.UNSEEN),
        ({"redirects": [RULE | {"conditions": ["{HTTPS}", "{REMOTE_ADDR}"]}]}, Plain.UNSEEN),
        ({"redirects": [ACCESS]}, Plain.NO),
        ({"redirects": [ACCESS | {"action": "None"}]}, Plain.YES),
        ({"hsts": "true", "hsts_redirect": "true"}, Plain.NO),
        ({"hsts": "true"}, Plain.YES),
        ({"hsts": "false", "hsts_redirect": "true"}, Plain.YES),
        ({"seen": False}, Plain.UNSEEN),
    ],
)
def test_how_a_site_stands_to_visits_without_encryption(
    changed: dict[str, Any], plain: Plain
) -> None:
    (found,) = read_sites(site(**changed)) or ()
    assert found.plain is plain


def test_a_site_that_does_not_start_is_left_out() -> None:
    assert read_sites(site(auto_start="false")) == ()
    assert read_sites('{"there":false,"count":0,"sites":[],"end":true}') is None


@pytest.mark.parametrize(
    "changed",
    [
        {"bindings": ""},
        {"bindings": "http/80"},
        {"bindings": "gopher/*:70:"},
        {"auto_start": "onwaar"},
        {"redirects": [REDIRECT | {"kind": "x"}]},
    ],
)
def test_a_strange_site_is_not_guessed_at(changed: dict[str, Any]) -> None:
    with pytest.raises(UnparsedError):
        read_sites(site(**changed))


def judged(sample: Sample) -> Judgement:
    facts = CHECK.observe(sample.captures)
    (judgement,) = CHECK.evaluate(facts, Parameters(dict(sample.parameters)))
    return judgement


@pytest.mark.parametrize(
    ("days", "outcome", "advised"),
    [
        (-1, "fail", False),
        (0, "fail", False),
        (1, "pass", True),
        (14, "pass", True),
        (15, "pass", False),
    ],
)
def test_days_until_a_certificate_expires(days: int, outcome: str, advised: bool) -> None:
    sample = SAMPLES["windows2022_good"]
    capture = sample.captures["certificates"]
    assert isinstance(capture, Captured)
    until = (sample.captures.at + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    changed = dataclasses.replace(
        capture, stdout=capture.stdout.replace("2027-02-14T23:59:59Z", until)
    )
    by_probe = {**sample.captures.by_probe, "certificates": changed}
    judgement = judged(
        dataclasses.replace(
            sample, captures=dataclasses.replace(sample.captures, by_probe=by_probe)
        )
    )
    assert judgement.outcome.value == outcome
    assert ("certificate_expires" in {one.id for one in judgement.advice}) is advised


@pytest.mark.parametrize("probe", ["settings", "bindings", "certificates", "sites"])
def test_a_server_with_sites_needs_every_answer(probe: str) -> None:
    sample = SAMPLES["windows2022_good"]
    gap = NotCaptured(probe, Reason.NO_PRIVILEGE, "", sample.captures.at)
    by_probe = {**sample.captures.by_probe, probe: gap}
    judgement = judged(
        dataclasses.replace(
            sample, captures=dataclasses.replace(sample.captures, by_probe=by_probe)
        )
    )
    assert (judgement.outcome, judgement.message.id) == (Outcome.UNKNOWN, "not_observed")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("windows10_default", {"old_client_versions", "weak_dotnet"}),
        ("windows2025_default_versions", {"off_by_default"}),
        ("windows2019_crypto_tool", {"phase_out"}),
        ("windows2022_good", set()),
        ("windows2019_exchange_expired", {"exchange_here", "certificate_not_found"}),
    ],
)
def test_advice(name: str, advice: set[str]) -> None:
    assert {one.id for one in judged(SAMPLES[name]).advice} == advice
