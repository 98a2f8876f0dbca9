"""Versions of devices in their order, and the tables of branches."""

from __future__ import annotations

from datetime import date

import pytest

from assessor.devices.reading import system
from assessor.devices.releases import _branches, branch_of, older
from assessor.model.target import DeviceOs


@pytest.mark.parametrize(
    ("version", "than", "expected"),
    [
        ("7.1", "7.10", True),
        ("7.10", "7.9", False),
        ("6.49.10", "6.49.10", False),
        ("7.15", "7.15.1", True),
        ("7.16rc1", "7.16", True),
        ("7.16", "7.16rc1", False),
        ("v2.0.9-hotfix.2", "v2.0.9-hotfix.7", True),
        ("v2.0.9", "v2.0.9-hotfix.1", True),
        ("15.2(7)E4", "15.2(7)E8", True),
        ("24.7.1_2", "24.7.2", True),
        ("17.15.4", "17.15.4a", True),
        ("17.15.4a", "17.15.4", False),
        ("17.15.4a", "17.15.4b", True),
        ("17.15.5", "17.15.4a", False),
        ("unknown", "7.1", None),
        ("7.1", "", None),
    ],
)
def test_order_of_versions(version: str, than: str, expected: bool | None) -> None:
    assert older(version, than) is expected


@pytest.mark.parametrize("os", list(DeviceOs))
def test_tables_are_dated_and_their_branches_hold_their_versions(os: DeviceOs) -> None:
    assert system(os).os is os
    branches = _branches(os)
    assert branches, "every system has a table"
    for branch in branches:
        assert branch.read_on <= date(2026, 11, 28)
        assert branch.until is None or isinstance(branch.until, date)
        for version in (branch.least, branch.newest):
            # The mended version may be one of a later branch.
            assert version is None or branch_of(os, version) is not None
        if branch.least and branch.newest:
            assert not older(branch.newest, branch.least)
