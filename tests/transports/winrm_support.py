"""What the tests of WinRM share: targets of the lab's server, and one run over them."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from assessor.collect.runner import Transports, collect
from assessor.collect.transports.base import ShellTransport
from assessor.collect.transports.winrm import WinrmLimits, WinrmTransport
from assessor.model.capture import Capture, Captured, NotCaptured
from assessor.model.check import Probe, ProbeKind
from assessor.model.limits import Limits
from assessor.model.plan import Plan, PlannedProbe, TargetPlan
from assessor.model.target import (
    Platform,
    Role,
    SecretPurpose,
    SecretSource,
    Target,
    TransportKind,
    Winrm,
    WinrmLogin,
)
from tests.lab.pki import Pki
from tests.lab.wsman import PASSWORD, USER, Windows

NAME = "localhost"
LIMITS = WinrmLimits(connect_s=5, step_s=20, receive_s=2)


def script(key: str, text: str = "", **more: object) -> PlannedProbe:
    return PlannedProbe(key, Probe(key, ProbeKind.SCRIPT, text or f"'{key}'", **more))  # type: ignore[arg-type]


def windows_target(
    windows: Windows | int,
    pki: Pki | None,
    *,
    login: WinrmLogin = WinrmLogin.NTLM,
    user: str | None = USER,
    address: str = NAME,
    over_http: bool = False,
    certificate: tuple[str, str] = ("", ""),
) -> Target:
    """The lab's server as a target; ``pki`` is whom it trusts."""
    return Target(
        "win01",
        Role.WORKSTATION,
        TransportKind.WINRM,
        Platform.WINDOWS,
        address,
        windows if isinstance(windows, int) else windows.port,
        user,
        secrets=MappingProxyType({SecretPurpose.PASSWORD: SecretSource("ask")}),
        winrm=Winrm(
            login,
            str(pki.root_file) if pki else "",
            *certificate,
            over_http=over_http,
        ),
    )


@dataclass
class Outcome:
    """All that a run needs, played, and what it was told."""

    password: str = PASSWORD
    passphrase: str | None = None
    kept: dict[str, Capture] = field(default_factory=dict)
    gap: NotCaptured | None = None
    skew: float | None = None
    ended: bool = False
    seconds: float = 0.0

    def get(self, target: Target, purpose: SecretPurpose) -> str | None:
        return self.passphrase if purpose is SecretPurpose.KEY_PASSPHRASE else self.password

    def answer(self, target: Target, probe: PlannedProbe, deadline: object) -> str:
        raise AssertionError("nothing is asked from outside")

    def journal(self, target: str, at: datetime) -> Outcome:
        return self

    def keep(self, *captures: Capture) -> None:
        for capture in captures:
            assert capture.probe not in self.kept
            self.kept[capture.probe] = capture

    def end(self, *, clock_skew_s: float | None, gap: NotCaptured | None) -> None:
        self.gap, self.skew, self.ended = gap, clock_skew_s, True

    def text(self, key: str) -> str:
        """What a probe answered, whole."""
        capture = self.kept[key]
        assert isinstance(capture, Captured), capture
        assert capture.whole
        return capture.stdout

    def missing(self, key: str) -> NotCaptured:
        """Why a probe has no answer."""
        capture = self.kept[key]
        assert isinstance(capture, NotCaptured), capture
        return capture

    def why(self) -> NotCaptured:
        """The one reason why nothing was answered at all; it says what to do."""
        assert self.gap is not None
        assert self.gap.mend
        assert {type(each) for each in self.kept.values()} == {NotCaptured}
        return self.gap


class _Quiet:
    """Progress that nobody watches."""

    def begun(self, plan: TargetPlan) -> None: ...

    def answered(self, plan: TargetPlan, capture: Capture) -> None: ...

    def ended(self, plan: TargetPlan, gap: NotCaptured | None) -> None: ...


def asked(
    target: Target,
    *probes: PlannedProbe,
    seconds: float = 30,
    password: str = PASSWORD,
    passphrase: str | None = None,
    abandoned: threading.Event | None = None,
    limits: WinrmLimits = LIMITS,
    shells: Mapping[TransportKind, ShellTransport] | None = None,
    retries: int = 0,
) -> Outcome:
    """Asks a target its probes through the engine's own runner."""
    outcome = Outcome(password, passphrase)
    event = abandoned or threading.Event()
    reached = {TransportKind.WINRM: WinrmTransport(outcome, event, limits=limits)}
    began = time.monotonic()
    collect(
        Plan((TargetPlan(target, probes, ()),)),
        Transports(shells or reached, outcome, outcome),
        outcome,
        _Quiet(),
        event,
        Limits(deadline_s=seconds, retries=retries),
    )
    outcome.seconds = time.monotonic() - began
    return outcome
