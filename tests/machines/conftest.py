"""The machines of the lab, each booted once for a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lab.machine import Machine
from tests.machines.scene import token


@pytest.fixture(scope="module", params=["debian", "ubuntu"])
def machine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Machine]:
    """A machine of each distribution in turn."""
    base: str = request.param
    made = _boot(base, tmp_path_factory.mktemp(base))
    yield made
    made.close()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Machine]]:
    """Two machines: one of each distribution."""
    made: dict[str, Machine] = {}
    try:
        for base in ("debian", "ubuntu"):
            made[base] = _boot(base, tmp_path_factory.mktemp(base))
        yield made
    finally:
        for each in made.values():
            each.close()


def _boot(base: str, folder: Path) -> Machine:
    return Machine(base, folder, token())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves time for the file systems to be made, where .ci/run is still at it."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(600))
