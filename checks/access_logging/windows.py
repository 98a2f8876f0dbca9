"""Windows: the log Security, what is audited into it, and where else it goes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from assessor.api import (
    Captures,
    CimAnswer,
    NotCaptured,
    Registry,
    Told,
    UnparsedError,
    read_cim,
    read_registry,
    told,
)

from .clock import Clock
from .windows_audit import PROCESS_CREATION, SUCCESS, AuditPolicy, read_audit_policy
from .windows_log import EventLogs, mode_by_policy, read_event_logs, read_last, size_by_policy

_POLICIES = r"HKLM\SOFTWARE\Policies\Microsoft"
FORWARDING = rf"{_POLICIES}\Windows\EventLog\EventForwarding\SubscriptionManager"
_TIME = r"HKLM\SYSTEM\CurrentControlSet\Services\W32Time"
_COMMANDS = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Policies\System\Audit"
_CONTROLLER = 4
_DISABLED = 4

SHIPPERS = {
    "nxlog.exe": "NXLog",
    "winlogbeat.exe": "Winlogbeat",
    "elastic-agent.exe": "Elastic Agent",
    "wazuh-agent.exe": "Wazuh",
    "ossec-agent.exe": "OSSEC",
    "splunkd.exe": "Splunk",
    "monagentcore.exe": "Azure Monitor Agent",
    "fluent-bit.exe": "Fluent Bit",
}
"""Programs that send event logs elsewhere."""
_OTHER_TIME = frozenset({"ntpd.exe", "chronyd.exe", "vmtoolsd.exe", "vboxservice.exe"})
"""Programs that may keep the clock right in place of Windows' own service."""
_OFF_S, _WAITED_S, _RIGHT_S = 300, 900, 30


@dataclass(frozen=True, slots=True)
class WindowsLogging:
    """What was seen of the recording of log-ins.

    Attributes:
        logs: ``None`` where they were not seen; then ``logs_told`` says why.
        audit: ``None`` where it was not seen; then ``audit_gap`` or ``audit_unparsed`` says why.
        log_ins_seen: whether the last log-in was looked for with an answer.
        last_log_in: when the last log-in that succeeded was recorded; so ``last_refusal``. Each is
            ``None`` both where there is none and where it was not seen.
        sent_to: where records are sent to.
        installed: when this Windows was installed.
        settings: advice on further logging: the message's name, where it is not done.
    """

    logs: EventLogs | None
    logs_told: Told[EventLogs]
    audit: AuditPolicy | None
    audit_gap: NotCaptured | None
    audit_unparsed: str
    log_ins_seen: bool
    last_log_in: datetime | None
    last_refusal: datetime | None
    sent_to: tuple[str, ...]
    installed: datetime | None
    clock: Clock
    controller: bool
    settings: tuple[str, ...]
    gap: NotCaptured | None
    unparsed: str


def observe_windows(captures: Captures) -> WindowsLogging:
    """The facts, or in ``gap`` and ``unparsed`` why they are not all there."""
    logs = told(captures, "event_logs", read_event_logs)
    audit = told(captures, "audit_policy", read_audit_policy)
    log_ins = told(captures, "log_ins", read_last)
    refusals = told(captures, "refused_log_ins", read_last)
    policies = told(captures, "policies", read_registry)
    programs = told(captures, "programs", read_cim)
    computer = told(captures, "computer", read_cim)
    base = WindowsLogging(
        logs=logs.answer,
        logs_told=logs,
        audit=audit.answer,
        audit_gap=audit.gap,
        audit_unparsed=audit.unparsed,
        log_ins_seen=log_ins.gap is None,
        last_log_in=log_ins.answer,
        last_refusal=refusals.answer,
        sent_to=(),
        installed=None,
        clock=Clock(False, captures.clock_skew_s, None),
        controller=False,
        settings=(),
        gap=policies.gap or programs.gap,
        unparsed=policies.unparsed or programs.unparsed or log_ins.unparsed or refusals.unparsed,
    )
    if policies.answer is None or programs.answer is None:
        return base
    try:
        return _with_settings(base, captures, policies.answer, programs.answer, computer.answer)
    except UnparsedError as error:
        return replace(base, unparsed=str(error))


