"""The sandbox of a scheduled run under systemd: which walls, and why not more: pure.

What stays open, on purpose: the network (any address: that is where the targets are), reading all
files that the user may read (keys, ``known_hosts``, settings), and writing in the assessment
folder.
"""

from __future__ import annotations

from collections.abc import Iterable

from assessor.history.schedule.job import Job, Sandbox, Scope

# Works without any privilege too: in a user's own systemd these are all there is. Those that need
# a mount namespace fail there wherever users may not make one (Ubuntu since 24.04).
_UNPRIVILEGED = (
    "NoNewPrivileges=yes",
    "LockPersonality=yes",
    # AF_NETLINK: the resolver asks which families of addresses this machine has.
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "SystemCallArchitectures=native",
    "SystemCallErrorNumber=EPERM",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged @resources",
)
_WRITES_CODE = "MemoryDenyWriteExecute=yes"
_PRIVILEGED = (
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
    "DevicePolicy=closed",
    "PrivateDevices=yes",
    "PrivateIPC=yes",
    "ProcSubset=pid",
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHome=read-only",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectProc=invisible",
    "ProtectSystem=strict",
    "RemoveIPC=yes",
)
_TEMPORARY = ("/tmp", "/var/tmp")  # noqa: S108 - where a private /tmp would hide a file


def directives(job: Job) -> Iterable[str]:
    """The lines of ``[Service]`` that wall the run in."""
    yield "UMask=0077"
    if job.sandbox is Sandbox.NONE:
        yield "# This machine is a target itself: walls would be seen as its own settings."
        return
    yield from _UNPRIVILEGED
    if not job.jit:
        yield _WRITES_CODE
    if job.scope is Scope.USER:
        return
    yield from _PRIVILEGED
    paths = (job.folder, *job.programme, job.environment_file)
    if not any(path.startswith(tuple(f"{place}/" for place in _TEMPORARY)) for path in paths):
        yield "PrivateTmp=yes"
    yield f'ReadWritePaths="{job.folder.replace("%", "%%")}"'
