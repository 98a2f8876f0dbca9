"""The ways to log in that programs register with Windows, by GUID and by name."""

from __future__ import annotations

import re

from .settings import PASSWORD, Provider, Providers

MICROSOFT_ACCOUNT = "{f8a0b131-5f68-486c-8040-7e8fc3c85bb6}"
"""Takes the password of a Microsoft account."""
HELLO = "{d6886603-9d2f-4eb2-b667-1971041fa96b}"
SMART_CARD = "{8fd7e19c-3bf7-489b-a72c-846ab3678c96}"
SECURITY_KEY = "{f8a1793b-7873-4046-b2a7-1f318747f427}"
TWO_FACTORS = frozenset(
    {
        HELLO,
        SMART_CARD,
        SECURITY_KEY,
        "{8af662bf-65a0-4d0a-a540-a338a999d36f}",  # face
        "{bec09223-b018-416d-a0ac-523971b639f5}",  # fingerprint
        "{c885aa15-1764-4293-b82a-0586add46b35}",  # iris
        "{1b283861-754f-4022-ad47-a5eaaa618894}",  # choice of smart card reader
        "{1ee7337f-85ac-45e2-a23c-37c753209769}",  # smart card
        "{94596c7e-3744-41ce-893e-bbf09122f76a}",  # smart card's PIN
    }
)
"""A thing that one has, with a PIN or a body part. Face, finger and iris belong to Hello."""
_OF_WINDOWS = TWO_FACTORS | {
    PASSWORD,
    MICROSOFT_ACCOUNT,
    "{01a30791-40ae-4653-ab2e-fd210019ae88}",  # automatic redeployment
    "{2135f72a-90b5-4ed3-a7f1-8bb705ac276a}",  # picture password
    "{25cbb996-92ed-457e-b28c-4774084bd562}",  # generic: name and password in dialogues
    "{27fbdb57-b613-4af2-9d7e-4fa7a66c21ad}",  # trusted signal, as a second way to unlock
    "{2d8b3101-e025-480d-917c-835522c7f628}",  # FIDO
    "{3dd6bec0-8193-4ffe-ae25-e08e39ea4063}",  # network providers
    "{48b4e58d-2791-456c-9091-d524c6c706f2}",  # companion devices
    "{600e7adb-da3e-41a4-9225-3c0399e88c0c}",  # keys in dialogues
    "{a910d941-9da9-4656-8933-aa1eae01f76e}",  # Hello of another computer
    "{c5d7540a-cd51-453b-b22b-05305ba03f07}",  # the cloud's own log-in page
    "{cb82ea12-9f71-446d-89e1-8d0924e1256e}",  # convenience PIN
    "{e74e57b0-6c6d-44d5-9cda-fb2df5ed7435}",  # certificates
    "{f64945df-4fa9-4068-a2fb-61af319edd33}",  # hands on what a remote desktop asked for
}
"""On Windows 11 as it comes (a published list of 23H2, and one of what there was before)."""
PICTURE = "{2135f72a-90b5-4ed3-a7f1-8bb705ac276a}"
_FILTER_OF_WINDOWS = "{ddc0eed2-adbe-40b6-a217-ede16a79a0de}"

_DUO_WAYS = frozenset(
    {"{44e2ed41-48c7-4712-a3c3-250c5e6d5d84}", "{b7a5ba48-df88-4f47-b648-64f27990480b}"}
)
_DUO_FILTER = "{bd7b4d1c-9364-429c-8447-0b63346d7177}"
_PRODUCTS = (
    (re.compile(r"\bduo", re.IGNORECASE), "Duo"),
    (re.compile(r"okta", re.IGNORECASE), "Okta"),
    (re.compile(r"secureauth", re.IGNORECASE), "SecureAuth"),
    (re.compile(r"yubi(co|key)", re.IGNORECASE), "Yubico Login"),
    (re.compile(r"\beset\b|\besa\b", re.IGNORECASE), "ESET Secure Authentication"),
    (re.compile(r"mini\s*orange", re.IGNORECASE), "miniOrange"),
    (re.compile(r"openotp|rcdevs", re.IGNORECASE), "RCDevs OpenOTP"),
    (re.compile(r"privacy\s*idea", re.IGNORECASE), "privacyIDEA"),
    (re.compile(r"multiotp", re.IGNORECASE), "multiOTP"),
    (re.compile(r"rublon", re.IGNORECASE), "Rublon"),
    (re.compile(r"authlite", re.IGNORECASE), "AuthLite"),
    (re.compile(r"specops", re.IGNORECASE), "Specops"),
)


def available(found: Providers, excluded: frozenset[str], guid: str) -> bool:
    """Whether this way to log in is there, switched on and not taken away by policy."""
    way = found.ways.get(guid)
    return way is not None and way.enabled and guid not in excluded


def shut(found: Providers, excluded: frozenset[str], guid: str) -> bool:
    """Whether it is seen that this way to log in was taken away; absence alone does not do."""
    way = found.ways.get(guid)
    return guid in excluded or (way is not None and not way.enabled)


def password_open(found: Providers, excluded: frozenset[str]) -> bool:
    """Whether Windows itself takes a password."""
    return not shut(found, excluded, PASSWORD)


def duo_asks(found: Providers, excluded: frozenset[str]) -> bool:
    """Whether Duo stands in place of the other ways: its own is on, and so is its filter."""
    only = found.filters.get(_DUO_FILTER)
    ways = any(available(found, excluded, guid) for guid in _DUO_WAYS)
    return ways and only is not None and only.enabled


def strangers(found: Providers, excluded: frozenset[str]) -> tuple[Provider, ...]:
    """Ways to log in that are not Windows' own, switched on."""
    return tuple(
        way
        for guid, way in sorted(found.ways.items())
        if guid not in _OF_WINDOWS and available(found, excluded, guid)
    )


def strange_filters(found: Providers) -> tuple[Provider, ...]:
    """What takes ways to log in away, other than Windows' own."""
    return tuple(
        each
        for guid, each in sorted(found.filters.items())
        if guid != _FILTER_OF_WINDOWS and each.enabled
    )


def product(provider: Provider) -> str | None:
    """The product for a second proof that it belongs to, if that is known."""
    if provider.guid in _DUO_WAYS or provider.guid == _DUO_FILTER:
        return "Duo"
    return next((name for form, name in _PRODUCTS if form.search(provider.name)), None)
