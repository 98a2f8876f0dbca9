"""What a DSM is asked.

The methods and their parameters are those of DSM's own web interface, as public clients use them
(github.com/ychiu1211/dsmctl, read against DSM 7.3; github.com/N4S4/synology-api, DSM 6 and 7).
"""

from __future__ import annotations

from enum import StrEnum


class Ask(StrEnum):
    """Commands whose output is text."""

    VERSION = "cat /etc.defaults/VERSION"
    NAME = "hostname"
    ZONE = "date +%z"
    SETTINGS = (
        "grep -E '^(upnpmodelname|otp_enforce_option|dsm_autoupdate_type)=' /etc/synoinfo.conf"
    )
    MOUNTS = "cat /proc/mounts"
    MAPPER = "ls /dev/mapper"
    RAIDS = "cat /proc/mdstat"
    PACKAGES = "ls /var/packages"
    USERS = "cat /etc/passwd"
    ADMINISTRATORS = "grep '^administrators:' /etc/group"
    NAMES = "grep '^passwd:' /etc/nsswitch.conf"
    SHADOW = "sudo -n cat /etc/shadow"
    ADAPTERS = "ls /sys/class/net"
    FIREWALL = "sudo -n sh -c 'cat /usr/syno/etc/firewall.d/*.json'"


class Api(StrEnum):
    """Methods of DSM's web interface, by name and method."""

    TERMINAL = "SYNO.Core.Terminal get"
    WEB = "SYNO.Core.Web.DSM get"
    SMB = "SYNO.Core.FileServ.SMB get"
    FTP = "SYNO.Core.FileServ.FTP get"
    SFTP = "SYNO.Core.FileServ.FTP.SFTP get"
    SNMP = "SYNO.Core.SNMP get"
    QUICK_CONNECT = "SYNO.Core.QuickConnect get"
    QUICK_CONNECT_SERVICES = "SYNO.Core.QuickConnect.Permission get"
    PORT_FORWARDS = "SYNO.Core.PortForwarding.Rules load"
    FIREWALL = "SYNO.Core.Security.Firewall get"
    USERS = "SYNO.Core.User list"
    PASSWORDS = "SYNO.Core.User.PasswordPolicy get"
    SECOND_FACTOR = "SYNO.Core.OTP.EnforcePolicy get"
    ADAPTIVE = "SYNO.SecureSignIn.AMFA.Policy get"
    LOCKOUT = "SYNO.Core.Security.AutoBlock get"
    TIME = "SYNO.Core.Region.NTP get"
    UPDATES = "SYNO.Core.Upgrade.Setting get"
    CONFIG_BACKUP = "SYNO.Backup.Config.AutoBackup get"
    STORAGE = "SYNO.Storage.CGI.Storage load_info"
    SHARES = "SYNO.Core.Share list"
    BACKUPS = "SYNO.Backup.Task list"
    SYSTEM = "SYNO.Core.System info"
    """Not asked: exports of monitoring tools have it."""


_BACKUP_FIELDS = '["last_bkp_result","last_bkp_time","last_bkp_end_time","last_bkp_success_time"]'
# By method, the version that is asked for, and its parameters.
_METHODS: dict[Api, tuple[int, str]] = {
    Api.TERMINAL: (3, ""),
    # Version 2 leaves enable_https out.
    Api.WEB: (1, ""),
    Api.SMB: (3, ""),
    Api.FTP: (3, ""),
    Api.SFTP: (1, ""),
    Api.SNMP: (1, ""),
    Api.QUICK_CONNECT: (2, ""),
    Api.QUICK_CONNECT_SERVICES: (1, ""),
    Api.PORT_FORWARDS: (1, ""),
    Api.FIREWALL: (1, ""),
    Api.USERS: (1, """type='"local"' offset=0 limit=-1 additional='["expired","2fa_status"]'"""),
    Api.PASSWORDS: (1, ""),
    Api.SECOND_FACTOR: (1, ""),
    Api.ADAPTIVE: (1, ""),
    Api.LOCKOUT: (1, ""),
    Api.TIME: (2, ""),
    Api.UPDATES: (2, ""),
    Api.CONFIG_BACKUP: (1, ""),
    Api.STORAGE: (1, ""),
    Api.SHARES: (1, """shareType='"all"' additional='["encryption"]'"""),
    Api.BACKUPS: (1, f"additional='{_BACKUP_FIELDS}'"),
}


def question(api: Api) -> str:
    """The command that asks ``api``."""
    name, method = api.value.split(" ")
    version, more = _METHODS[api]
    return (
        f"sudo -n /usr/syno/bin/synowebapi --exec api={name} method={method} version={version}"
        f" {more}"
    ).rstrip()


ASKED = tuple(_METHODS)
QUESTIONS = (*(ask.value for ask in Ask), *(question(api) for api in ASKED))
