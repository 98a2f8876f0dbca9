"""What a hub takes from a worker: only what it ordered, whole, unaltered, and once."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import zlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from assessor.dispatching.messages import PART_BYTES, part_messages
from assessor.evidence.manifest import Concluded, seal, verify
from assessor.evidence.purge import purge
from assessor.model.capture import Captured, NotCaptured, Reason
from assessor.model.plan import Plan
from tests.factories import AT, make_captured, make_run_facts
from tests.unit.dispatching.deliveries import (
    HUB,
    NOW,
    SITE,
    STRANGER,
    Exchange,
    at_site,
    delivery,
    messages,
)


@pytest.fixture(name="exchange")
def _exchange(tmp_path: Path) -> Exchange:
    return Exchange(tmp_path)


def refusals(exchange: Exchange, *sent: object) -> str:
    """Why a new hub refuses ``sent``, all of it."""
    exchange = Exchange(exchange.folder / secrets.token_hex(4), exchange.plans)
    hub = exchange.hub()
    for body in sent:
        assert hub.take(body, NOW) is None
    assert list(hub.waiting) == [plan.target.name for plan in exchange.plans]
    assert not list((exchange.run.path / "observations").iterdir())
    return "; ".join(hub.refused)


def test_the_very_bytes_of_a_worker_are_kept_and_its_word_for_them(exchange: Exchange) -> None:
    journal = exchange.journal()
    hub = exchange.hub()

    (sent,) = messages(journal)
    taken = hub.take(sent, NOW)

    assert taken is not None
    assert taken[0].target.name == "web"
    assert not hub.waiting
    run = exchange.run
    assert (run.path / "observations" / "web.jsonl").read_bytes() == journal
    assert set(run.evidence()["web"].captures) == {"p", "q"}
    seal(run, make_run_facts(), Concluded(NOW, {}), HUB)
    assert verify(run).faults == ()
    names = [
        each["name"] for each in json.loads((run.path / "manifest.json").read_text())["subject"]
    ]
    assert {"deliveries/web.json", "deliveries/noord.pub.pem"} <= set(names)


def test_the_word_of_a_worker_outlives_the_deletion_of_its_journal(exchange: Exchange) -> None:
    hub = exchange.hub()
    for sent in messages(exchange.journal()):
        hub.take(sent, NOW)
    seal(exchange.run, make_run_facts(), Concluded(NOW, {}), HUB)

    assert purge(exchange.run, NOW) == 1

    assert verify(exchange.run).faults == ()


def test_a_run_whose_worker_did_not_sign_the_journal_does_not_verify(exchange: Exchange) -> None:
    hub = exchange.hub()
    for sent in messages(exchange.journal()):
        hub.take(sent, NOW)
    run = exchange.run
    path = run.path / "observations" / "web.jsonl"
    path.write_bytes(exchange.journal(make_captured("p", "forged\n")))
    seal(run, make_run_facts(), Concluded(NOW, {}), HUB)

    assert any("not what the worker of noord signed" in fault for fault in verify(run).faults)

    path.write_bytes(exchange.journal())
    (run.path / "deliveries" / "noord.pub.pem").write_text(STRANGER.public.pem)
    seal(run, make_run_facts(), Concluded(NOW, {}), HUB)
    assert any("none of the keys" in fault for fault in verify(run).faults)


def test_a_second_copy_changes_nothing(exchange: Exchange) -> None:
    hub = exchange.hub()
    (sent,) = messages(exchange.journal())
    assert hub.take(sent, NOW) is not None
    before = (exchange.run.path / "observations" / "web.jsonl").read_bytes()

    other = exchange.journal(make_captured("p", "something else\n"))
    for body in (sent, *messages(other)):
        assert hub.take(body, NOW) is None

    assert not hub.refused
    assert (exchange.run.path / "observations" / "web.jsonl").read_bytes() == before


def test_a_large_journal_comes_in_parts_in_any_order(exchange: Exchange) -> None:
    noise = base64.b64encode(os.urandom(2 * PART_BYTES)).decode()
    small = at_site().probes[0]
    probe = replace(small.probe, limit_bytes=8 * PART_BYTES)
    exchange.plans = (replace(at_site(), probes=(replace(small, probe=probe),)),)
    journal = exchange.journal(make_captured("p", noise))
    sent = list(messages(journal))
    assert len(sent) == 3
    hub = exchange.hub()

    broken = {**sent[1], "data": base64.b64encode(b"altered").decode()}
    assert [hub.take(body, NOW) for body in (sent[2], broken, sent[0], sent[2])] == [None] * 4
    assert hub.refused == {"a part of it was altered": 1}
    assert hub.take(sent[1], NOW) is not None
    assert (exchange.run.path / "observations" / "web.jsonl").read_bytes() == journal


def test_any_bit_that_is_turned_is_seen(exchange: Exchange) -> None:
    (sent,) = messages(exchange.journal())
    hub = exchange.hub()
    for name in ("envelope", "data"):
        text = str(sent[name])
        for position in range(len(text)):
            turned = chr(ord(text[position]) ^ (1 << (position % 7)))
            body = {**sent, name: text[:position] + turned + text[position + 1 :]}
            assert hub.take(body, NOW) is None, (name, position)
    assert "web" in hub.waiting
    assert hub.take(sent, NOW) is not None, "and it is taken as it was"


def test_foreign_and_strange_deliveries_are_refused(exchange: Exchange) -> None:
    journal = exchange.journal()

    assert "by none of the workers" in refusals(exchange, *messages(journal, key=STRANGER))
    assert "by none of the workers" in refusals(
        exchange, *messages(journal, delivery(journal, site="zuid"))
    ), "a worker speaks for its own site only"
    assert "another run" in refusals(
        exchange, *messages(journal, delivery(journal, run="20261101T000000Z-0000"))
    )
    assert "not ours" in refusals(exchange, *messages(journal, delivery(journal, order="0" * 32)))
    assert "nothing was ordered" in refusals(
        exchange, *messages(journal, delivery(journal, target="../../x"))
    )
    bodies: list[object] = [
        None,
        [],
        {},
        {"format": 1},
        {"format": 1, "envelope": "x", "number": 0},
    ]
    for nonsense in bodies:
        assert refusals(exchange, nonsense)
    (sent,) = messages(journal)
    for strange in (
        {**sent, "number": 7},
        {**sent, "number": -1},
        {**sent, "data": "?"},
        {**sent, "format": 2},
        {**sent, "envelope": "x" * 100_000},
        {**sent, "envelope": "é"},
    ):
        assert refusals(exchange, strange)


def test_a_target_of_one_site_is_not_answered_by_another(exchange: Exchange) -> None:
    exchange.plans = (at_site(site="zuid"),)
    assert "nothing was ordered" in refusals(exchange, *messages(exchange.journal()))


def _signed_parts(journal: bytes, *parts: bytes) -> list[dict[str, object]]:
    """Parts that the worker itself signed, whatever they are."""
    said = replace(
        delivery(journal), parts=tuple(hashlib.sha256(part).hexdigest() for part in parts)
    )
    return list(part_messages(said.signed(SITE), parts))


def test_a_bomb_is_not_unpacked(exchange: Exchange) -> None:
    bomb = zlib.compress(bytes(300_000_000))
    assert len(bomb) < PART_BYTES
    assert "larger than all" in refusals(exchange, *_signed_parts(exchange.journal(), bomb))


def test_what_is_no_whole_journal_is_refused(exchange: Exchange) -> None:
    good = exchange.journal()
    packed = zlib.compress(good)

    assert "damaged" in refusals(exchange, *_signed_parts(good, packed[:-4]))
    assert "damaged" in refusals(exchange, *_signed_parts(good, packed + b"more"))
    assert "damaged" in refusals(exchange, *_signed_parts(good, b"no zlib"))
    assert "not the journal that was signed" in refusals(
        exchange, *_signed_parts(good, zlib.compress(good + b"\n"))
    )
    lines = good.splitlines(keepends=True)
    for broken in (good[:-1], lines[0] + lines[2], b"", b"[" * 200_000 + b"\n", b'{"kind":1}\n'):
        assert "journal" in refusals(exchange, *messages(broken)), broken[:50]
    assert "not finished" in refusals(exchange, *messages(exchange.journal(ends=False)))
    assert "not of that target" in refusals(exchange, *messages(exchange.journal(target="mail")))


def test_an_answer_to_what_was_not_asked_is_refused(exchange: Exchange) -> None:
    stray = exchange.journal(make_captured("p"), make_captured("not-in-the-plan"))
    assert "what was not asked" in refusals(exchange, *messages(stray))


GOOD = make_captured("p", "a\n")


@pytest.mark.parametrize(
    "capture",
    [
        replace(GOOD, at=AT - timedelta(days=30)),
        replace(GOOD, at=AT + timedelta(days=30)),
        replace(GOOD, duration_s=float("nan")),
        replace(GOOD, duration_s=float("inf")),
        replace(GOOD, exit_status=10**40),
        replace(GOOD, stdout="a\0b"),
        NotCaptured("p", Reason.TIMED_OUT, "too\0 late", AT),
    ],
)
def test_values_that_no_collector_writes_are_refused(
    exchange: Exchange, capture: Captured | NotCaptured
) -> None:
    assert refusals(exchange, *messages(exchange.journal(capture)))


def test_texts_that_cannot_be_written_again_are_refused(exchange: Exchange) -> None:
    first, second, third = exchange.journal(GOOD).splitlines()
    second = second.replace(b'"a\\n"', b'"\\ud800"')
    before = json.loads(third)["previous"].encode()
    third = third.replace(before, hashlib.sha256(second).hexdigest().encode())
    assert "no collector writes" in refusals(
        exchange, *messages(b"\n".join((first, second, third)) + b"\n")
    )


def test_times_without_a_zone_are_refused(exchange: Exchange) -> None:
    first, second, third = exchange.journal(GOOD).splitlines()
    second = second.replace(b'00Z"', b'00"')
    before = json.loads(third)["previous"].encode()
    third = third.replace(before, hashlib.sha256(second).hexdigest().encode())
    assert "times" in refusals(exchange, *messages(b"\n".join((first, second, third)) + b"\n"))


def test_the_plan_of_the_run_is_what_was_ordered(exchange: Exchange) -> None:
    exchange.hub()
    assert exchange.run.plan() == Plan(exchange.plans)
