"""The account of the assessor, with and without the rights that ``assess access linux`` prints."""

from __future__ import annotations

import yaml

from assessor import bundled
from assessor.model.finding import Finding
from tests.lab.machine import Machine
from tests.machines.scene import findings


def every_check() -> list[str]:
    """The checks of the profile mkb that ask a Linux machine something."""
    profile = yaml.safe_load((bundled.folder("profiles") / "mkb.yaml").read_text())
    manifests = {
        check: yaml.safe_load((bundled.folder("checks") / check / "check.yaml").read_text())
        for check in profile["checks"]
    }
    return [check for check, manifest in manifests.items() if "linux" in manifest["probes"]]


def lacking_rights(found: tuple[Finding, ...]) -> dict[str, str]:
    """What could not be observed for lack of rights, with the mend that is named."""
    return {
        f"{finding.check} {finding.measure}": str(finding.judgement.message.facts["mend"])
        for finding in found
        if finding.judgement.message.id == "not_observed"
        and finding.judgement.message.facts["reason"] == "no-privilege"
    }


def test_an_ordinary_account_is_told_which_line_of_sudoers_it_needs(machine: Machine) -> None:
    lacking = lacking_rights(findings(machine, every_check(), sudo=False))
    assert lacking
    for mend in lacking.values():
        assert mend.startswith("allow it in sudoers: assess ALL=(root) NOPASSWD: /"), mend


def test_with_the_printed_file_nothing_is_unknown_for_lack_of_rights(machine: Machine) -> None:
    found = findings(machine, every_check())
    assert lacking_rights(found) == {}
    assert not [finding.error for finding in found if finding.error]


def test_the_printed_file_makes_the_account_no_administrator(machine: Machine) -> None:
    found = findings(machine, every_check())
    (rights,) = [each for each in found if each.measure == "user-rights"]
    assert "assess" not in str(rights.judgement.observed["administrators"])
