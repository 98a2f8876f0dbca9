"""Windows over WinRM and Linux over SSH, in one run and one report."""

from __future__ import annotations

from pathlib import Path

from assessor.catalogue.scaffold import write_check
from tests.end_to_end.assess import assess, report
from tests.end_to_end.inventory import ssh_entry, write_assessment
from tests.lab.pki import Pki
from tests.lab.powershell import Call, Said
from tests.lab.sshd import SshLab
from tests.lab.wsman import PASSWORD, USER, wsman

PROFILE = """
id: few
title: {nl: Enkele, en: Few}
checks: {os_release: {oldest_major: 1}}
measures: [mfa]
"""


def answer(call: Call) -> Said:
    assert "Win32_OperatingSystem" in call.text
    return Said('version "10"\nend\n')


def test_one_run_and_one_report(tmp_path: Path, ssh_lab: SshLab) -> None:
    checks, client = tmp_path / "checks", tmp_path / "client"
    (client / "profiles").mkdir(parents=True)
    (client / "profiles" / "few.yaml").write_text(PROFILE)
    write_check(checks, "os_release", "mfa", frozenset({"mfa"}))
    manifest = checks / "os_release" / "check.yaml"
    windows_probe = "windows:\n    release: {script: windows_release.ps1}\n  linux:"
    manifest.write_text(manifest.read_text().replace("linux:", windows_probe))
    script = "(Get-CimInstance Win32_OperatingSystem).Version\n"
    (checks / "os_release" / "windows_release.ps1").write_text(script)
    pki = Pki(tmp_path)
    with wsman(tmp_path, answer, issued=pki.issue("localhost")) as windows:

        def machine(name: str, **more: object) -> dict[str, object]:
            return {
                "name": name,
                "role": "workstation",
                "transport": "winrm",
                "address": "localhost",
                "port": windows.port,
                "user": USER,
                "secrets": {"password": {"env": "WINDOWS_PASSWORD"}},
                "winrm": {"ca_file": str(pki.root_file)},
                **more,
            }

        targets = [
            ssh_entry("linux", ssh_lab.host("dash")),
            machine("windows"),
            machine("untrusted", winrm={}),
        ]
        write_assessment(client, targets, profile="few")
        told = assess(client, "ping", "--checks", str(checks), WINDOWS_PASSWORD=PASSWORD)
        done = assess(client, "run", "--checks", str(checks), WINDOWS_PASSWORD=PASSWORD)

    assert "untrusted: NOT REACHED (certificate-refused)" in told.stdout, told.stderr
    assert done.returncode == 3, done.stderr
    seen = report(client, "en")
    by_target = {each["target"]: each["outcome"] for each in seen["findings"]}
    assert by_target == {"linux": "pass", "windows": "pass", "untrusted": "unknown"}
    (refused,) = [each["gap"] for each in seen["targets"] if each["gap"]]
    assert refused["reason"] == "certificate-refused"
    assert PASSWORD not in "".join(
        path.read_text(errors="replace") for path in client.rglob("*") if path.is_file()
    )
