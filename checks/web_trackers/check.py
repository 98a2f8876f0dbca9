"""Judges what a first visit to a website sets going, before the visitor has agreed to anything.

The page and the site's own scripts are read, not run. So a tracker that stands in the page is seen,
and one that a script puts together may be missed: nothing passes where a script was not read, or
does what could place a cookie or load something more.
"""

from __future__ import annotations

from collections.abc import Iterator

from assessor.api import (
    Captures,
    Check,
    Facts,
    Judgement,
    Message,
    Parameters,
    Told,
    failed,
    nothing_told,
    passed,
    told,
    unknown,
)

from .answer import CONNECTS_ONLY, Answer, Script, read_visit
from .hosts import STATISTICS, Kind, Maker, is_functional_cookie, is_tracking_cookie, maker_of

CONSENT, ANONYMISED = "cookie-consent", "analytics-anonymisation"
MEASURES = (CONSENT, ANONYMISED)

WAITS = frozenset({"consent-default", "consent-required"})
"""Marks of a script that tells others to wait for consent."""

MAY_PLACE = frozenset({"cookies", "storage", "inserts", "sends", "hidden"})
"""Marks of a script that may place a cookie, or load what does."""

# gtag.js comes from the tag manager's host; by its address it is Google Analytics or Google Ads.
GTAG = "https://www.googletagmanager.com/gtag/js"


def observe(captures: Captures) -> Told[Answer]:
    return told(captures, "visit", read_visit)


def evaluate(site: Told[Answer], parameters: Parameters) -> list[Judgement]:
    answer = site.answer
    if answer is None:
        return [nothing_told(measure, site) for measure in MEASURES]
    if answer.no_page is not None:
        facts = {"name": answer.name, "reason": answer.no_page}
        return [unknown(measure, "no_page", facts) for measure in MEASURES]
    scene = _Scene(answer)
    return [_consent(scene), _anonymised(scene)]


