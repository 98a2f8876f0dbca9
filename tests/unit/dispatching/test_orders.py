"""What a worker obeys, and what it refuses: altered, foreign, old, too large, never its own."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from assessor.dispatching.messages import (
    CLOCKS_APART,
    MOST_ORDER_BYTES,
    ORDER_TYPE,
    RefusedError,
    open_order,
    order_id,
)
from assessor.dispatching.permission import allowed
from assessor.dispatching.spool import Spool, Taken
from assessor.errors import EvidenceError
from assessor.evidence.codec import encode
from assessor.evidence.deliveries import PAYLOAD_TYPE
from assessor.evidence.signing import canonical
from assessor.model.capture import Reason
from assessor.model.check import ProbeKind
from assessor.model.profile import Profile
from assessor.model.target import Platform, Privilege, Role, SecretPurpose, SecretSource
from assessor.plan.planner import make_plan
from tests.factories import AT, make_check_info, make_probe, make_target
from tests.unit.dispatching.deliveries import HUB, NOW, SITE, STRANGER, at_site, order

SECRET = SecretSource("env", ("SUDO_OF_WEB",))


def refusal(raw: str, site: str = "noord", now: datetime = NOW) -> str:
    with pytest.raises(RefusedError) as refused:
        open_order(raw, [HUB.public], site, now)
    return str(refused.value)


def test_an_order_is_read_as_it_was_signed() -> None:
    signed = open_order(order().signed(HUB), [STRANGER.public, HUB.public], "noord", NOW)

    assert signed.order == order()
    assert signed.id == order_id(HUB.public, order().run, "web")


def test_an_order_says_nothing_of_how_a_target_is_entered_or_asked() -> None:
    target = replace(
        make_target("web", address="10.1.2.3"),
        site="noord",
        user="beheer",
        identity_files=("/root/.ssh/geheim",),
        secrets={SecretPurpose.SUDO_PASSWORD: SECRET},
        options={"data_volumes": ("/srv/klanten",)},
    )
    raw = order(replace(at_site(), target=target)).signed(HUB)

    payload = base64.b64decode(json.loads(raw)["payload"]).decode()
    for held in ("10.1.2.3", "beheer", "geheim", "SUDO_OF_WEB", "klanten", "/usr/sbin/nft"):
        assert held not in payload
    assert "web" in payload


def test_any_bit_that_is_turned_is_seen() -> None:
    raw = bytearray(order().signed(HUB).encode())

    for position in range(len(raw)):
        altered = bytearray(raw)
        altered[position] ^= 1 << (position % 7)
        with pytest.raises(RefusedError):
            open_order(altered.decode("latin-1"), [HUB.public], "noord", NOW)


def test_foreign_old_and_strange_orders_are_refused() -> None:
    good = order()
    late = good.expires_at + CLOCKS_APART

    assert "does not obey" in refusal(good.signed(STRANGER))
    assert "another site" in refusal(good.signed(HUB), site="zuid")
    assert "expired" in refusal(good.signed(HUB), now=late + timedelta(seconds=1))
    assert open_order(good.signed(HUB), [HUB.public], "noord", late).order == good
    assert "future" in refusal(good.signed(HUB), now=AT - timedelta(hours=1))
    assert "too large" in refusal("x" * (MOST_ORDER_BYTES + 1))
    assert "another version" in refusal(replace(good, format=2).signed(HUB))
    for strange in (
        replace(good, target="../../etc/cron.d/x"),
        replace(good, run="a/b"),
        replace(good, deadline_s=float("nan")),
        replace(good, deadline_s=-1.0),
    ):
        assert "no hub writes" in refusal(strange.signed(HUB))
    naive = canonical({**encode(good), "issued_at": "2026-11-24T09:05:00"})
    assert "no zone" in refusal(HUB.envelope(naive, ORDER_TYPE).decode())
    other_type = HUB.envelope(b"{}", PAYLOAD_TYPE).decode()
    for nonsense in ("", "{}", "[" * 100_000, "\ud800", '{"payload": 1}', other_type):
        assert refusal(nonsense)


def test_only_the_workers_own_inventory_says_how_a_target_is_reached() -> None:
    own = replace(make_target("web", address="192.0.2.7"), user="here")
    info = make_check_info(probes=[make_probe()])
    plan = make_plan(
        [at_site().target], Profile("p", {}, {"host_firewall": {}}, ()), {"host_firewall": info}
    )

    may = allowed(order(plan.targets[0]), [own], {"host_firewall": info}, NOW)

    assert may.refused == ()
    assert may.plan is not None
    assert may.plan.target == own
    assert may.plan.probes == plan.targets[0].probes


@pytest.mark.parametrize(
    ("own", "why"),
    [
        (make_target("other"), "has no target of this name"),
        (replace(make_target("web"), role=Role.WORKSTATION), "another role"),
        (replace(make_target("web"), platform=Platform.MACOS), "another platform"),
    ],
)
def test_a_target_that_the_worker_does_not_know_so_is_not_touched(own: object, why: str) -> None:
    may = allowed(order(), [own], {"h": make_check_info()}, NOW)  # type: ignore[list-item]

    assert may.plan is None
    assert {each.probe for each in may.refused} == {"p", "q"}
    assert all(why in each.detail and each.mend for each in may.refused)
    assert {each.reason for each in may.refused} == {Reason.NOT_RUN}


def test_a_stolen_key_opens_no_shell() -> None:
    """Nothing is run that the worker's own checks do not hold, whatever the order names it."""
    info = make_check_info(probes=[make_probe()])
    profile = Profile("p", {}, {"host_firewall": {}}, ())
    (honest,) = make_plan([at_site().target], profile, {"host_firewall": info}).targets
    good = order(honest).probes[0]
    evil = order(
        replace(
            at_site(),
            probes=tuple(
                replace(honest.probes[0], probe=probe)
                for probe in (
                    replace(honest.probes[0].probe, text="/bin/rm -rf /"),
                    replace(honest.probes[0].probe, privilege=Privilege.NONE),
                    replace(honest.probes[0].probe, kind=ProbeKind.SCRIPT),
                    replace(honest.probes[0].probe, arguments=("x",)),
                )
            ),
        )
    ).probes
    injected = replace(good, key="x'; rm -rf /; '")
    greedy = replace(good, timeout_s=10**9, limit_bytes=10**12)

    may = allowed(
        replace(order(honest), probes=(*evil, injected, greedy)),
        [make_target("web")],
        {"host_firewall": info},
        NOW,
    )

    assert len(may.refused) == 5
    assert may.plan is not None
    assert may.plan.probes == honest.probes, "never more time or output than its own checks allow"


