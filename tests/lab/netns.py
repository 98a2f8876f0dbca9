"""A network namespace that the test machine reaches at one address only."""

from __future__ import annotations

import contextlib
import ipaddress

from tests.lab.accounts import machine_lock, run

# RFC 2544 sets these addresses apart for tests of network devices: nobody's own network.
_POOL = ipaddress.IPv4Network("198.18.0.0/15")


class Namespace:
    """A namespace joined to the machine by one cable (a veth pair).

    What listens on a loopback address inside is reached from inside only.

    Attributes:
        name: the namespace's name for ``ip netns exec``.
        address: the namespace's end of the cable.
        near: the machine's own end.
    """

    def __init__(self, token: str) -> None:
        self.name = f"assesslab-{token}"
        outside, inside = f"al{token}o", f"al{token}i"
        run("ip", "netns", "add", self.name)
        run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside)
        run("ip", "link", "set", inside, "netns", self.name)
        with machine_lock():
            near, far = _free_pair(int(token, 16))
            run("ip", "address", "add", f"{near}/30", "dev", outside)
        run("ip", "link", "set", outside, "up")
        run("ip", "-n", self.name, "address", "add", f"{far}/30", "dev", inside)
        run("ip", "-n", self.name, "link", "set", inside, "up")
        run("ip", "-n", self.name, "link", "set", "lo", "up")
        self.address = str(far)
        self.near = str(near)
        self._inside = inside

    def cut(self) -> None:
        """Pulls the cable out: nobody is told, packets just do not arrive any more."""
        run("ip", "-n", self.name, "link", "set", self._inside, "down")

    def mend(self) -> None:
        """Puts the cable back in."""
        run("ip", "-n", self.name, "link", "set", self._inside, "up")

    def close(self) -> None:
        """Removes the namespace, and the cable with it."""
        with contextlib.suppress(RuntimeError):
            run("ip", "netns", "delete", self.name)


def _free_pair(start: int) -> tuple[ipaddress.IPv4Address, ipaddress.IPv4Address]:
    taken = run("ip", "-o", "-4", "address", "show")
    networks = list(_POOL.subnets(new_prefix=30))
    for offset in range(len(networks)):
        near, far, *_ = networks[(start + offset) % len(networks)].hosts()
        if f" {near}/" not in taken:
            return near, far
    raise RuntimeError(f"no free network in {_POOL}")
