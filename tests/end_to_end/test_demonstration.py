"""The demonstration: real hosts and sites, the example statement, and the truth beside it.

The hosts are sshd processes of the lab on this machine, so what they say of disks, updates and
log-ins is what this machine is. Such truths are found here by other means than the checks use.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.assess import ROOT, assess, report
from tests.end_to_end.inventory import site_entry, ssh_entry, write_assessment
from tests.lab.nginx import Site, lab_sites, nginx
from tests.lab.pki import Pki
from tests.lab.sshd import LabHost, SshLab

DEFAULT_DENY = """
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iif lo accept
    tcp dport { %s } accept
  }
}
"""

EXAMPLE = ROOT / "profiles" / "example-statement.nl.md"


def allow_what_is_printed(lab: SshLab, host: LabHost) -> None:
    """Installs the sudoers file that ``assess access linux`` prints, as it is printed."""
    printed = assess(ROOT, "access", "linux", "--sudoers", "--user", host.user)
    assert printed.returncode == 0, printed.stderr
    # sudo wants an alias to be unique on this machine, where a client has one assess.
    lab.accounts.sudoers("printed", printed.stdout.replace("ASSESS", host.user.upper()))


def attest(folder: Path, measure: str, *, given: str, expires: str) -> None:
    done = assess(
        folder,
        *("attest", measure, "--answer", "yes", "--by", "J. de Vries", "--role", "eigenaar"),
        *("--text", "Gezien.", "--date", given, "--expires", expires),
    )
    assert done.returncode == 0, done.stderr


def age(folder: Path, measure: str, by_years: int) -> None:
    """Makes the attestation of ``measure`` older: one that is over cannot be given today."""
    (path,) = (
        path
        for path in (folder / "attestations").glob("*.yaml")
        if f"measure: {measure}" in path.read_text()
    )
    text = path.read_text()
    for year in range(2026, 2030):
        text = text.replace(f"{year}-", f"{year - by_years}-")
    path.write_text(text)


@pytest.fixture(scope="module")
def demonstration(
    tmp_path_factory: pytest.TempPathFactory, ssh_lab: SshLab
) -> Iterator[dict[str, Any]]:
    """The report of the demonstration."""
    base = tmp_path_factory.mktemp("demonstration")
    for name in ("pki", "nginx"):
        (base / name).mkdir()
    pki = Pki(base / "pki")
    sites = {name: site for name, site in lab_sites(pki).items() if name in {"good", "expired"}}
    walled = ssh_lab.host("behind")
    open_to_all = ssh_lab.host("sudo")
    subprocess.run(
        ["ip", "netns", "exec", ssh_lab.namespace, "nft", "-f", "-"],
        input=DEFAULT_DENY
        % ", ".join([str(walled.port), *(hop.rpartition(":")[2] for hop in walled.jump)]),
        text=True,
        check=True,
    )
    try:
        allow_what_is_printed(ssh_lab, walled)
        yield _carry_out(base, [walled, open_to_all], pki, sites)
    finally:  # other tests of this session use the namespace too
        flush = ["ip", "netns", "exec", ssh_lab.namespace, "nft", "flush", "ruleset"]
        subprocess.run(flush, check=True)


def _carry_out(
    base: Path, hosts: list[LabHost], pki: Pki, sites: dict[str, Site]
) -> dict[str, Any]:
    """Runs the assessment and gives its report."""
    folder = base / "client"
    walled, open_to_all = hosts
    with nginx(base / "nginx", sites) as ports:
        targets = [
            ssh_entry("walled", walled, privilege="sudo"),
            ssh_entry("open", open_to_all, privilege="sudo"),
            {"name": "laptop", "role": "workstation", "transport": "local"},
            *(site_entry(name, port, pki.root_file) for name, port in ports.items()),
        ]
        write_assessment(
            folder,
            targets,
            organisation="Dijkzicht Automatisering",
            statement=str(EXAMPLE),
            profile="mkb",
        )
        attest(folder, "confidentiality-agreement", given="2026-01-05", expires="2027-12-31")
        attest(folder, "media-destruction", given="2026-01-05", expires="2027-01-04")
        age(folder, "media-destruction", by_years=2)
        done = assess(folder, "run", "--lang", "nl", "--quiet", "--vantage", "kantoor in Gent")
    assert done.returncode == 1, done.stderr
    told: dict[str, Any] = report(folder)
    return told


def installed(*words: str) -> bool:
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def truth() -> dict[str, set[tuple[str, str]]]:
    """What each measure must come to here, found by other means than the checks use."""
    common = Path("/etc/pam.d/common-password")
    quality = common.exists() and "pam_pwquality" in common.read_text()
    scans = installed("pgrep", "-x", "clamd")
    simulated = subprocess.run(
        ["apt-get", "-s", "dist-upgrade"], capture_output=True, text=True, check=False
    ).stdout
    pending = any(
        line.startswith("Inst ") and "security" in line.lower() for line in simulated.splitlines()
    )
    return {
        # One site is good, the certificate of the other has run out.
        "tls": {("partly", "some-fail")},
        # Inside the namespace nothing comes in; the machine itself has no rules at all.
        "firewall": {("partly", "some-fail")},
        "password-policy": {("kept", "all-pass") if quality else ("broken", "all-fail")},
        "endpoint-protection": {
            ("unproven", "all-unknown") if scans else ("broken", "all-fail"),
        },
        "patching": {("broken", "all-fail"), ("unproven", "all-unknown")}
        if pending
        else {("kept", "all-pass"), ("unproven", "all-unknown"), ("broken", "all-fail")},
        # An account of the lab may do everything without being asked for a password. Where other
        # tests change the rules of sudo meanwhile, two readings of them differ: that is unknown.
        "user-rights": {
            ("broken", "all-fail"),
            ("partly", "some-fail"),
            ("unproven", "all-unknown"),
        },
        # Nothing that keeps personal data was named.
        "retention": {("unproven", "all-unknown")},
        # Signed this year; signed last year and run out since; never asked.
        "confidentiality-agreement": {("attested", "attested")},
        "media-destruction": {("expired", "attestation-expired")},
        "processor-agreement": {("unproven", "needs-attestation")},
        "breach-notification": {("unproven", "needs-attestation")},
        "physical-access": {("unproven", "needs-attestation")},
        "ups": {
            ("unproven", "all-unknown" if shutil.which("upsc") else "needs-attestation"),
        },
        # No check of this profile looks at these.
        "wifi-security": {("unproven", "no-check"), ("unproven", "no-target")},
        "mail-authentication": {("unproven", "no-check"), ("unproven", "no-target")},
        # No session here ends by itself, and no desktop is there to be locked.
        "screen-lock": {("broken", "all-fail")},
    }


def test_every_claim_is_judged_as_the_truth_is(demonstration: dict[str, Any]) -> None:
    expected = truth()
    judged: dict[str, set[tuple[str, str]]] = {}
    for claim in demonstration["claims"]:
        for measure in claim["measures"]:
            judged.setdefault(measure["measure"], set()).add((measure["verdict"], measure["rule"]))
    assert expected.keys() <= judged.keys()
    wrong = {
        measure: (judged[measure], allowed)
        for measure, allowed in expected.items()
        if not judged[measure] <= allowed
    }
    assert wrong == {}


def test_it_says_where_everything_was_seen_from(demonstration: dict[str, Any]) -> None:
    assert demonstration["run"]["vantage"] == "kantoor in Gent"


def test_every_quote_is_verbatim_and_in_the_statements_order(
    demonstration: dict[str, Any],
) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    starts = [claim["start"] for claim in demonstration["claims"]]
    assert starts == sorted(starts)
    assert len(starts) >= 20
    for claim in demonstration["claims"]:
        assert text[claim["start"] : claim["end"]] == claim["quote"]


def test_a_promise_about_the_wi_fi_is_not_shown_by_a_server(demonstration: dict[str, Any]) -> None:
    (claim,) = (c for c in demonstration["claims"] if "draadloze netwerk" in c["quote"])
    assert claim["verdict"] == "unproven"
    assert {measure["rule"] for measure in claim["measures"]} <= {"no-target", "no-check"}


def test_a_promise_about_laptops_rests_on_laptops_only(demonstration: dict[str, Any]) -> None:
    (claim,) = (c for c in demonstration["claims"] if "schijven van onze laptops" in c["quote"])
    told = str(claim["measures"])
    assert "laptop" in told
    assert "walled" not in told


def test_with_the_printed_sudoers_file_nothing_is_unknown_for_lack_of_rights(
    demonstration: dict[str, Any],
) -> None:
    for finding in demonstration["findings"]:
        if finding["target"] == "walled":
            assert finding["message"].get("facts", {}).get("reason") != "no-privilege", finding


def test_behind_the_jump_host_the_firewall_is_seen(demonstration: dict[str, Any]) -> None:
    outcomes = {
        finding["target"]: finding["outcome"]
        for finding in demonstration["findings"]
        if finding["check"] == "host_firewall"
    }
    assert outcomes == {"walled": "pass", "open": "fail", "laptop": "fail"}


STATEMENTS = ROOT.parent / "shared" / "statements"


@pytest.mark.skipif(not STATEMENTS.is_dir(), reason="../shared/statements is not here")
@pytest.mark.parametrize(
    "name",
    [
        "de-kale-ict.nl.md",
        "itfixe.nl.txt",
        "kei-creations.nl.txt",
        "koel-ict.nl.txt",
        "kresoft-systems.nl-be.txt",
    ],
)
def test_a_real_statement_runs_through_to_a_report_that_quotes_it(
    name: str, tmp_path: Path
) -> None:
    done = assess(tmp_path, "run", "--quiet", "--statement", str(STATEMENTS / name))
    assert done.returncode in {1, 3}, done.stderr
    text = (STATEMENTS / name).read_text(encoding="utf-8")
    claims = report(tmp_path)["claims"]
    assert len(claims) >= 4
    for claim in claims:
        assert claim["quote"] == text[claim["start"] : claim["end"]]
        assert claim["verdict"] in {"kept", "partly", "broken", "unproven"}
        assert claim["measures"]
