"""Damaged output of the firewall probes: never a crash, no ``pass`` without what it rests on."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Mapping

import pytest

from assessor import bundled
from assessor.api import Captured, Captures, Judgement, Outcome, Parameters, Platform
from assessor.catalogue.manifest import read_check
from assessor.catalogue.samples import Sample, read_samples
from checks.host_firewall.check import CHECK

INFO = read_check(bundled.folder("checks") / "host_firewall", "bundled")
SAMPLES = {sample.name: sample for sample in read_samples(INFO)}
ALL_PASSING = [
    name for name, sample in SAMPLES.items() if sample.expect["firewall"].outcome is Outcome.PASS
]
PASSING = [name for name in ALL_PASSING if SAMPLES[name].captures.target.platform is Platform.LINUX]
RULES = ("nft_ruleset", "iptables", "ip6tables", "iptables_legacy", "ip6tables_legacy")
CUTS = 40


def _judge(sample: Sample, texts: Mapping[str, str]) -> Judgement:
    """The judgement of ``sample`` with other texts for some of its probes."""
    by_probe = dict(sample.captures.by_probe)
    for name, text in texts.items():
        capture = by_probe[name]
        assert isinstance(capture, Captured)
        by_probe[name] = dataclasses.replace(capture, stdout=text)
    captures = Captures(sample.captures.target, sample.captures.at, by_probe)
    (judgement,) = CHECK.evaluate(CHECK.observe(captures), Parameters({}))
    return judgement


def _texts(sample: Sample, *names: str) -> dict[str, str]:
    return {
        name: capture.stdout
        for name, capture in sample.captures.by_probe.items()
        if isinstance(capture, Captured) and capture.stdout and (not names or name in names)
    }


def _decisive(name: str, text: str) -> int:
    """How many characters of a rule source must be there for its rules to count as whole."""
    if name == "nft_ruleset":
        return len(text.rstrip())
    at = text.rfind("*filter")
    return text.index("COMMIT", at) + len("COMMIT")


@pytest.mark.parametrize("name", PASSING)
def test_no_pass_when_every_source_of_rules_is_cut_off(name: str) -> None:
    sample = SAMPLES[name]
    sources = _texts(sample, *RULES)
    for step in range(CUTS):
        cut = {}
        for source, text in sources.items():
            cut[source] = text[: min(len(text) * step // CUTS, _decisive(source, text) - 1)]

        assert _judge(sample, cut).outcome is not Outcome.PASS, (step, cut)


@pytest.mark.parametrize("name", PASSING)
def test_no_pass_when_every_answer_is_empty(name: str) -> None:
    sample = SAMPLES[name]

    assert _judge(sample, dict.fromkeys(_texts(sample), "")).outcome is not Outcome.PASS


def test_every_cut_of_the_last_characters_of_the_json_counts() -> None:
    sample = SAMPLES["nft_default_deny"]
    text = _texts(sample)["nft_ruleset"].rstrip()
    for missing in range(1, 40):
        assert _judge(sample, {"nft_ruleset": text[:-missing]}).outcome is Outcome.UNKNOWN


def test_ipv6_is_not_left_out_on_a_cut_off_word_that_it_is_not_in_use() -> None:
    sample = SAMPLES["nft_ipv6_switched_off"]
    text = _texts(sample)["network"].rstrip()
    for length in range(len(text)):
        assert _judge(sample, {"network": text[:length]}).outcome is not Outcome.PASS


def _mutations(text: str, chance: random.Random) -> list[str]:
    lines = text.splitlines(keepends=True)
    places = [chance.randrange(len(text)) for _ in range(6)]
    dropped = [line for line in lines if chance.random() > 0.2]
    shuffled = lines[:]
    chance.shuffle(shuffled)
    flipped = list(text)
    for place in places:
        flipped[place] = chr(chance.choice((0, 9, 10, 32, 34, 45, 58, 92, 123, 0xFFFD, 0x1F600)))
    return [
        text[: places[0]],
        text[places[1] :],
        "".join(dropped),
        "".join(shuffled),
        "".join(flipped),
        text + text,
        text.replace("\n", "\r\n"),
        text.replace(" ", ""),
        text.upper(),
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_mutated_answers_always_end_in_a_judgement(name: str) -> None:
    sample = SAMPLES[name]
    chance = random.Random(name)
    for probe, text in _texts(sample).items():
        for mutated in _mutations(text, chance):
            judgement = _judge(sample, {probe: mutated})

            assert judgement.measure == "firewall"


_CHAIN = (
    '{"chain": {"family": "inet", "table": "t", "name": "c",'
    ' "type": "filter", "hook": "input", "policy": "drop"}}'
)
_RULE = '{"rule": {"family": "inet", "table": "t", "chain": "c", "expr": %s}}'


def _json(*entries: str) -> str:
    return '{"nftables": [' + ", ".join(('{"metainfo": {}}', *entries)) + "]}"


@pytest.mark.parametrize(
    "text",
    [
        _json('{"rule": {"family": "ip", "expr": "accept"}}'),
        _json('{"chain": 7}', '{"set": {"elem": {"x": 1}}}'),
        _json(_CHAIN, _RULE % '[{"jump": {"target": "c"}}]'),
        _json(_CHAIN, _RULE % '["xt match", {"accept": null}]'),
        _json(_CHAIN, _RULE % '"accept"'),
        _json(_CHAIN, _RULE % '[{"unheard of": 1}]'),
        _json(_CHAIN, _RULE % '[{"vmap": {"key": {"meta": {"key": "mark"}}, "data": "@none"}}]'),
        "[" * 100_000,
        '{"nftables": []}',
    ],
)
def test_strange_json_never_passes(text: str) -> None:
    sample = SAMPLES["nft_default_deny"]
    answers = dict.fromkeys(_texts(sample, "iptables", "ip6tables"), "")

    assert _judge(sample, {**answers, "nft_ruleset": text}).outcome is not Outcome.PASS


@pytest.mark.parametrize(
    "name",
    [name for name in ALL_PASSING if SAMPLES[name].captures.target.platform is Platform.MACOS],
)
def test_a_mac_needs_its_own_word_that_the_firewall_is_on(name: str) -> None:
    sample = SAMPLES[name]
    (text,) = _texts(sample, "application_firewall").values()
    end = text.index("(State = ") + len("(State = 1)")
    for cut in range(end):
        judgement = _judge(sample, {"application_firewall": text[:cut]})
        assert judgement.outcome is Outcome.UNKNOWN, text[:cut]
