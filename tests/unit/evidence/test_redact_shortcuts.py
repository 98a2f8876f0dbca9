"""What saves time when secrets are looked for never lets one through: the rules find the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assessor import bundled
from assessor.evidence import redact
from assessor.evidence.redact import bundled_rules, device_rules, read_rules

RULES = {rule.id: rule for rule in device_rules().rules}
QUICK = sorted(name for name, rule in RULES.items() if rule.starts is not None)
RAW = yaml.safe_load(
    (Path(redact.__file__).parent / "redaction" / "general.yaml").read_text(encoding="utf-8")
)
_BETWEEN = st.sampled_from([" ", "  ", "\t", "\n", "-", "=", ":", "'", '"', "\\", "|", "/", ""])
_OTHERS = st.sampled_from(
    ["-p", "-u", "--user", "-U", "-w", "-a", "password", "7", "ro", "md5", "isakmp", "server",
     "pre-shared-key", "local", "ascii", "hex", "bob:", "bob%", "host", "dump", "s3cret", "*", "x",
     "0123456789ABCDEF0123456789ABCDEF01234567", "$A$005$abcdefghijk"]
)  # fmt: skip


def words_of(name: str) -> list[str]:
    """The words with which matches of a rule start, as the file has them."""
    return list(next(rule for rule in RAW["rules"] if rule["id"] == name)["starts"])


def texts(name: str) -> st.SearchStrategy[str]:
    own = st.sampled_from(words_of(name)).flatmap(
        lambda word: st.sampled_from([word, word.upper(), word.capitalize(), f"x{word}"])
    )
    return st.lists(st.tuples(own | _OTHERS, _BETWEEN), max_size=25).map(
        lambda parts: "".join(word + between for word, between in parts)
    )


def found(name: str, text: str) -> tuple[list[redact.Span], list[redact.Span]]:
    """What a rule finds with the shortcut, and without."""
    rule = RULES[name]
    assert rule.starts is not None
    lowered = text.translate(redact._LOWER)
    quick = list(redact._matches_at(rule, text, lowered, rule.starts))
    return quick, list(redact._matches(rule, text, 0, len(text)))


def test_every_pattern_can_be_compiled_and_its_secrets_are_groups() -> None:
    rules = device_rules()
    every = (*rules.rules, *rules.word_rules, *(section.rule for section in rules.sections))
    for rule in every:
        groups = rule.pattern.compiled.groupindex
        assert rule.groups == tuple(name for name in groups if name.startswith("secret"))
    others = [
        rules.harmless,
        rules.word_begins,
        *(each for block in rules.blocks for each in (block.begins, block.ends, block.material)),
        *(each for section in rules.sections for each in (section.begins, section.ends)),
        *(
            each
            for rule in (*rules.rules, *rules.word_rules)
            for each in (rule.starts, rule.before)
        ),
    ]
    assert all(each.compiled for each in others if each)


def test_a_pattern_is_compiled_when_it_is_needed() -> None:
    rules = read_rules(Path(redact.__file__).parent / "redaction" / "general.yaml")
    (hashes,) = (rule for rule in rules.rules if rule.id == "mysql-hash")
    redactor = redact.Redactor(bytes(16), rules)
    redactor.redact("nothing secret")
    assert "compiled" not in vars(hashes.pattern)
    redactor.redact("*94BDCEBE19083CE2A1F959FD02F964C7AF4CFC29 " + " ".join(hashes.needs))
    assert "compiled" in vars(hashes.pattern)


def test_there_are_such_rules() -> None:
    assert {"command-line-short", "cisco-key", "netrc", "mysql-hash"} <= set(QUICK)


@pytest.mark.parametrize("name", QUICK)
@given(data=st.data())
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_rule_finds_the_same_where_it_looks_only_at_its_words(
    name: str, data: st.DataObject
) -> None:
    quick, slow = found(name, data.draw(texts(name)))

    assert quick == slow


@pytest.mark.parametrize("name", QUICK)
def test_in_what_real_machines_say_too(name: str, real: list[str]) -> None:
    for text in real:
        quick, slow = found(name, text)
        assert quick == slow


AT_WORD = [rule for rule in bundled_rules().word_rules if rule.at_word]
_WORDS = ["password", "Passwd", "PASSWORD", "api_key", "auth", "session", "pre", "pwd", "db.pass",
          "secret", "auth-key", "wachtwoord", "mfa seed", "token"]  # fmt: skip
_SIGNS = [":", "=", ": ", " = ", "=>", ">", "</key><string>", ": |\n  ", '"', "\n", " ", "value",
          "required", "<", "/", "[", "12"]  # fmt: skip
_SETTINGS = st.lists(st.sampled_from(_WORDS) | st.sampled_from(_SIGNS), max_size=12).map("".join)


def test_rules_for_settings_look_only_at_their_word() -> None:
    assert len(AT_WORD) == sum("%word%" in rule["pattern"] for rule in RAW["rules"])


@given(_SETTINGS)
@settings(max_examples=1500, deadline=None)
def test_where_the_word_does_not_match_no_rule_does_that_begins_with_it(text: str) -> None:
    word = bundled_rules().word.compiled
    for at in range(len(text)):
        matching = [rule.id for rule in AT_WORD if rule.pattern.compiled.match(text, at)]
        assert not matching or word.match(text, at)


def test_nor_in_what_real_machines_say(real: list[str]) -> None:
    word = bundled_rules().word.compiled
    matches = [
        (text, match.start())
        for text in real
        for rule in AT_WORD
        for match in rule.pattern.compiled.finditer(text)
    ]
    assert matches
    assert all(word.match(text, at) for text, at in matches)


def parts_of_texts() -> list[redact._Block | redact._Section]:
    rules = bundled_rules()
    return [*rules.blocks, *rules.sections]


def test_a_part_that_is_passed_over_does_not_begin_there(real: list[str]) -> None:
    for text in real:
        lowered = text.translate(redact._LOWER)
        for part in parts_of_texts():
            assert part.needs
            assert redact._may_hold(lowered, part.needs) or not part.begins.compiled.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----", "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----",
        "-----BEGIN OpenVPN Static key V1-----", "Private-Lines: 8", "$ANSIBLE_VAULT;1.1;AES256",
        "/snmp community", "/SNMP\tcommunity", " config system snmp community",
    ],
)  # fmt: skip
def test_every_beginning_of_a_part_holds_what_it_needs(text: str) -> None:
    parts = [part for part in parts_of_texts() if part.begins.compiled.search(text)]

    assert parts
    assert all(redact._may_hold(text.translate(redact._LOWER), part.needs) for part in parts)


@pytest.fixture(scope="module")
def real() -> list[str]:
    """Outputs of the checks' own samples."""
    return list(_samples())


def _samples() -> Iterator[str]:
    for path in sorted(bundled.folder("checks").glob("*/samples/*/*")):
        if path.is_file() and path.suffix != ".yaml" and path.stat().st_size < 40_000:
            yield path.read_text(encoding="utf-8", errors="replace")
