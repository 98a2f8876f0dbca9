"""What of a text a client may read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessor.report.discretion import Discretion, PrivateWords, without_asides

UNNAMED, LEFT_OUT = "[not named]", "[left out]"
PRIVATE = ("srv1", "srv1.example.nl", "j.devries", "anna", "web server", "8.9p1", "nas")
DISCRETION = Discretion(PrivateWords(PRIVATE), UNNAMED, LEFT_OUT)


@pytest.mark.parametrize(
    ("template", "said", "whole"),
    [
        ("All is well.", "All is well.", True),
        ("{count} are open.", "{count} are open.", True),
        ("Not encrypted: {volumes}.", f"Not encrypted: {UNNAMED}.", True),
        ("Open: {ports}.", "", False),
        ("{count} are open, since {since}: {packages}.",
         f"{{count}} are open, since {{since}}: {UNNAMED}.", True),
        ("These are: {accounts} (by: {rights}). Is that right?",
         f"These are: {UNNAMED}. Is that right?", True),
        ("The guest is on ({accounts}). Turn it off.", "The guest is on. Turn it off.", True),
        ("In two asides (one (of {accounts}) two).", "In two asides (one two).", True),
        ("Do this: `passwd`.", "", False),
        ("{engine} lets {address} in.", "", False),
        ("Turn it off. Look at {engine}. Then rest.", "Turn it off.", False),
        ("Keep it longer: set `rotate` in /etc/logrotate.d. Needed are {count} days.",
         "Keep it longer. Needed are {count} days.", False),
        ("Keep it longer (`rotate 12`).", "Keep it longer.", True),
        ("Set `rotate`.", "", False),
        ("Read /etc/passwd again.", "", False),
        (r"Look at C:\Windows again.", "", False),
        ("Write it in assessment.yaml.", "", False),
        ("Set allowed_administrators.", "", False),
        ("Only TLS 1.2 is allowed.", "", False),
        ("There is no security.txt. Whoever finds a leak is lost.",
         "There is no security.txt. Whoever finds a leak is lost.", True),
        ("", "", False),
    ],
)  # fmt: skip
def test_a_sentence_is_told_as_far_as_it_can_be(template: str, said: str, *, whole: bool) -> None:
    told = DISCRETION.said(template, {"count", "since"}, ours=True)

    assert told.text == said
    assert told.whole is whole or not template


def test_only_what_others_wrote_is_searched_for_words_of_the_run() -> None:
    template = "Ask anna to restart it."

    assert DISCRETION.said(template, (), ours=True).text == template
    assert DISCRETION.said(template, (), ours=False).text == ""
    assert DISCRETION.said("Restart it (anna can).", (), ours=False).text == "Restart it."


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("The key is with the owner.", "The key is with the owner."),
        ("It runs on srv1.", f"It runs on {LEFT_OUT}."),
        ("It runs on SRV1.Example.nl!", f"It runs on {LEFT_OUT}!"),
        ("srv1-backup, srv12, mysrv1", f"{LEFT_OUT}-backup, srv12, mysrv1"),
        ("Ask Anna; annabel knows.", f"Ask {LEFT_OUT}; annabel knows."),
        ("j.devries@example.nl", f"{LEFT_OUT}@example.nl"),
        ("The web  server", "The web  server"),
        ("The Web Server", f"The {LEFT_OUT}"),
        ("OpenSSH 8.9p1 it is", f"OpenSSH {LEFT_OUT} it is"),
        ("in /srv/data/clients, and ~/backup", f"in {LEFT_OUT}, and {LEFT_OUT}"),
        ("and/or, 24/7, https://example.org/a/b", "and/or, 24/7, https://example.org/a/b"),
        (r"on C:\Users\jan and \\server\share\x", f"on {LEFT_OUT} and {LEFT_OUT}"),
        ("at 192.0.2.10.", f"at {LEFT_OUT}."),
        ("at 192.0.2.10:22, 10.0.0.0/8", f"at {LEFT_OUT}, {LEFT_OUT}"),
        ("at fd00::1 or [2001:db8::10]:443", f"at {LEFT_OUT} or {LEFT_OUT}"),
        ("at 12:30:45 on 1.2.2026, v1.2.3", "at 12:30:45 on 1.2.2026, v1.2.3"),
        ("00:11:22:aa:bb:cc", LEFT_OUT),
        ("srv1 srv1.example.nl", f"{LEFT_OUT} {LEFT_OUT}"),
    ],
)
def test_words_of_the_run_are_taken_out_of_what_people_wrote(text: str, masked: str) -> None:
    assert DISCRETION.masked(text) == masked
    assert DISCRETION.clean(text) is (text == masked)


def test_what_everybody_may_read_is_no_secret() -> None:
    words = PrivateWords(["kassa", "shop.example", "anna"], ["Our shop: shop.example.", "de Kassa"])

    assert Discretion(words, UNNAMED, LEFT_OUT).masked("kassa, shop.example, anna") == (
        f"kassa, shop.example, {LEFT_OUT}"
    )


@given(
    st.lists(st.text("abcxyz019.-_@/", min_size=2, max_size=12), max_size=6),
    st.text("abcxyz019.-_@/ \n", max_size=120),
)
def test_no_private_word_stays_in_what_was_masked(words: list[str], text: str) -> None:
    masked = Discretion(PrivateWords(words), UNNAMED, "*").masked(text)

    left = set(re.findall(r"[a-z0-9]+", masked))
    for word in words:
        bare = re.sub(r"^[^a-z0-9]+|[^a-z0-9]+$", "", word)
        if len(bare) > 1 and bare.isalnum() and not bare.isdigit():
            assert bare not in left


@given(st.text("ab {}().:`/_", max_size=80), st.sets(st.sampled_from(["a", "b", "ab"])))
def test_a_place_that_may_not_be_filled_in_is_never_left(template: str, known: set[str]) -> None:
    told = DISCRETION.said(template, known, ours=False).text.replace(UNNAMED, "")

    assert set(re.findall(r"\{([a-z_]+)\}", told)) <= known
    assert not set("`/") & set(told)


@pytest.mark.parametrize(
    ("text", "less"),
    [
        ("Get the definitions (with ClamAV: freshclam).", "Get the definitions."),
        (
            "Allow SSH (ufw allow (OpenSSH)) and turn it on (ufw enable).",
            "Allow SSH and turn it on.",
        ),
        ("Nothing in brackets.", "Nothing in brackets."),
        ("Not (closed.", "Not (closed."),
    ],
)
def test_an_instruction_is_told_without_its_commands(text: str, less: str) -> None:
    assert without_asides(text) == less
