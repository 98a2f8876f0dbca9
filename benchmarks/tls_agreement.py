"""Does what ``tls-offers`` states agree with testssl.sh and sslyze, and how long does each take?

Run it in a checkout, with nginx, postfix, dovecot-imapd and testssl.sh of Debian installed::

    .venv/bin/python benchmarks/tls_agreement.py --sslyze /path/to/sslyze   # both are optional

Each variant of a server is asked by each tool in turn, one at a time, and every fact that two of
them state is compared. A disagreement that is not explained in ``EXPLAINED`` ends it with 1, and so
does a wall time of more than a third of testssl.sh's. sslyze (AGPL) and testssl.sh (GPL) are
programs that are run here; nothing of them is in the product. ``--many N`` asks N endpoints side by
side instead, and shows whether any verdict suffers.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE.parent))

from assessor.collect.questions.tls_offers import TlsOffers  # noqa: E402
from assessor.collect.transports.base import Deadline  # noqa: E402
from assessor.collect.transports.tcp import Clock  # noqa: E402
from assessor.model.target import Platform, Role, Target, TransportKind  # noqa: E402
from tests.lab.ocsp import staple  # noqa: E402
from tests.lab.pki import Pki, rsa_key  # noqa: E402
from tests.lab.tls_servers import Variant, nginx_variants  # noqa: E402
from tests.lab.tls_services import imap, open_folder, postfix  # noqa: E402

NAME = "site.lab.example"
RATIO = 1 / 3
"""Of testssl.sh's wall time, at the most."""

Facts = dict[str, object]

_TESTSSL_VERSIONS = {
    "SSLv2": "SSLv2",
    "SSLv3": "SSLv3",
    "TLS1": "TLSv1",
    "TLS1_1": "TLSv1.1",
    "TLS1_2": "TLSv1.2",
    "TLS1_3": "TLSv1.3",
}
_SSLYZE_VERSIONS = {
    "ssl_2_0_cipher_suites": "SSLv2",
    "ssl_3_0_cipher_suites": "SSLv3",
    "tls_1_0_cipher_suites": "TLSv1",
    "tls_1_1_cipher_suites": "TLSv1.1",
    "tls_1_2_cipher_suites": "TLSv1.2",
    "tls_1_3_cipher_suites": "TLSv1.3",
}
_CURVES = {"prime256v1": "secp256r1", "X25519": "x25519", "X448": "x448"}

_ALONE = (
    "it offers one curve alone, and a server signs with its key on P-256 for clients only that know"
    " P-256; `openssl s_client -tls1_2 -groups X448:P-256` gets X448"
)
_OWN_CLIENT = (
    "it takes this from Debian's `openssl s_client`, which refuses {} by its own security level;"
    ' with `@SECLEVEL=0` that says "Secure Renegotiation IS supported"'
)
EXPLAINED: tuple[tuple[str, str, str, str], ...] = (
    (".*", "curves", "default", _ALONE),
    (
        "sslyze",
        "curves",
        "curves",
        (
            "it tries curves in the newest version only, which is TLS 1.3 here, and secp224r1 is of"
            " TLS 1.2; testssl.sh and `openssl s_client -tls1_2 -groups P-224` get it"
        ),
    ),
    ("testssl.sh", "secure renegotiation", "tls1.0-only", _OWN_CLIENT.format("TLS 1.0")),
    ("testssl.sh", "secure renegotiation", "dh1024", _OWN_CLIENT.format("DH of 1024 bits")),
    (
        "testssl.sh",
        "secure renegotiation",
        "null-and-anonymous",
        _OWN_CLIENT.format("anonymous suites"),
    ),
    (
        "testssl.sh",
        "(version|suites) TLSv1(.1)?",
        "null-and-anonymous",
        (
            "it calls the version refused where only suites without certificate or encryption are"
            " accepted, and asks for no suite then; sslyze and"
            " `openssl s_client -tls1 -cipher aNULL:@SECLEVEL=0` get it"
        ),
    ),
    (
        "sslyze",
        "suites TLSv1.2",
        "null-and-anonymous|postfix",
        (
            "its client does not complete ADH-CAMELLIA-SHA256; testssl.sh and"
            " `openssl s_client -tls1_2 -cipher ADH-CAMELLIA256-SHA256:@SECLEVEL=0` do"
        ),
    ),
    (
        "testssl.sh",
        "suites TLSv1.2",
        "dovecot",
        (
            "Dovecot chooses DHE suites that it has no parameters for, then hangs up, which hides"
            " the suites after those in a list; sslyze and `openssl s_client -starttls imap -tls1_2"
            " -cipher ECDHE-RSA-CHACHA20-POLY1305` get them"
        ),
    ),
)
"""Tool, fact and variant (patterns), and why they do not agree. In each of these cases a whole
handshake with ``openssl s_client`` sides with ours."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one tool stated, and how long it took, in seconds."""

    facts: Facts
    seconds: float


