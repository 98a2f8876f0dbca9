"""What a QTS is asked.

Only named sections of ``uLinux.conf`` are asked for: others hold the passwords of mail and
directory servers.
"""

from __future__ import annotations

from enum import StrEnum


class Ask(StrEnum):
    """Commands."""

    SETTINGS = (
        r"awk '/^\[/{s=$0} s~/^\[(System|Stunnel|LOGIN|FTP|SNMP|NTP)\]/' /etc/config/uLinux.conf"
    )
    DEFAULTS = r"awk '/^\[/{s=$0} s~/^\[System\]/' /etc/default_config/uLinux.conf"
    VOLUMES = "cat /etc/volume.conf"
    RAIDS = "cat /proc/mdstat"
    PACKAGES = "cat /etc/config/qpkg.conf"
    UPNP = "/sbin/getcfg UPnP_Global Enable -f /etc/config/upnpc.conf -d FALSE"
    CLOUD = "/sbin/getcfg 'QNAP ID Service' STATUS -f /etc/config/qid.conf -d 0"
    SNMP = "grep -E '^[[:space:]]*(ro|rw)(community|user)6?[[:space:]]' /etc/config/snmpd.conf"
    USERS = "cat /etc/passwd"
    ADMINISTRATORS = "grep '^administrators:' /etc/group"
    NAMES = "grep '^passwd:' /etc/nsswitch.conf"
    SHADOW = "cat /etc/shadow 2>/dev/null || sudo -n cat /etc/shadow"


QUESTIONS = tuple(ask.value for ask in Ask)
