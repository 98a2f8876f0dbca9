"""Is inbound traffic closed by default?"""

from __future__ import annotations

from assessor.api import Captures, Check, Judgement, Parameters, Platform

from .linux import judge_linux
from .macos import Mac, judge_mac, observe_mac
from .sources import Observed, observe_linux
from .windows import judge_windows
from .windows_facts import Windows, observe_windows


def observe(captures: Captures) -> Observed | Mac | Windows:
    """Reads the probes of the target's platform."""
    if captures.target.platform is Platform.WINDOWS:
        return observe_windows(captures)
    if captures.target.platform is Platform.MACOS:
        return observe_mac(captures)
    return observe_linux(captures)


def evaluate(observed: Observed | Mac | Windows, parameters: Parameters) -> list[Judgement]:
    """The one judgement."""
    if isinstance(observed, Windows):
        return [judge_windows(observed)]
    if isinstance(observed, Mac):
        return [judge_mac(observed)]
    return judge_linux(observed)


CHECK = Check(observe=observe, evaluate=evaluate)