def variants(folder: Path, pki: Pki) -> dict[str, Variant]:
    """The servers of nginx, by name."""
    curve, rsa = pki.issue(NAME), pki.issue(NAME, key=rsa_key(2048))
    every = "ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"
    modern = "ssl_protocols TLSv1.2 TLSv1.3"
    for name, words in (("dh1024", ("1024",)), ("ffdhe3072", ())):
        _parameters(folder / name, *words)
    (folder / "staple").write_bytes(staple(pki, curve))
    return {
        "modern": Variant((curve,), (modern, "ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20")),
        "default": Variant((curve,)),
        "rsa": Variant((rsa,), (modern, "ssl_ciphers DEFAULT")),
        "everything": Variant(
            (rsa,), (every, "ssl_ciphers ALL:@SECLEVEL=0", "ssl_prefer_server_ciphers on")
        ),
        "tls1.0-only": Variant((rsa,), ("ssl_protocols TLSv1", "ssl_ciphers DEFAULT:@SECLEVEL=0")),
        "tls1.2-only": Variant(
            (rsa,), ("ssl_protocols TLSv1.2", "ssl_ciphers HIGH", "ssl_prefer_server_ciphers on")
        ),
        "tls1.3-only": Variant((curve,), ("ssl_protocols TLSv1.3",)),
        "dh1024": Variant(
            (rsa,),
            (modern, "ssl_ciphers DHE:@SECLEVEL=0", f"ssl_dhparam {folder / 'dh1024'}"),
        ),
        "ffdhe3072": Variant(
            (rsa,), (modern, "ssl_ciphers DHE", f"ssl_dhparam {folder / 'ffdhe3072'}")
        ),
        "null-and-anonymous": Variant(
            (rsa,),
            (every, "ssl_ciphers aNULL:eNULL:@SECLEVEL=0", f"ssl_dhparam {folder / 'dh1024'}"),
        ),
        "curves": Variant(
            (rsa,), (modern, "ssl_ciphers ECDHE", "ssl_ecdh_curve secp384r1:X25519:secp224r1")
        ),
        "early-data": Variant((curve,), (modern, "ssl_early_data on", "ssl_session_tickets on")),
        "stapled": Variant(
            (curve,), (modern, "ssl_stapling on", f"ssl_stapling_file {folder / 'staple'}")
        ),
        "two-certificates": Variant((curve, rsa), (modern, "ssl_ciphers ECDHE")),
        "rsa1024": Variant(
            (pki.issue(NAME, key=rsa_key(1024)),), (modern, "ssl_ciphers DEFAULT:@SECLEVEL=0")
        ),
    }


def _parameters(path: Path, *words: str) -> None:
    if words:
        command = ["openssl", "dhparam", "-out", str(path), *words]
    else:
        command = [
            *("openssl", "genpkey", "-genparam", "-algorithm", "DH", "-out", str(path)),
            *("-pkeyopt", f"group:{path.name}"),
        ]
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def endpoints(folder: Path, pki: Pki) -> Iterator[dict[str, tuple[str, int]]]:
    """Every endpoint: its service and port, by name."""
    rsa = pki.issue(NAME, key=rsa_key(2048))
    with (
        nginx_variants(folder, variants(folder, pki)) as ports,
        open_folder() as mine,
        postfix(mine, rsa) as smtp,
        open_folder() as yours,
        imap(yours, rsa) as mail,
    ):
        yield {
            **{name: ("https", port) for name, port in ports.items()},
            "postfix": ("smtp", smtp),
            "dovecot": ("imap", mail),
        }


