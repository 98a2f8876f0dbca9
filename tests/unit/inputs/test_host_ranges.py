"""Host ranges as Ansible counts them."""

from __future__ import annotations

import pytest

from assessor.inputs.importers.host_ranges import expand_range


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("web", ["web"]),
        ("web[1:3]", ["web1", "web2", "web3"]),
        ("web[08:11].lan", ["web08.lan", "web09.lan", "web10.lan", "web11.lan"]),
        ("web[01:10:4]", ["web01", "web05", "web09"]),
        ("db-[a:c]", ["db-a", "db-b", "db-c"]),
        ("DB[A:B]", ["DBA", "DBB"]),
        ("x[:2]", ["x0", "x1", "x2"]),
        ("r[1:2]-[a:b]", ["r1-a", "r1-b", "r2-a", "r2-b"]),
        ("x[5:5]", ["x5"]),
    ],
)
def test_ranges(pattern: str, names: list[str]) -> None:
    assert list(expand_range(pattern, 100)) == names


@pytest.mark.parametrize(
    "pattern",
    [
        "web[1:3",
        "web[1]",
        "web[]",
        "web[3:1]",
        "web[c:a]",
        "web[a:Z]",
        "web[1:c]",
        "web[01:100]",
        "web[1:9:0]",
        "web[1:9:-1]",
        "web[1:9:x]",
        "web[1:2:3:4]",
        "web[1:101]",
        "web[1:99999999999999999999]",
        "web[²:³]",
        "a[1:50]b[1:50]",
        "a[1:90]b[1:90]c[1:90]d[1:90]e[1:90]f[1:90]",
    ],
)
def test_what_is_no_range_or_too_large_a_one(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"range|bracket"):
        list(expand_range(pattern, 100))
