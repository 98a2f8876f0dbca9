"""A resolver in between that changes what comes by, as some routers do.

::

    with dns_proxy("127.64.4.61", "127.64.4.53", without_dnssec):
        ...                                  # port 53 of the first address
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.exception
import dns.message
import dns.query
import dns.rdatatype

_SIGNING = frozenset(
    {dns.rdatatype.RRSIG, dns.rdatatype.NSEC, dns.rdatatype.NSEC3, dns.rdatatype.DS}
)

Change = Callable[[dns.message.Message], None]


def without_dnssec(answer: dns.message.Message) -> None:
    """Leaves out all that DNSSEC is made of but the keys."""
    for section in (answer.answer, answer.authority):
        section[:] = [rrset for rrset in section if rrset.rdtype not in _SIGNING]


@contextmanager
def dns_proxy(address: str, resolver: str, change: Change) -> Iterator[list[bytes]]:
    """Answers on ``address`` with what ``resolver`` says after ``change``; gives what was asked."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((address, 53))

        def serve() -> None:
            while True:
                wire, visitor = server.recvfrom(65_535)
                if not wire:
                    return
                asked.append(wire)
                try:
                    query = dns.message.from_wire(wire)
                    answer = dns.query.tcp(query, resolver, timeout=20)
                    change(answer)
                    server.sendto(answer.to_wire(max_size=65_535), visitor)
                except (dns.exception.DNSException, OSError):
                    continue  # as a router does that is lost

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield asked
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ending:
                ending.sendto(b"", (address, 53))
            thread.join()