def ask_ours(service: str, port: int) -> Told:
    """Asks with ``tls-offers``."""
    target = Target(
        name="site",
        role=Role.SITE,
        transport=TransportKind.NETWORK,
        platform=Platform.NETWORK,
        address=NAME,
        port=port,
        options={"connect_to": "127.0.0.1"},
    )
    began = time.monotonic()
    clock = Clock(Deadline.after(120), 120, None)
    answer: Any = TlsOffers().ask(target, {"kind": "tls-offers", "service": service}, clock)
    seconds = time.monotonic() - began
    curves = {name for names in answer["groups"].values() for name in names}
    own = [one["chain"][0] for one in answer["certificates"]]
    facts: Facts = {
        f"version {version}": state == "accepted" for version, state in answer["versions"].items()
    }
    for version in answer["versions"]:
        names = answer["suites"].get(version, {"names": []})["names"]
        facts[f"suites {version}"] = frozenset(names)
    orders = {one["order"] for one in answer["suites"].values()} - {"single", None}
    if len(orders) == 1:
        facts["order"] = orders.pop()
    for version, suites in answer["suites"].items():
        if suites["order"] == "server":
            facts[f"order in {version}"] = tuple(suites["names"])
    facts |= {
        "curves": frozenset(name for name in curves if not name.startswith("ffdhe")),
        "ffdhe groups": frozenset(
            name for name in answer["groups"].get("TLSv1.3", ()) if name.startswith("ffdhe")
        ),
        "dh bits": frozenset(one["bits"] for one in answer["dh"]),
        "stapled": any(one["ocsp"]["stapled"] for one in answer["certificates"]),
        "alpn": answer["alpn"],
        "keys": frozenset(f"{one['key_type'][:2]} {one['key_bits']}" for one in own),
        "certificate hash": frozenset(one["signature_hash"] for one in own),
    }
    if answer["renegotiation"] is not None:
        facts["secure renegotiation"] = answer["renegotiation"]
        facts["master secret"] = answer["master_secret"]
        facts["compression"] = answer["compression"] != "none"
    if answer["early_data"]["state"] in ("offered", "not-offered", "no-ticket"):
        facts["early data"] = answer["early_data"]["state"] == "offered"
    assert answer["gaps"] == [], answer["gaps"]
    return Told(facts, seconds)


def ask_testssl(program: str, service: str, port: int, folder: Path) -> Told:
    """Asks with testssl.sh, the parts of it only that state something we do."""
    report = folder / f"testssl-{port}.json"
    words = [
        *(program, "--quiet", "--color", "0", "--warnings", "off", "--nodns", "none"),
        *("--ip", "127.0.0.1", "-p", "-f", "-P", "-S", "-E", "-R", "-C", "--jsonfile", str(report)),
        *(() if service == "https" else ("-t", service)),
        f"{NAME}:{port}",
    ]
    began = time.monotonic()
    subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    seconds = time.monotonic() - began
    found: dict[str, str] = {
        one["id"]: one["finding"] for one in json.loads(report.read_text(encoding="utf-8"))
    }
    return Told(_testssl_facts(found), seconds)


def _testssl_facts(found: Mapping[str, str]) -> Facts:
    facts: Facts = {}
    suites: dict[str, set[str]] = {}
    openssl_names: dict[str, str] = {}
    bits: set[int] = set()
    for key, finding in found.items():
        if not key.startswith("cipher-"):
            continue
        version = _TESTSSL_VERSIONS[key.removeprefix("cipher-").rpartition("_")[0].upper()]
        words = finding.split()
        suites.setdefault(version, set()).add(words[-1])
        openssl_names[next(w for w in words[2:] if not w.startswith("x"))] = words[-1]
        if size := re.search(r" DH (\d+)", finding):
            bits.add(int(size[1]))
    for key, version in _TESTSSL_VERSIONS.items():
        if key in found:
            facts[f"version {version}"] = found[key].startswith(("offered", "supported"))
        facts[f"suites {version}"] = frozenset(suites.get(version, set()))
        order = found.get(f"cipherorder_{key.replace('TLS1', 'TLSv1')}", "").split()
        if found.get("cipher_order") == "server" and order:
            facts[f"order in {version}"] = tuple(openssl_names.get(name, name) for name in order)
    order_found = found.get("cipher_order", "")
    if order_found in ("server", "client") or "NOT" in order_found:
        facts["order"] = "server" if order_found == "server" else "client"
    curves = (found.get("PFS_ECDHE_curves") or found.get("FS_ECDHE_curves") or "").split()
    facts["curves"] = frozenset(_CURVES.get(name, name) for name in curves)
    groups = (found.get("DH_groups") or "").split()
    if suites.get("TLSv1.3"):
        facts["ffdhe groups"] = frozenset(name for name in groups if name.startswith("ffdhe"))
    facts["dh bits"] = frozenset(bits)
    if "secure_renego" in found:
        facts["secure renegotiation"] = found["secure_renego"].startswith("supported")
    if "CRIME_TLS" in found:
        facts["compression"] = not found["CRIME_TLS"].startswith("not vulnerable")
    stapled = [value for key, value in found.items() if key.startswith("OCSP_stapling")]
    facts["stapled"] = any(value.startswith("offered") for value in stapled)
    keys = [value for key, value in found.items() if key.startswith("cert_keySize")]
    facts["keys"] = frozenset(
        f"{'rs' if 'RSA' in value else 'ec'} {size[0]}"
        for value in keys
        if (size := re.search(r"\d+", value.replace("P-256", "")))
    )
    hashed = [value for key, value in found.items() if key.startswith("cert_signatureAlgorithm")]
    facts["certificate hash"] = frozenset(
        value.split(" with ")[0 if value.startswith("SHA") else 1].split()[0].lower()
        for value in hashed
        if " with " in value
    )
    return facts