def _with_settings(
    base: WindowsLogging,
    captures: Captures,
    policies: Registry,
    programs: CimAnswer,
    computer: CimAnswer | None,
) -> WindowsLogging:
    running = frozenset(row.text("Name").lower() for row in programs.rows)
    if not running:
        raise UnparsedError("Win32_Process")
    logs = base.logs
    if logs is not None:
        logs = replace(
            logs,
            mode=mode_by_policy(policies, logs.mode),
            max_bytes=size_by_policy(policies, logs.max_bytes),
        )
    member, role = _membership(computer)
    return replace(
        base,
        logs=logs,
        sent_to=_sent_to(policies, running),
        installed=_installed(policies),
        clock=_clock(captures, policies, running, logs, member),
        controller=role is not None and role >= _CONTROLLER,
        settings=_not_logged(policies, base.audit),
    )


def _membership(computer: CimAnswer | None) -> tuple[bool | None, int | None]:
    if computer is None or len(computer.rows) != 1:
        return None, None
    row = computer.rows[0]
    return row.boolean("PartOfDomain"), row.integer("DomainRole")


def _sent_to(policies: Registry, running: frozenset[str]) -> tuple[str, ...]:
    found = [name for program, name in SHIPPERS.items() if program in running]
    key = policies.key(FORWARDING)
    for name in key.names if key is not None else ():
        # Such as Server=http://wec.example.nl:5985/wsman/SubscriptionManager/WEC,Refresh=60
        address = policies.text(FORWARDING, name) or ""
        server = re.search(r"\bServer=https?://([^:/,\s]+)", address, re.IGNORECASE)
        if server is not None:
            found.append(server[1])
    return tuple(dict.fromkeys(found))


def _installed(policies: Registry) -> datetime | None:
    seconds = policies.number(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion", "InstallDate")
    return None if not seconds else datetime.fromtimestamp(seconds, UTC)


def _not_logged(policies: Registry, audit: AuditPolicy | None) -> tuple[str, ...]:
    found = []
    powershell = rf"{_POLICIES}\Windows\PowerShell"
    if not any(
        policies.number(rf"{powershell}\{part}", name)
        for part, name in (
            ("ScriptBlockLogging", "EnableScriptBlockLogging"),
            ("ModuleLogging", "EnableModuleLogging"),
            ("Transcription", "EnableTranscripting"),
        )
    ):
        found.append("powershell_not_logged")
    processes = None if audit is None else audit.settings.get(PROCESS_CREATION)
    asked = policies.number(_COMMANDS, "ProcessCreationIncludeCmdLine_Enabled")
    if processes is not None and not (processes & SUCCESS and asked):
        found.append("commands_not_logged")
    # Without the value Windows Vista and later let the subcategories go first.
    lsa = r"HKLM\SYSTEM\CurrentControlSet\Control\Lsa"
    if policies.number(lsa, "SCENoApplyLegacyAuditPolicy") == 0:
        found.append("legacy_audit_policy")
    return tuple(found)


def _clock(
    captures: Captures,
    policies: Registry,
    running: frozenset[str],
    logs: EventLogs | None,
    member: bool | None,
) -> Clock:
    measured = captures.clock_skew_s
    waited = abs((logs.now - captures.at).total_seconds()) if logs is not None else 0.0
    off = waited > _WAITED_S or abs(measured or 0.0) > _OFF_S
    return Clock(off, measured, _synchronised(policies, running, member, measured))


def _synchronised(
    policies: Registry, running: frozenset[str], member: bool | None, measured: float | None
) -> bool | None:
    """Whether the clock is kept right.

    ``w32tm`` answers in the language of the Windows, and when it last had the time stands nowhere
    else in a form that Microsoft documents. So it counts as kept right where Windows is set to keep
    it so and it is right as measured.
    """
    if running & _OTHER_TIME:
        return None
    by_policy = rf"{_POLICIES}\W32Time"
    kind = policies.text(rf"{by_policy}\Parameters", "Type")
    kind = kind or policies.text(rf"{_TIME}\Parameters", "Type")
    client = policies.number(rf"{by_policy}\TimeProviders\NtpClient", "Enabled")
    if client is None:
        client = policies.number(rf"{_TIME}\TimeProviders\NtpClient", "Enabled")
    stopped = policies.number(_TIME, "Start") == _DISABLED
    # NT5DS is the hierarchy of a domain, which a computer outside a domain has not.
    alone = member is False and kind == "NT5DS"
    if stopped or client == 0 or alone or kind == "NoSync":
        guest = policies.number(rf"{_TIME}\TimeProviders\VMICTimeProvider", "Enabled")
        # The service takes the time of a host of Hyper-V even where it asks nobody else.
        return None if guest and not stopped else False
    set_right = kind in ("NTP", "NT5DS", "AllSync")
    return True if set_right and measured is not None and abs(measured) <= _RIGHT_S else None
