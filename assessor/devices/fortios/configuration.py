"""The parts of a FortiOS configuration: the whole device, and each of its virtual domains."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assessor.devices.fortios.grammar import Block

ZERO = "0.0.0.0"  # noqa: S104 - how FortiOS writes "any" and "none", no address to listen on
ZERO6 = "::/0"
ANY_HOST = (ZERO, ZERO6)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A configuration.

    Attributes:
        whole: what holds for the whole device.
        domains: each virtual domain by its name; without domains, the whole device as ``""``.
        version: the numbers of the version; empty where it is not told.
    """

    whole: Block
    domains: dict[str, Block]
    version: tuple[int, ...] = ()

    def table(self, name: str) -> Block | None:
        """A table of the whole device; ``None`` where the export has none."""
        return self.whole.parts.get(name)

    def tables(self, name: str) -> Iterator[tuple[str, Block]]:
        """A table of each domain that has it, and the domain's name."""
        for domain, block in self.domains.items():
            if name in block.parts:
                yield domain, block.parts[name]

    def parts(self) -> Iterator[Block]:
        """Everything, each part once."""
        yield self.whole
        yield from (block for block in self.domains.values() if block is not self.whole)


def configuration(tree: Block, version: str) -> Configuration:
    """The parts of ``tree``."""
    numbers = tuple(int(digits[:6]) for digits in re.findall(r"\d+", version)[:3])
    if "vdom" not in tree.parts and "global" not in tree.parts:
        return Configuration(tree, {"": tree}, numbers)
    whole = tree.parts.get("global", Block("global"))
    for line in tree.strange:
        whole.strange.append(line)
    for name, part in tree.parts.items():
        if name not in {"vdom", "global"}:
            whole.parts.setdefault(name, part)
    return Configuration(whole, dict(tree.part("vdom").entries), numbers)