def test_an_order_is_begun_once(tmp_path: Path) -> None:
    signed = open_order(order().signed(HUB), [HUB.public], "noord", NOW)
    spool = Spool(tmp_path / "spool")

    assert spool.take(signed) is Taken.NEW
    assert spool.take(signed) is Taken.UNDER_WAY
    spool.finish(signed.id, b"{}")
    assert spool.unsent() == [signed.id]
    spool.sent(signed.id)
    assert spool.unsent() == []
    assert spool.take(signed) is Taken.FINISHED
    assert spool.unsent() == [signed.id], "it is handed over again"
    spool.close()
    again = Spool(tmp_path / "spool")
    assert list(again.orders()) == [(signed.id, signed.raw)]
    with pytest.raises(EvidenceError, match="another worker"):
        Spool(tmp_path / "spool")
    again.close()


def test_of_two_copies_the_one_that_is_valid_longer_is_kept(tmp_path: Path) -> None:
    long = replace(order(), expires_at=order().expires_at + timedelta(hours=1))
    copies = [open_order(each.signed(HUB), [HUB.public], "noord", NOW) for each in (order(), long)]
    spool = Spool(tmp_path)

    for signed in (*copies, copies[0]):
        spool.take(signed)

    assert list(spool.orders()) == [(copies[1].id, copies[1].raw)]
    spool.close()


def test_the_key_of_a_worker_gives_no_orders() -> None:
    assert "does not obey" in refusal(order().signed(SITE))