def ask_sslyze(program: str, service: str, port: int, folder: Path) -> Told:
    """Asks with sslyze."""
    report = folder / f"sslyze-{port}.json"
    words = [
        *(program, "--json_out", str(report), "--sni", NAME, "--mozilla_config", "disable"),
        *("--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3", "--reneg"),
        *("--compression", "--early_data", "--elliptic_curves", "--certinfo", "--ems"),
        *(() if service == "https" else ("--starttls", service)),
        f"127.0.0.1:{port}",
    ]
    began = time.monotonic()
    subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    seconds = time.monotonic() - began
    (server,) = json.loads(report.read_text(encoding="utf-8"))["server_scan_results"]
    results = {
        name: one["result"] for name, one in server["scan_result"].items() if one and one["result"]
    }
    return Told(_sslyze_facts(results), seconds)


def _sslyze_facts(results: Mapping[str, Any]) -> Facts:
    facts: Facts = {}
    bits: set[int] = set()
    for key, version in _SSLYZE_VERSIONS.items():
        if key not in results:
            continue
        accepted = results[key]["accepted_cipher_suites"]
        facts[f"version {version}"] = bool(results[key]["is_tls_version_supported"])
        facts[f"suites {version}"] = frozenset(one["cipher_suite"]["name"] for one in accepted)
        bits |= {
            one["ephemeral_key"]["size"]
            for one in accepted
            if one["ephemeral_key"] and one["ephemeral_key"]["type_name"] == "DH"
        }
    facts["dh bits"] = frozenset(bits)
    if (curves := results.get("elliptic_curves")) and curves["supported_curves"] is not None:
        facts["curves"] = frozenset(
            _CURVES.get(one["name"], one["name"]) for one in curves["supported_curves"]
        )
    if renegotiation := results.get("session_renegotiation"):
        facts["secure renegotiation"] = renegotiation["supports_secure_renegotiation"]
    if compression := results.get("tls_compression"):
        facts["compression"] = compression["supports_compression"]
    if early := results.get("tls_1_3_early_data"):
        facts["early data"] = early["supports_early_data"]
    if secret := results.get("tls_extended_master_secret"):
        facts["master secret"] = secret["supports_ems_extension"]
    if info := results.get("certificate_info"):
        deployments = info["certificate_deployments"]
        own = [one["received_certificate_chain"][0] for one in deployments]
        facts["stapled"] = any(one["ocsp_response"] is not None for one in deployments)
        facts["keys"] = frozenset(
            f"{'rs' if 'RSA' in one['public_key']['algorithm'] else 'ec'}"
            f" {one['public_key']['key_size']}"
            for one in own
        )
        facts["certificate hash"] = frozenset(
            one["signature_hash_algorithm"]["name"] for one in own
        )
    return facts


def explanation(tool: str, fact: str, variant: str) -> str | None:
    """Why ``tool`` and we do not agree, if that is known."""
    for of_tool, of_fact, of_variant, why in EXPLAINED:
        if (
            re.fullmatch(of_tool, tool)
            and re.fullmatch(of_fact, fact)
            and re.fullmatch(of_variant, variant)
        ):
            return why
    return None


