"""``assess run --all``: how many targets at once, over all clients together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assessor.cli.run_all import divided


@given(jobs=st.integers(1, 500), side_by_side=st.integers(1, 64))
def test_the_jobs_of_all_clients_together_are_never_more(jobs: int, side_by_side: int) -> None:
    clients, share = divided(jobs, side_by_side)
    assert 1 <= clients <= side_by_side
    assert share >= 1
    assert clients * share <= jobs
    assert clients == side_by_side or share == 1, "a client waits only where there are too few jobs"
