"""Are the wireless networks that this machine joins secured?"""

from __future__ import annotations

from assessor.api import Captures, Check, Judgement, Parameters, nothing_told

from .judge import MEASURE, Seen, judge_networks
from .windows import Windows, in_use, observe_windows


def observe(captures: Captures) -> Windows:
    """Reads the probes of the target."""
    return observe_windows(captures)


def evaluate(seen: Windows, parameters: Parameters) -> list[Judgement]:
    """The one judgement."""
    networks = seen.networks.answer
    if networks is None:
        return [nothing_told(MEASURE, seen.networks)]
    if seen.by_policy.answer is None:
        # There may be more networks than these, and what was not seen must not be left out.
        return [nothing_told(MEASURE, seen.by_policy)]
    adapters = seen.adapters.answer
    told = Seen(
        networks=networks,
        in_use=in_use(seen, networks),
        adapter=None if adapters is None else bool(adapters),
        more=seen.by_policy.answer,
    )
    return [judge_networks(told, parameters.texts("own_networks"))]


CHECK = Check(observe=observe, evaluate=evaluate)
