"""What must hold for a target that runs Windows, or is reached over WinRM."""

from __future__ import annotations

from assessor.inputs.problems import Problems
from assessor.model.target import (
    Platform,
    SecretPurpose,
    Target,
    TransportKind,
    WinrmLogin,
)
from assessor.yamlfile import Located


def check_windows(target: Target, located: Located, field: str, problems: Problems) -> None:
    """Notes in ``problems`` what is wrong with ``target``, which stands at ``located``."""

    def wrong(name: str, problem: str, mend: str) -> None:
        problems.add(problem, located, field=f"{field}.{name}", mend=mend)

    windows = target.platform is Platform.WINDOWS
    if windows and target.transport is TransportKind.LOCAL:
        wrong(
            "platform",
            "this machine itself does not run Windows",
            "reach the Windows machine over transport: winrm or ssh",
        )
    if target.transport is not TransportKind.WINRM:
        return
    if not windows:
        wrong(
            "platform",
            f"only Windows is reached over winrm, not {target.platform}",
            "write platform: windows, or transport: ssh",
        )
    if target.jump:
        wrong(
            "jump",
            "winrm goes through no jump host",
            "write jump: [] where it is reached directly, else transport: ssh (OpenSSH on Windows)",
        )
    login = target.winrm.login
    if target.winrm.over_http and not login.seals:
        wrong(
            "winrm",
            f"log-in by {login} is never used without TLS",
            "leave encryption out, or write login: ntlm or login: kerberos",
        )
    if login in {WinrmLogin.NTLM, WinrmLogin.BASIC}:
        if not target.user:
            wrong("user", "is missing", r"write DOMAIN\name, name@domain, or a local account")
        if SecretPurpose.PASSWORD not in target.secrets:
            wrong(
                "secrets",
                f"log-in by {login} needs a password",
                "write secrets: {password: ask}, or where it comes from",
            )
    if login is WinrmLogin.CERTIFICATE and not (
        target.winrm.certificate_file and target.winrm.key_file
    ):
        wrong(
            "winrm",
            "log-in by certificate needs certificate_file and key_file",
            "write both under winrm:, as paths of PEM files",
        )
