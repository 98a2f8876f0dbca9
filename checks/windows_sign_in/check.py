"""Who gets into a Windows at its own screen or by Remote Desktop, and what they must show.

``mfa`` holds where a password alone is refused. That Windows Hello can be used does not do: where
the password still opens the machine, it is the weakest way that counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from assessor.api import (
    Check,
    Fact,
    Judgement,
    Message,
    Parameters,
    failed,
    nothing_told,
    passed,
    unknown,
)

from . import products
from .settings import PASSWORD, LogIn, Providers, Settings, SignIn, observe

MFA, ACCESS = "mfa", "access-control"
_EXPECTED: Mapping[str, Fact] = {"factors": 2}


def evaluate(seen: SignIn, parameters: Parameters) -> list[Judgement]:
    """One judgement for each of the two measures."""
    return [_mfa(seen), _access(seen)]


def _mfa(seen: SignIn) -> Judgement:
    settings, providers = seen.settings.answer, seen.providers.answer
    if settings is None:
        return nothing_told(MFA, seen.settings)
    if settings.automatic is not None:
        observed = _observed(settings, providers)
        return _failed("automatic_log_in", {"accounts": (settings.automatic,)}, observed)
    if settings.card:
        observed = _observed(settings, providers)
        return _passed("card_demanded", {}, observed)
    if providers is None:
        return nothing_told(MFA, seen.providers)
    return _by_ways(settings, providers)


def _failed(message: str, facts: Mapping[str, Fact], observed: Mapping[str, Fact]) -> Judgement:
    return failed(MFA, message, facts, expected=_EXPECTED, observed=observed)


def _unknown(message: str, facts: Mapping[str, Fact], observed: Mapping[str, Fact]) -> Judgement:
    return unknown(MFA, message, facts, expected=_EXPECTED, observed=observed)


def _passed(
    message: str,
    facts: Mapping[str, Fact],
    observed: Mapping[str, Fact],
    advice: tuple[Message, ...] = (),
) -> Judgement:
    # Files, WinRM and the like ask for a password in their own way: a log-in screen is not there.
    advice = (*advice, Message("network_not_covered"))
    return passed(MFA, message, facts, expected=_EXPECTED, observed=observed, advice=advice)


def _by_ways(settings: Settings, providers: Providers) -> Judgement:
    """By the ways to log in that are there."""
    observed = _observed(settings, providers)
    excluded = settings.excluded
    if products.duo_asks(providers, excluded):
        return _duo(settings, providers, observed)
    strangers = products.strangers(providers, excluded)
    filters = products.strange_filters(providers)
    known = [name for each in (*strangers, *filters) if (name := products.product(each))]
    if known:
        return _unknown("second_factor_unclear", {"products": _once(known)}, observed)
    unknown_ones = (*strangers, *filters) if not _open(settings, providers) else filters
    if unknown_ones:
        names = _once(each.name for each in unknown_ones)
        return _unknown("ways_not_known", {"providers": names}, observed)
    if products.password_open(providers, excluded):
        return _with_password(settings, providers, observed)
    if _microsoft_password(settings, providers):
        return _unknown("microsoft_password_left", {}, observed)
    return _without_password(settings, providers, observed)


def _open(settings: Settings, providers: Providers) -> bool:
    return products.password_open(providers, settings.excluded)


def _microsoft_password(settings: Settings, providers: Providers) -> bool:
    """Whether the password of a Microsoft account may still open the machine."""
    shut = products.shut(providers, settings.excluded, products.MICROSOFT_ACCOUNT)
    return not shut and not settings.no_microsoft


def _duo(settings: Settings, providers: Providers, observed: Mapping[str, Fact]) -> Judgement:
    duo = providers.duo
    if not duo.known:
        return _unknown("second_factor_unclear", {"products": ("Duo",)}, observed)
    if duo.remote_only:
        return _failed("duo_remote_only", {}, observed)
    through = duo.let_through - products.TWO_FACTORS - settings.excluded
    if through & {PASSWORD, products.MICROSOFT_ACCOUNT}:
        return _failed("duo_password_left", {}, observed)
    if through:
        names = _once(
            providers.ways[guid].name if guid in providers.ways else guid
            for guid in sorted(through)
        )
        return _unknown("ways_not_known", {"providers": names}, observed)
    others = [
        name
        for each in products.strange_filters(providers)
        if (name := products.product(each) or each.name) != "Duo"
    ]
    if others:
        return _unknown("ways_not_known", {"providers": _once(others)}, observed)
    advice = [Message("duo_policy_elsewhere")]
    if duo.fails_open:
        advice.append(Message("duo_fails_open"))
    return _passed("second_factor_asked", {"products": ("Duo",)}, observed, tuple(advice))


def _with_password(
    settings: Settings, providers: Providers, observed: Mapping[str, Fact]
) -> Judgement:
    """A password alone opens the machine."""
    if settings.joined:
        # What the cloud demands of its accounts is not seen here.
        return _unknown("entra_joined", {}, observed)
    if providers.hello:
        return _failed("hello_beside_password", {"hello": providers.hello}, observed)
    return _failed("password_only", {}, observed)


def _without_password(
    settings: Settings, providers: Providers, observed: Mapping[str, Fact]
) -> Judgement:
    """No password is taken; what is left must be two kinds of proof in one."""
    # A PIN or a picture of a local account, or a PIN in place of a domain's password, is one thing
    # that one knows, with the password behind it.
    picture = not products.shut(providers, settings.excluded, products.PICTURE)
    business = settings.hello_business is True and not settings.convenience_pin
    if business and providers.hello and (settings.joined or not picture):
        return _passed("password_refused", {}, observed)
    return _unknown("rest_unclear", {}, observed)


def _observed(settings: Settings, providers: Providers | None) -> Mapping[str, Fact]:
    facts: dict[str, Fact] = {
        "card_demanded": settings.card,
        "entra_joined": settings.joined,
        "hello_business": settings.hello_business,
        "convenience_pin": settings.convenience_pin,
        "passwordless_experience": settings.passwordless,
        "microsoft_hello_only": settings.microsoft_hello_only,
    }
    if providers is None:
        return facts
    excluded = settings.excluded
    strangers = products.strangers(providers, excluded)
    filters = products.strange_filters(providers)
    return {
        **facts,
        "password_taken": products.password_open(providers, excluded),
        "hello_people": providers.hello,
        "security_keys": products.available(providers, excluded, products.SECURITY_KEY),
        "other_providers": tuple(each.name for each in strangers),
        "filters": tuple(each.name for each in filters),
    }


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _access(seen: SignIn) -> Judgement:
    """Nobody gets in without an account and a proof of who they are."""
    controller, log_in, settings = seen.controller.answer, seen.log_in.answer, seen.settings.answer
    observed = _access_observed(log_in, settings)
    faults = [*_faults_of_settings(settings), *_faults_of_log_in(log_in)]
    anonymous = _anonymous(settings, controller)
    if anonymous:
        faults.append(Message("anonymous", {"settings": anonymous}))
    advice = _access_advice(settings)
    if faults:
        return failed(
            ACCESS,
            faults[0].id,
            faults[0].facts,
            observed=observed,
            advice=(*faults[1:], *advice),
        )
    for told in (seen.controller, seen.log_in, seen.settings):
        if told.answer is None:
            return nothing_told(ACCESS, told)
    if log_in is None or log_in.controller is not controller:
        return unknown(ACCESS, "unparsed", {"part": "controller"}, observed=observed)
    message = "accounts_of_domain" if controller else "accounts_guarded"
    return passed(ACCESS, message, observed=observed, advice=advice)


def _anonymous(settings: Settings | None, controller: bool | None) -> tuple[str, ...]:
    """The settings that let somebody without an account in, as far as they count here.

    RestrictAnonymousSAM is about the accounts of a machine; on a controller the directory's own
    access lists say who may see them (Microsoft Learn, "Requirements for network management
    functions on Active Directory domain controllers").
    """
    found = () if settings is None else settings.anonymous
    return tuple(name for name in found if controller is False or name != "RestrictAnonymousSAM")


def _faults_of_settings(settings: Settings | None) -> Iterable[Message]:
    if settings is None:
        return
    if settings.automatic is not None:
        yield Message("automatic_log_in", {"accounts": (settings.automatic,)})
    if settings.blank_passwords:
        yield Message("empty_over_network")


def _faults_of_log_in(log_in: LogIn | None) -> Iterable[Message]:
    if log_in is None:
        return
    if log_in.default_password:
        yield Message("password_readable")
    guests = tuple(each.name for each in log_in.accounts if each.guest)
    if guests:
        yield Message("guest", {"accounts": guests})
    free = [e.name for e in log_in.accounts if not e.guest and not e.password_required]
    if free:
        yield Message("password_not_required", {"accounts": tuple(free)})


def _access_observed(log_in: LogIn | None, settings: Settings | None) -> Mapping[str, Fact]:
    facts: dict[str, Fact] = {}
    if log_in is not None:
        facts["default_password"] = log_in.default_password
        facts["accounts"] = tuple(each.name for each in log_in.accounts)
    if settings is not None:
        facts["automatic"] = settings.automatic is not None
        facts["blank_passwords"] = settings.blank_passwords
        facts["anonymous"] = settings.anonymous
    return facts


def _access_advice(settings: Settings | None) -> tuple[Message, ...]:
    if settings is not None and settings.anonymous_shares:
        return (Message("anonymous_shares"),)
    return ()


CHECK = Check(observe=observe, evaluate=evaluate)
