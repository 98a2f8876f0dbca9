"""Where pfSense sends its log (``<syslog>``)."""

from __future__ import annotations

from assessor.devices.device import Logging, Topic
from assessor.devices.pfsense.grammar import Element, Unread, check, child, children, flag, text
from assessor.devices.pfsense.names import SYSLOG


def read_logging(root: Element, unread: Unread) -> Logging:
    """Other machines that get the events of the system itself, log-ins among them.

    Over UDP alone, so never encrypted; the package syslog-ng could, and is not read.
    """
    syslog = child(root, "syslog")
    check(syslog, (SYSLOG,), unread, Topic.LOGGING)
    for holder in children(root, "installedpackages"):
        for each in holder:
            if str(each.tag).startswith("syslogng") and text(each):
                unread.add(f"<installedpackages> <{each.tag}>", Topic.LOGGING)
    remote = [
        said for name in ("remoteserver", "remoteserver2", "remoteserver3")
        if (said := text(syslog, name))
    ]  # fmt: skip
    whole = flag(syslog, "logall") or flag(syslog, "system")
    sent = flag(syslog, "enable") and whole
    return Logging(remote=tuple(remote) if sent else (), encrypted=False if sent else None)
