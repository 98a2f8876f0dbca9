"""Who gets into a Windows: reading its answers, and which way in counts as two kinds of proof."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.api import Judgement, Outcome, Parameters, Told, UnparsedError
from assessor.yamlfile import read_yaml
from checks.windows_sign_in.check import evaluate
from checks.windows_sign_in.products import (
    HELLO,
    MICROSOFT_ACCOUNT,
    PICTURE,
    SECURITY_KEY,
    SMART_CARD,
    product,
)
from checks.windows_sign_in.settings import (
    DUO,
    PASSWORD,
    Account,
    Duo,
    LogIn,
    Provider,
    Providers,
    Settings,
    SignIn,
    read_controller,
    read_log_in,
    read_providers,
    read_settings,
)

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
FOLDER = Path(__file__).parents[2] / "checks" / "windows_sign_in"
DUO_WAY = "{44e2ed41-48c7-4712-a3c3-250c5e6d5d84}"
DUO_FILTER = "{bd7b4d1c-9364-429c-8447-0b63346d7177}"
STRANGER = "{00000000-0000-4000-8000-000000000001}"
WINDOWS = (PASSWORD, MICROSOFT_ACCOUNT, PICTURE, HELLO, SMART_CARD, SECURITY_KEY)
SHUT = frozenset({PASSWORD, MICROSOFT_ACCOUNT, PICTURE})
ACCOUNTS = (Account("anna", guest=False, password_required=True),)


def _providers(
    *strangers: Provider,
    filters: tuple[Provider, ...] = (),
    hello: int = 0,
    duo: Duo | None = None,
    off: tuple[str, ...] = (),
) -> Providers:
    ways = {guid: Provider(guid, f"way {guid[1:5]}", guid not in off) for guid in WINDOWS}
    return Providers(
        {**ways, **{each.guid: each for each in strangers}},
        {each.guid: each for each in filters},
        hello,
        duo or Duo(),
    )


def _judge(
    settings: Settings | None = None,
    providers: Providers | None = None,
    log_in: LogIn | None = None,
    *,
    controller: bool = False,
) -> tuple[Judgement, Judgement]:
    seen = SignIn(
        Told(NOW, controller),
        Told(NOW, log_in or LogIn(False, controller, () if controller else ACCOUNTS)),
        Told(NOW, settings or Settings()),
        Told(NOW, providers or _providers()),
    )
    mfa, access = evaluate(seen, Parameters({}))
    return mfa, access


def _mfa(settings: Settings | None = None, providers: Providers | None = None) -> tuple[str, str]:
    judgement, _ = _judge(settings, providers)
    return judgement.outcome.value, judgement.message.id


@pytest.mark.parametrize(
    ("settings", "providers", "expected"),
    [
        (Settings(), _providers(), ("fail", "password_only")),
        (Settings(), _providers(hello=2), ("fail", "hello_beside_password")),
        (Settings(card=True), _providers(), ("pass", "card_demanded")),
        (Settings(card=True, automatic="kassa"), _providers(), ("fail", "automatic_log_in")),
        # Policies that only invite to Hello change nothing.
        (
            Settings(hello_business=True, microsoft_hello_only=True),
            _providers(hello=1),
            ("fail", "hello_beside_password"),
        ),
        (
            Settings(joined=True, hello_business=True, passwordless=True),
            _providers(hello=1),
            ("unknown", "entra_joined"),
        ),
        (Settings(joined=True, card=True), _providers(), ("pass", "card_demanded")),
    ],
)
def test_where_a_password_opens(
    settings: Settings, providers: Providers, expected: tuple[str, str]
) -> None:
    assert _mfa(settings, providers) == expected


@pytest.mark.parametrize(
    ("settings", "off", "hello", "expected"),
    [
        (Settings(excluded=SHUT, hello_business=True), (), 1, ("pass", "password_refused")),
        (Settings(hello_business=True), tuple(SHUT), 1, ("pass", "password_refused")),
        (Settings(excluded=SHUT, hello_business=True), (), 0, ("unknown", "rest_unclear")),
        (Settings(excluded=SHUT, hello_business=False), (), 1, ("unknown", "rest_unclear")),
        (Settings(excluded=SHUT), (), 1, ("unknown", "rest_unclear")),
        (
            Settings(excluded=SHUT, hello_business=True, convenience_pin=True),
            (),
            1,
            ("unknown", "rest_unclear"),
        ),
        (
            Settings(excluded=SHUT - {PICTURE}, hello_business=True),
            (),
            1,
            ("unknown", "rest_unclear"),
        ),
        # Entra's accounts know no picture.
        (
            Settings(excluded=SHUT - {PICTURE}, hello_business=True, joined=True),
            (),
            1,
            ("pass", "password_refused"),
        ),
        (
            Settings(excluded=SHUT - {MICROSOFT_ACCOUNT}, hello_business=True),
            (),
            1,
            ("unknown", "microsoft_password_left"),
        ),
        (
            Settings(excluded=SHUT - {MICROSOFT_ACCOUNT}, no_microsoft=True, hello_business=True),
            (),
            1,
            ("pass", "password_refused"),
        ),
        (
            Settings(excluded=SHUT - {PASSWORD}, hello_business=True),
            (),
            1,
            ("fail", "hello_beside_password"),
        ),
    ],
)
def test_where_windows_takes_no_password(
    settings: Settings, off: tuple[str, ...], hello: int, expected: tuple[str, str]
) -> None:
    assert _mfa(settings, _providers(hello=hello, off=off)) == expected


DUO_ON = Provider(DUO_WAY, "DuoCredProv", enabled=True)
DUO_ONLY = Provider(DUO_FILTER, "DuoCredFilter", enabled=True)


@pytest.mark.parametrize(
    ("way", "only", "duo", "expected"),
    [
        (DUO_ON, DUO_ONLY, Duo(known=True), ("pass", "second_factor_asked")),
        (DUO_ON, DUO_ONLY, Duo(known=False), ("unknown", "second_factor_unclear")),
        (DUO_ON, DUO_ONLY, Duo(known=True, remote_only=True), ("fail", "duo_remote_only")),
        (
            DUO_ON,
            DUO_ONLY,
            Duo(known=True, let_through=frozenset({PASSWORD})),
            ("fail", "duo_password_left"),
        ),
        (
            DUO_ON,
            DUO_ONLY,
            Duo(known=True, let_through=frozenset({MICROSOFT_ACCOUNT})),
            ("fail", "duo_password_left"),
        ),
        (
            DUO_ON,
            DUO_ONLY,
            Duo(known=True, let_through=frozenset({SMART_CARD, SECURITY_KEY, HELLO})),
            ("pass", "second_factor_asked"),
        ),
        (
            DUO_ON,
            DUO_ONLY,
            Duo(known=True, let_through=frozenset({STRANGER})),
            ("unknown", "ways_not_known"),
        ),
        (
            Provider(DUO_WAY, "DuoCredProv", enabled=False),
            DUO_ONLY,
            Duo(known=True),
            ("unknown", "second_factor_unclear"),
        ),
        (
            DUO_ON,
            Provider(DUO_FILTER, "DuoCredFilter", enabled=False),
            Duo(known=True),
            ("unknown", "second_factor_unclear"),
        ),
    ],
)
def test_duo(way: Provider, only: Provider, duo: Duo, expected: tuple[str, str]) -> None:
    assert _mfa(None, _providers(way, filters=(only,), duo=duo)) == expected


@pytest.mark.parametrize(("fails_open", "said"), [(True, True), (False, False)])
def test_duo_out_of_reach(fails_open: bool, said: bool) -> None:
    duo = Duo(known=True, fails_open=fails_open)
    mfa, _ = _judge(None, _providers(DUO_ON, filters=(DUO_ONLY,), duo=duo))
    assert ("duo_fails_open" in [each.id for each in mfa.advice]) is said


def test_another_filter_beside_duo() -> None:
    other = Provider(STRANGER, "BedrijfsFilter", enabled=True)
    found = _providers(DUO_ON, filters=(DUO_ONLY, other), duo=Duo(known=True))
    assert _mfa(None, found) == ("unknown", "ways_not_known")


@pytest.mark.parametrize(
    ("settings", "as_filter", "enabled", "expected"),
    [
        (Settings(), False, True, ("fail", "password_only")),
        (Settings(excluded=SHUT, hello_business=True), False, True, ("unknown", "ways_not_known")),
        (Settings(excluded=SHUT, hello_business=True), False, False, ("pass", "password_refused")),
        (Settings(), True, True, ("unknown", "ways_not_known")),
        (Settings(), True, False, ("fail", "password_only")),
    ],
)
def test_programs_that_nobody_here_knows(
    settings: Settings, as_filter: bool, enabled: bool, expected: tuple[str, str]
) -> None:
    one = Provider(STRANGER, "PanV2CredProv", enabled)
    found = _providers(filters=(one,), hello=1) if as_filter else _providers(one, hello=1)
    outcome, message = _mfa(settings, found)
    assert (outcome, message.replace("hello_beside_password", "password_only")) == expected


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("OktaCredentialProvider", "Okta"),
        ("SecureAuthCredentialProvider", "SecureAuth"),
        ("Yubico Login", "Yubico Login"),
        ("ESET Secure Authentication", "ESET Secure Authentication"),
        ("miniOrangeCredentialProvider", "miniOrange"),
        ("OpenOTP-CP", "RCDevs OpenOTP"),
        ("privacyIDEA-CredentialProvider", "privacyIDEA"),
        ("PasswordResetProvider", None),
        ("Individuo", None),
    ],
)
def test_names_of_products(name: str, known: str | None) -> None:
    one = Provider(STRANGER, name, enabled=True)
    assert product(one) == known
    outcome, message = _mfa(None, _providers(one))
    assert (outcome, message) == (
        ("unknown", "second_factor_unclear") if known else ("fail", "password_only")
    )


@pytest.mark.parametrize(
    ("settings", "log_in", "controller", "expected"),
    [
        (Settings(), None, False, ("pass", "accounts_guarded")),
        (Settings(), None, True, ("pass", "accounts_of_domain")),
        (Settings(automatic="kassa"), None, False, ("fail", "automatic_log_in")),
        (Settings(automatic="kassa"), None, True, ("fail", "automatic_log_in")),
        (Settings(blank_passwords=True), None, False, ("fail", "empty_over_network")),
        (Settings(anonymous=("RestrictAnonymousSAM",)), None, False, ("fail", "anonymous")),
        (Settings(anonymous=("RestrictAnonymousSAM",)), None, True, ("pass", "accounts_of_domain")),
        (Settings(anonymous=("EveryoneIncludesAnonymous",)), None, True, ("fail", "anonymous")),
        (Settings(), LogIn(True, False, ACCOUNTS), False, ("fail", "password_readable")),
        (
            Settings(),
            LogIn(False, False, (Account("Gast", guest=True, password_required=False),)),
            False,
            ("fail", "guest"),
        ),
        (
            Settings(),
            LogIn(False, False, (Account("kassa", guest=False, password_required=False),)),
            False,
            ("fail", "password_not_required"),
        ),
        # The two answers contradict each other.
        (Settings(), LogIn(False, True, ()), False, ("unknown", "unparsed")),
    ],
)
def test_access(
    settings: Settings, log_in: LogIn | None, controller: bool, expected: tuple[str, str]
) -> None:
    _, access = _judge(settings, None, log_in, controller=controller)
    assert (access.outcome.value, access.message.id) == expected


def _registry(probe: str, given: dict[str, dict[str, object]]) -> str:
    """The answer to ``probe``; keys by their paths, of which some always exist."""
    asked = read_yaml(FOLDER / "check.yaml").value
    assert isinstance(asked, dict)
    parts = []
    for path, names in asked["probes"]["windows"][probe]["registry"].items():
        keys = []
        for key, values in given.items():
            steps, wanted = key.split("\\"), path.split("\\")
            if len(steps) == len(wanted) and all(
                one in ("*", step) for step, one in zip(steps, wanted, strict=True)
            ):
                keys.append({"key": key, "values": [_value(name, values) for name in names]})
        parts.append({"asked": "|".join((path, *names)), "keys": keys})
    return json.dumps({"registry": parts, "end": True})


def _value(name: str, values: dict[str, object]) -> dict[str, object]:
    if name not in values:
        return {"name": name, "kind": 0, "data": None}
    data = values[name]
    kind = 4 if isinstance(data, int) else 7 if isinstance(data, list) else 1
    return {"name": name, "kind": kind, "data": data}


SYSTEM = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System"
LSA = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa"
WINLOGON = "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon"
ALWAYS: dict[str, dict[str, object]] = {SYSTEM: {}, LSA: {}, WINLOGON: {}}
POLICY = "HKLM\\SOFTWARE\\Policies\\Microsoft\\PassportForWork"
INTUNE = "HKLM\\SOFTWARE\\Microsoft\\Policies\\PassportForWork\\5e3c\\Device\\Policies"
JOIN = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\CloudDomainJoin\\JoinInfo\\7B3C"


def test_what_windows_does_without_any_setting() -> None:
    assert read_settings(_registry("settings", ALWAYS)) == Settings(anonymous_shares=True)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({SYSTEM: {"scforceoption": 1}}, Settings(card=True, anonymous_shares=True)),
        (
            {SYSTEM: {"ExcludedCredentialProviders": f"{PASSWORD.upper()}, {PICTURE}"}},
            Settings(excluded=frozenset({PASSWORD, PICTURE}), anonymous_shares=True),
        ),
        ({SYSTEM: {"NoConnectedUser": 1}}, Settings(anonymous_shares=True)),
        ({SYSTEM: {"NoConnectedUser": 3}}, Settings(no_microsoft=True, anonymous_shares=True)),
        ({POLICY: {"Enabled": 0}}, Settings(hello_business=False, anonymous_shares=True)),
        (
            {POLICY: {"Enabled": 0}, INTUNE: {"UsePassportForWork": 1}},
            Settings(hello_business=False, anonymous_shares=True),
        ),
        ({INTUNE: {"UsePassportForWork": 1}}, Settings(hello_business=True, anonymous_shares=True)),
        ({JOIN: {"TenantId": "5e3c"}}, Settings(joined=True, anonymous_shares=True)),
        (
            {WINLOGON: {"AutoAdminLogon": "1", "DefaultUserName": "kassa"}},
            Settings(automatic="kassa", anonymous_shares=True),
        ),
        ({WINLOGON: {"AutoAdminLogon": "1"}}, Settings(automatic="?", anonymous_shares=True)),
        ({LSA: {"RestrictAnonymous": 1}}, Settings()),
        (
            {LSA: {"LimitBlankPasswordUse": 0, "RestrictAnonymousSAM": 0, "RestrictAnonymous": 2}},
            Settings(blank_passwords=True, anonymous=("RestrictAnonymousSAM",)),
        ),
        (
            {LSA: {"EveryoneIncludesAnonymous": 1}},
            Settings(anonymous=("EveryoneIncludesAnonymous",), anonymous_shares=True),
        ),
    ],
)
def test_settings(given: dict[str, dict[str, object]], expected: Settings) -> None:
    assert read_settings(_registry("settings", {**ALWAYS, **given})) == expected


@pytest.mark.parametrize(
    "given",
    [
        {SYSTEM: {"scforceoption": 2}},
        {SYSTEM: {"scforceoption": "1"}},
        {SYSTEM: {"NoConnectedUser": 2}},
        {POLICY: {"Enabled": 2}},
        {INTUNE: {"UsePassportForWork": 2}},
        {LSA: {"RestrictAnonymous": 3}},
        {LSA: {"LimitBlankPasswordUse": 2}},
        {WINLOGON: {"AutoAdminLogon": "ja"}},
    ],
)
def test_odd_settings(given: dict[str, dict[str, object]]) -> None:
    with pytest.raises(UnparsedError):
        read_settings(_registry("settings", {**ALWAYS, **given}))


@pytest.mark.parametrize("lost", list(ALWAYS))
def test_a_key_that_every_windows_has_is_missing(lost: str) -> None:
    given = {path: values for path, values in ALWAYS.items() if path != lost}
    with pytest.raises(UnparsedError):
        read_settings(_registry("settings", given))


WAYS = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Authentication\\Credential Providers"
OF_PASSWORD: dict[str, dict[str, object]] = {f"{WAYS}\\{PASSWORD}": {"": "PasswordProvider"}}


def test_ways_to_log_in() -> None:
    hello = f"{WAYS}\\{HELLO.upper()}"
    given: dict[str, dict[str, object]] = {
        **OF_PASSWORD,
        f"{WAYS}\\{PICTURE}": {"": "PicturePasswordLogonProvider", "Disabled": 1},
        f"{WAYS}\\{STRANGER}": {},
        f"{hello}\\S-1-5-21-1-2-3-1001": {"LogonCredsAvailable": 1},
        f"{hello}\\S-1-5-21-1-2-3-1002": {"LogonCredsAvailable": 2},
        f"{hello}\\S-1-5-21-1-2-3-1003": {},
    }
    found = read_providers(_registry("providers", given))
    assert found.hello == 1
    assert found.ways[PASSWORD] == Provider(PASSWORD, "PasswordProvider", enabled=True)
    assert not found.ways[PICTURE].enabled
    assert found.ways[STRANGER].name == STRANGER
    assert found.duo == Duo()


@pytest.mark.parametrize(
    ("policy", "own", "expected"),
    [
        (None, {"FailOpen": 0, "RdpOnly": 0}, Duo(known=True, fails_open=False)),
        ({"FailOpen": 1}, {"FailOpen": 0, "RdpOnly": 1}, Duo(known=True, remote_only=True)),
        ({"RdpOnly": 0}, {"RdpOnly": 1}, Duo(known=True)),
        (
            None,
            {"ProvidersWhitelist": [PASSWORD.upper()]},
            Duo(known=True, let_through=frozenset({PASSWORD})),
        ),
        ({"RdpOnly": 0}, None, Duo(known=False)),
    ],
)
def test_settings_of_duo(
    policy: dict[str, object] | None, own: dict[str, object] | None, expected: Duo
) -> None:
    given = dict(OF_PASSWORD)
    given |= {path: v for path, v in zip(DUO, (policy, own), strict=True) if v is not None}
    assert read_providers(_registry("providers", given)).duo == expected


@pytest.mark.parametrize(
    "given",
    [
        {},
        {**OF_PASSWORD, f"{WAYS}\\{PICTURE}": {"Disabled": 2}},
        {**OF_PASSWORD, DUO[1]: {"RdpOnly": 2}},
        {**OF_PASSWORD, DUO[1]: {"ProvidersWhitelist": PASSWORD}},
    ],
)
def test_odd_ways_to_log_in(given: dict[str, dict[str, object]]) -> None:
    with pytest.raises(UnparsedError):
        read_providers(_registry("providers", given))


def _log_in(sid: str, *, disabled: bool = False, controller: bool = False) -> str:
    row = {"name": "Gast", "sid": sid, "disabled": disabled, "password_required": False}
    answer = {"default_password": False, "controller": controller, "accounts": [row], "end": True}
    return json.dumps(answer)


def test_the_guest_is_known_by_the_number() -> None:
    assert read_log_in(_log_in("S-1-5-21-1-2-3-501")).accounts[0].guest
    assert not read_log_in(_log_in("S-1-5-21-1-2-3-1501")).accounts[0].guest
    assert read_log_in(_log_in("S-1-5-21-1-2-3-501", disabled=True)).accounts == ()


@pytest.mark.parametrize(
    "text",
    [
        _log_in("Gast"),
        _log_in("S-1-5-21-1-2-3-501", controller=True),
        '{"default_password":false,"controller":false,"accounts":[],"end":true}',
        '{"default_password":null,"controller":true,"accounts":[],"end":true}',
    ],
)
def test_what_is_no_answer_of_the_script(text: str) -> None:
    with pytest.raises(UnparsedError):
        read_log_in(text)


@pytest.mark.parametrize(("role", "controller"), [(0, False), (3, False), (4, True), (5, True)])
def test_roles_of_a_computer(role: int, controller: bool) -> None:
    row = {"PartOfDomain": True, "DomainRole": role}
    text = json.dumps({"class": "Win32_ComputerSystem", "there": True, "rows": [row], "end": True})
    assert read_controller(text) is controller


def test_a_number_that_is_no_role() -> None:
    row = {"PartOfDomain": True, "DomainRole": 6}
    text = json.dumps({"class": "Win32_ComputerSystem", "there": True, "rows": [row], "end": True})
    with pytest.raises(UnparsedError):
        read_controller(text)


def test_a_missing_answer_never_hides_what_refutes() -> None:
    nothing: Told[Providers] = Told(NOW, unparsed="providers")
    seen = SignIn(
        Told(NOW, unparsed="DomainRole"),
        Told(NOW, unparsed="accounts"),
        Told(NOW, Settings(automatic="kassa", anonymous=("RestrictAnonymousSAM",))),
        nothing,
    )
    mfa, access = evaluate(seen, Parameters({}))
    assert (mfa.outcome, access.outcome) == (Outcome.FAIL, Outcome.FAIL)
    # Whether that setting counts depends on what kind of computer it is.
    assert [each.id for each in access.advice] == []
