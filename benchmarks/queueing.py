"""Events in time, and stations where work waits for a server: what a simulation of queues needs.

Times are in seconds from the beginning of the simulation.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable

Action = Callable[[], None]


class Clock:
    """Lets things happen in the order of their times; at one time, in the order they were told."""

    def __init__(self) -> None:
        self.now = 0.0
        self._events: list[tuple[float, int, Action]] = []
        self._told = 0

    def at(self, when: float, action: Action) -> None:
        """Something will happen then; what is already past happens now."""
        self._told += 1
        heapq.heappush(self._events, (max(when, self.now), self._told, action))

    def run(self) -> None:
        """Goes on until nothing is left to happen."""
        events, pop = self._events, heapq.heappop
        while events:
            self.now, _, action = pop(events)
            action()


class Station:
    """So many equal servers with one queue before them: first come, first served.

    Attributes:
        busy_s: seconds of service given, of all servers together.
        waited_s: seconds that all work together has waited.
        served: pieces of work that began.
        longest: the most that ever waited at once.
    """

    def __init__(self, clock: Clock, servers: int) -> None:
        self._clock, self._free = clock, servers
        self._queue: deque[tuple[float, float, Action]] = deque()
        self.busy_s = self.waited_s = 0.0
        self.served = self.longest = 0

    def take(self, service_s: float, done: Action) -> None:
        """Work that a server needs so long for; ``done`` happens at its end."""
        if self._free:
            self._free -= 1
            self._begin(service_s, done)
        else:
            self._queue.append((self._clock.now, service_s, done))
            self.longest = max(self.longest, len(self._queue))

    def _begin(self, service_s: float, done: Action) -> None:
        self.served += 1
        self.busy_s += service_s

        def end() -> None:
            if self._queue:
                since, next_s, next_done = self._queue.popleft()
                self.waited_s += self._clock.now - since
                self._begin(next_s, next_done)
            else:
                self._free += 1
            done()

        self._clock.at(self._clock.now + service_s, end)