def _shown(value: object, other: object) -> str:
    if isinstance(value, frozenset) and isinstance(other, frozenset):
        only = sorted(map(str, value - other))
        return f"+ {', '.join(only)}" if only else "nothing more"
    return str(value)


def compare(told: Mapping[str, Mapping[str, Told]]) -> tuple[list[str], int]:
    """The table, the disagreements below it, and how many are not explained."""
    tools = sorted({tool for of in told.values() for tool in of} - {"ours"})
    lines = [f"| endpoint | ours (s) | {' | '.join(f'{t} (s), agree/facts' for t in tools)} |"]
    lines.append("|---" * (len(tools) + 2) + "|")
    notes: list[str] = []
    unexplained = 0
    for variant, of in told.items():
        ours = of["ours"]
        cells = []
        for tool in tools:
            theirs = of[tool]
            shared = sorted(ours.facts.keys() & theirs.facts.keys())
            differ = [fact for fact in shared if ours.facts[fact] != theirs.facts[fact]]
            for fact in differ:
                why = explanation(tool, fact, variant)
                unexplained += why is None
                a, b = ours.facts[fact], theirs.facts[fact]
                notes.append(
                    f"* {variant}, {fact}: ours {_shown(a, b)}; {tool} {_shown(b, a)}"
                    f" — {why or 'NOT EXPLAINED'}"
                )
            cells.append(f"{theirs.seconds:.1f}, {len(shared) - len(differ)}/{len(shared)}")
        lines.append(f"| {variant} | {ours.seconds:.2f} | {' | '.join(cells)} |")
    return [*lines, "", *notes], unexplained


def side_by_side(folder: Path, count: int) -> int:
    """Asks ``count`` endpoints at once; how many answers differ from one asked alone."""
    pki = Pki(folder)
    variant = variants(folder, pki)["default"]
    names = [f"v{number}" for number in range(count)]
    with nginx_variants(folder, dict.fromkeys(names, variant)) as ports:
        alone = ask_ours("https", ports[names[0]])
        began = time.monotonic()
        with ThreadPoolExecutor(count) as pool:
            told = list(pool.map(lambda name: ask_ours("https", ports[name]), names))
        seconds = time.monotonic() - began
    different = sum(one.facts != alone.facts for one in told)
    slowest = max(one.seconds for one in told)
    print(f"{count} endpoints side by side: {seconds:.1f} s in all, the slowest {slowest:.1f} s,")
    print(f"one alone {alone.seconds:.2f} s; {different} answers differ from it")
    return different


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--testssl", default=shutil.which("testssl") or "")
    parser.add_argument("--sslyze", default=shutil.which("sslyze") or "")
    parser.add_argument("--only", default=".*", help="a pattern of endpoints")
    parser.add_argument("--many", type=int, default=0, help="ask so many endpoints side by side")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if chosen.many:
            return int(side_by_side(folder, chosen.many) > 0)
        told: dict[str, dict[str, Told]] = {}
        with endpoints(folder, Pki(folder)) as known:
            for name, (service, port) in known.items():
                if not re.fullmatch(chosen.only, name):
                    continue
                told[name] = {"ours": ask_ours(service, port)}
                if chosen.testssl:
                    told[name]["testssl.sh"] = ask_testssl(chosen.testssl, service, port, folder)
                if chosen.sslyze:
                    told[name]["sslyze"] = ask_sslyze(chosen.sslyze, service, port, folder)
                print(f"asked {name}", file=sys.stderr, flush=True)
        lines, unexplained = compare(told)
        print("\n".join(lines))
        ratios = [
            of["ours"].seconds / of["testssl.sh"].seconds
            for of in told.values()
            if "testssl.sh" in of
        ]
        for tool, given in (("testssl.sh", chosen.testssl), ("sslyze", chosen.sslyze)):
            if not given:
                print(f"{tool} was not found and is left out")
        if ratios:
            print(f"\nwall time, ours to testssl.sh's: at most {max(ratios):.4f} (bar {RATIO:.3f})")
        print(f"disagreements without an explanation: {unexplained}")
        return int(unexplained > 0 or any(ratio > RATIO for ratio in ratios))


if __name__ == "__main__":
    raise SystemExit(main())