class _Scene:
    """The page with its parties told apart."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        others = [r for r in answer.resources if not r.own and r.kind != CONNECTS_ONLY]
        self.loaded = tuple(dict.fromkeys(r.host for r in others))
        self.gtag = any(r.url.startswith(GTAG) for r in others)
        self.scripts: tuple[Script, ...] = (answer.inline, *answer.scripts)
        self.named = tuple(
            dict.fromkeys(
                host
                for script in self.scripts
                for host in script.hosts
                if host not in self.loaded and maker_of(host) is not None
            )
        )
        self.marks = frozenset().union(*(script.marks for script in self.scripts))
        self.cookies = tuple(one.name for one in answer.cookies if not one.removed)

    def loads(self, *kinds: Kind) -> tuple[str, ...]:
        """The hosts of ``kinds`` that the page itself loads something from."""
        return tuple(host for host in self.loaded if _kind(host) in kinds)

    def names(self, *kinds: Kind) -> tuple[str, ...]:
        """The hosts of ``kinds`` that a script names."""
        return tuple(host for host in self.named if _kind(host) in kinds)

    @property
    def trackers(self) -> tuple[str, ...]:
        """The trackers that the page itself loads."""
        gtag = tuple(h for h in self.loaded if self.gtag and h == "www.googletagmanager.com")
        return (*gtag, *self.loads(Kind.TRACKING))

    @property
    def may_wait(self) -> bool:
        """Whether something on the page may hold trackers back until the visitor agrees."""
        return bool(
            self.marks & WAITS
            or self.answer.waiting
            or self.loads(Kind.CONSENT)
            or self.names(Kind.CONSENT)
        )

    @property
    def strangers(self) -> tuple[str, ...]:
        """Hosts that the page loads from and that the list does not know."""
        return tuple(host for host in self.loaded if maker_of(host) is None)

    @property
    def unread(self) -> str:
        """Why what the scripts do is not known; empty where all of them were read."""
        answer = self.answer
        if not answer.whole or answer.refresh:
            return "page"
        frames = any(r.own and r.kind == "frame" for r in answer.resources)
        unread = answer.unread or any(not script.whole for script in answer.scripts)
        return "scripts" if unread or answer.stopped or frames else ""

    def observed(self) -> Facts:
        return {
            "name": self.answer.name,
            "third_parties": self.loaded,
            "named_in_scripts": self.named,
            "cookies": self.cookies,
            "consent_signs": self.may_wait,
            "own_scripts_read": len(self.answer.scripts),
            "script_marks": tuple(sorted(self.marks)),
        }


def _kind(host: str) -> Kind | None:
    maker = maker_of(host)
    return maker.kind if maker else None


def _consent(scene: _Scene) -> Judgement:
    observed = scene.observed()
    expected: Facts = {"tracking_before_consent": ()}
    wrong = next(_consent_wrong(scene), None)
    if wrong is not None:
        return failed(CONSENT, wrong.id, wrong.facts, expected=expected, observed=observed)
    unsure = next(_consent_unsure(scene), None)
    if unsure is not None:
        return unknown(CONSENT, unsure.id, unsure.facts, expected=expected, observed=observed)
    message = "functional_only" if scene.cookies else "nothing_placed"
    facts = {"name": scene.answer.name, "cookies": ", ".join(scene.cookies)}
    return passed(CONSENT, message, facts, expected=expected, observed=observed)


def _consent_wrong(scene: _Scene) -> Iterator[Message]:
    name = {"name": scene.answer.name}
    if tracking := [one for one in scene.cookies if is_tracking_cookie(one)]:
        yield Message("tracking_cookie", {**name, "cookies": ", ".join(tracking)})
    if scene.trackers and not scene.may_wait and not scene.unread:
        yield Message("tracker_loaded", {**name, "trackers": _people(scene.trackers, scene)})


def _consent_unsure(scene: _Scene) -> Iterator[Message]:
    name = {"name": scene.answer.name}
    if scene.trackers:
        yield Message("tracker_may_wait", {**name, "trackers": _people(scene.trackers, scene)})
    if named := scene.names(Kind.TRACKING):
        yield Message("tracker_in_script", {**name, "trackers": _people(named, scene)})
    kinds = (Kind.TAG_MANAGER, Kind.ANALYTICS)
    if more := (*scene.loads(*kinds), *scene.names(*kinds)):
        yield Message("depends_on_settings", {**name, "tools": _people(more, scene)})
    if others := (*scene.strangers, *scene.loads(Kind.CONSENT), *scene.names(Kind.CONSENT)):
        yield Message("third_parties", {**name, "hosts": _some(others)})
    if strange := [one for one in scene.cookies if not is_functional_cookie(one)]:
        yield Message("cookie_unknown", {**name, "cookies": ", ".join(strange)})
    yield from _unread(scene)
    if scene.marks & MAY_PLACE or scene.answer.waiting or scene.answer.cookies_left_out:
        yield Message("script_may_place", name)


def _unread(scene: _Scene) -> Iterator[Message]:
    if scene.unread:
        yield Message(f"{scene.unread}_not_read", {"name": scene.answer.name})


def _anonymised(scene: _Scene) -> Judgement:
    observed = {**scene.observed(), "anonymise_ip_asked": "anonymize-ip" in scene.marks}
    name = {"name": scene.answer.name}
    tools = tuple(host for host in (*scene.loaded, *scene.named) if _counts(host))
    if _old_google(scene) and "anonymize-ip" not in scene.marks and not scene.unread:
        return failed(ANONYMISED, "full_address_to_google", name, observed=observed)
    if tools or scene.marks & {"matomo", "google-4", "google-universal"}:
        makers = _people(tools, scene) or ("Matomo" if "matomo" in scene.marks else "Google")
        message = Message("settings_not_visible", {**name, "tools": makers})
    elif scene.strangers:
        message = Message("third_parties_may_count", {**name, "hosts": _some(scene.strangers)})
    elif scene.unread:
        message = next(_unread(scene))
    else:
        message = Message("no_statistics_seen", name)
    return unknown(ANONYMISED, message.id, message.facts, observed=observed)


def _old_google(scene: _Scene) -> bool:
    """Whether the page runs Google Analytics of the kind that keeps full addresses unasked."""
    hosts = (*scene.loaded, *scene.named)
    manager = any("google-tag-manager" in script.marks for script in scene.scripts)
    runs = scene.gtag or any(host.endswith("google-analytics.com") for host in hosts)
    return runs and "google-universal" in scene.marks and not manager


def _counts(host: str) -> bool:
    maker = maker_of(host)
    return maker is not None and (maker.kind is Kind.ANALYTICS or maker.name in STATISTICS)


def _people(hosts: tuple[str, ...], scene: _Scene) -> str:
    """The makers behind ``hosts``, for people."""
    makers = [maker for host in hosts if (maker := maker_of(host))]
    return ", ".join(dict.fromkeys(_name(maker, scene) for maker in makers))


def _name(maker: Maker, scene: _Scene) -> str:
    return "Google Analytics/Ads" if scene.gtag and maker.kind is Kind.TAG_MANAGER else maker.name


def _some(hosts: tuple[str, ...]) -> str:
    shown = ", ".join(dict.fromkeys(hosts[:6]))
    return f"{shown}, …" if len(hosts) > 6 else shown


CHECK = Check(observe=observe, evaluate=evaluate)
