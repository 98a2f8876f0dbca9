"""The readers of the password check for macOS."""

from __future__ import annotations

import pytest

from checks.password_policy.accounts import Password
from checks.password_policy.macos import read_policies, read_users

BANNER = "Getting global account policies\n"
PLIST = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">\n{body}\n</plist>\n'


def _policies(content: str) -> str:
    rule = f"<dict><key>policyContent</key><string>{content}</string></dict>"
    key = "<key>policyCategoryPasswordContent</key>"
    return BANNER + PLIST.format(body=f"<dict>{key}<array>{rule}</array></dict>")


@pytest.mark.parametrize(
    ("content", "shortest", "composition"),
    [
        ("policyAttributePassword matches '.{4,}+'", 4, False),
        ("policyAttributePassword matches '^.{12,}$'", 12, False),
        ("policyAttributePassword matches '.{8,64}'", 8, False),
        ("policyAttributePassword matches '(.*[A-Z].*){1,}+'", None, True),
        (
            "policyAttributePassword matches '.{9,}' and policyAttributePassword matches 'x'",
            9,
            True,
        ),
        ("none policyAttributePasswordHashes in policyAttributePasswordHistory", None, False),
    ],
)
def test_shortest_password(content: str, shortest: int | None, composition: bool) -> None:
    policies = read_policies(_policies(content))
    assert policies is not None
    assert (policies.rules.shortest, policies.rules.composition) == (shortest, composition)


@pytest.mark.parametrize(
    "output", ["", BANNER, BANNER + "<?xml version='1.0'?><plist></plist>", _policies("x")[:-5]]
)
def test_policies_that_are_not_whole(output: str) -> None:
    assert read_policies(output) is None


def test_an_entity_is_not_followed() -> None:
    """What a hostile host might put into its answer to fill our memory or read our files."""
    bomb = '<?xml version="1.0"?><!DOCTYPE p [<!ENTITY a "b">]><plist><string>&a;</string></plist>'
    assert read_policies(BANNER + bomb) is None


def test_accounts_need_root_among_them() -> None:
    user = (
        "<dict><key>dsAttrTypeStandard:RecordName</key><array><string>{name}</string></array>"
        "<key>dsAttrTypeStandard:UniqueID</key><array><string>{uid}</string></array></dict>"
    )
    anna, root = user.format(name="anna", uid=501), user.format(name="root", uid=0)
    assert read_users(PLIST.format(body=f"<array>{anna}</array>"), None) is None
    found = read_users(PLIST.format(body=f"<array>{anna}{root}</array>"), None)
    assert found is not None
    assert [account.password for account in found[0]] == [Password.NONE] * 2
    empty = anna.replace("<string>anna</string>", "")
    assert read_users(PLIST.format(body=f"<array>{root}{empty}</array>"), None) is None
