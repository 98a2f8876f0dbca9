"""What travels: orders to a worker, and journals back. Data only, signed, and of limited size.

An order names what to ask by the digest of each probe. The text of a probe never travels: a worker
asks only what its own checks hold, so that a stolen key of a hub opens no shell at a site.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from assessor.errors import EvidenceError
from assessor.evidence.codec import decode, encode
from assessor.evidence.signing import PublicKey, SigningKey, canonical, opened
from assessor.model.check import Probe
from assessor.model.plan import PlannedProbe, TargetPlan
from assessor.model.target import DeviceOs, Platform, Role, TransportKind

ORDER_TYPE = "application/vnd.assess.order+json"
FORMAT = 1
MOST_MESSAGE_BYTES = 2 * 1024 * 1024
"""A message's body. What is larger is refused before it is parsed."""
MOST_ORDER_BYTES = 512 * 1024
MOST_ENVELOPE_BYTES = 64 * 1024
PART_BYTES = 1024 * 1024
"""Of a compressed journal, in one message: in base64 it fits in the limit above."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
"""Of a run and of a target: both name files and queues."""
CLOCKS_APART = timedelta(minutes=15)
"""How far the clocks of a hub and a worker may differ."""


class RefusedError(Exception):
    """A message that is not obeyed; the reason names nothing of its content."""


@dataclass(frozen=True, slots=True)
class OrderedProbe:
    """A question that the worker is to put.

    Attributes:
        key: names it in the journal.
        sha256: of all that decides what is asked (see :func:`probe_digest`).
        timeout_s: seconds after which it is stopped.
        limit_bytes: bytes of output after which it is cut.
    """

    key: str
    sha256: str
    timeout_s: int
    limit_bytes: int


@dataclass(frozen=True, slots=True)
class Order:
    """What one target is to be asked, in one run.

    It says nothing of how the target is reached or entered: the worker's own inventory does.

    Attributes:
        deadline_s: seconds that the target may take, connecting included.
        expires_at: when nobody waits for the answer any more.
    """

    run: str
    site: str
    target: str
    role: Role
    platform: Platform
    transport: TransportKind
    device: DeviceOs | None
    probes: tuple[OrderedProbe, ...]
    deadline_s: float
    issued_at: datetime
    expires_at: datetime
    format: int = FORMAT

    def signed(self, key: SigningKey) -> str:
        """The envelope in which it travels."""
        return key.envelope(canonical(encode(self)), ORDER_TYPE).decode("ascii")


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """An order whose signature is good.

    Attributes:
        raw: the envelope.
        id: the same for every copy of the order, and for no other: an order runs once.
    """

    order: Order
    raw: str
    id: str


def make_order(
    plan: TargetPlan, run: str, *, deadline_s: float, issued_at: datetime, valid: timedelta
) -> Order:
    """The order for what ``plan`` asks of a target."""
    target = plan.target
    return Order(
        run=run,
        site=target.site,
        target=target.name,
        role=target.role,
        platform=target.platform,
        transport=target.transport,
        device=target.device,
        probes=tuple(
            OrderedProbe(
                each.key, probe_digest(each.probe), each.probe.timeout_s, each.probe.limit_bytes
            )
            for each in plan.probes
        ),
        deadline_s=deadline_s,
        issued_at=issued_at,
        expires_at=issued_at + valid,
    )


def probe_digest(probe: Probe) -> str:
    """SHA-256 (hex) of what is asked, to the letter, and with which rights."""
    asked = canonical([probe.kind.value, probe.privilege.value, probe.text, *probe.arguments])
    return hashlib.sha256(asked).hexdigest()


def order_id(hub: PublicKey, run: str, target: str) -> str:
    """Names the order of ``target`` in ``run``, by whom it was given."""
    return hashlib.sha256(canonical([hub.name, run, target])).hexdigest()[:32]


def open_order(raw: str, hubs: Sequence[PublicKey], site: str, now: datetime) -> SignedOrder:
    """Opens an order.

    Args:
        raw: the envelope.
        hubs: whose orders are obeyed.
        site: for which an order must be.
        now: by this machine's clock.

    Raises:
        RefusedError: it is damaged, altered, foreign, for another site, expired or from the future.
    """
    if len(raw) > MOST_ORDER_BYTES:
        raise RefusedError("it is too large")
    try:
        held = opened(raw.encode("ascii", "replace"), hubs, ORDER_TYPE)
        hub = next((key for key in hubs if held.claimed == (key.name,)), None)
        if hub is None or not held.signed_by:
            raise RefusedError("it is signed by a key that this worker does not obey")
        order = decode(Order, json.loads(held.payload))
    except (EvidenceError, ValueError, RecursionError):
        raise RefusedError("it is damaged, altered or no order") from None
    if order.format != FORMAT:
        raise RefusedError("it is of another version of assess")
    if order.site != site:
        raise RefusedError("it is for another site")
    if not (_NAME.match(order.run) and _NAME.match(order.target) and order.deadline_s > 0):
        raise RefusedError("it holds what no hub writes")
    if any(moment.tzinfo is None for moment in (order.issued_at, order.expires_at)):
        raise RefusedError("its times have no zone")
    if now > order.expires_at + CLOCKS_APART:
        raise RefusedError("it has expired")
    if now < order.issued_at - CLOCKS_APART:
        raise RefusedError("it is from the future; compare the clocks of both machines")
    return SignedOrder(order, raw, order_id(hub, order.run, order.target))


def compressed_parts(journal: bytes) -> tuple[bytes, ...]:
    """A journal as it travels: compressed, in pieces that a message holds."""
    packed = zlib.compress(journal)
    return tuple(packed[at : at + PART_BYTES] for at in range(0, len(packed), PART_BYTES))


def decompressed(parts: Iterable[bytes], most: int) -> bytes:
    """The journal again, of at most ``most`` bytes.

    Raises:
        RefusedError: it is larger, or not whole.
    """
    unpacker = zlib.decompressobj()
    try:
        journal = unpacker.decompress(b"".join(parts), most + 1)
    except zlib.error:
        raise RefusedError("it is damaged") from None
    if len(journal) > most:
        raise RefusedError("it is larger than all that was asked can be")
    if not unpacker.eof or unpacker.unused_data:
        raise RefusedError("it is damaged")
    return journal


def most_journal_bytes(probes: Iterable[PlannedProbe]) -> int:
    """How large a journal can be that answers ``probes``, asked twice because of an interruption.

    JSON writes a control character as six; error output is at most 8 KiB.
    """
    return 2 * sum(6 * (each.probe.limit_bytes + 8192) + 4096 for each in probes) + 16_384


@dataclass(frozen=True, slots=True)
class Part:
    """One message with a piece of a journal.

    Attributes:
        envelope: the worker's word for the whole.
        number: counted from 0.
    """

    envelope: bytes
    number: int
    data: bytes


def part_messages(envelope: bytes, parts: Sequence[bytes]) -> Iterator[dict[str, object]]:
    """The messages that carry a journal."""
    for number, data in enumerate(parts):
        yield {
            "format": FORMAT,
            "envelope": envelope.decode("ascii"),
            "number": number,
            "data": base64.b64encode(data).decode("ascii"),
        }


def read_part(body: Any) -> Part:
    """A message with a piece of a journal; raises ``RefusedError`` for anything else."""
    match body:
        case {"format": 1, "envelope": str(envelope), "number": int(number), "data": str(data)}:
            pass
        case _:
            raise RefusedError("it is no part of a journal")
    if len(envelope) > MOST_ENVELOPE_BYTES:
        raise RefusedError("it is too large")
    try:
        return Part(envelope.encode("ascii"), number, base64.b64decode(data, validate=True))
    except (UnicodeEncodeError, binascii.Error, ValueError):
        raise RefusedError("it is damaged") from None
