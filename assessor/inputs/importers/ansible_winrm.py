"""How Ansible says that a host is reached over WinRM, in our own settings.

The variables are those of Ansible's connection plugin ``winrm`` (its documentation, "Parameters"),
and of "Windows Remote Management" in its user guide.
"""

from __future__ import annotations

from collections.abc import Callable

WINRM = frozenset({"winrm", "ansible.builtin.winrm"})
SHELLS = frozenset({"powershell", "cmd", "ansible.builtin.powershell", "ansible.builtin.cmd"})
"""Values of ``ansible_shell_type`` that only Windows has."""
_HTTP_PORT = "5985"
_LOGINS = {
    "ntlm": "ntlm",
    "kerberos": "kerberos",
    "certificate": "certificate",
    "ssl": "basic",
    "basic": "basic",
    "plaintext": "basic",
}


def winrm_settings(
    said: Callable[[str], str | None], leave: Callable[[str], None]
) -> dict[str, object]:
    """The ``winrm:`` of a target, or a fault in one.

    Args:
        said: a variable's plain value.
        leave: is told what is not taken over.
    """
    settings: dict[str, object] = {}
    transport = (said("ansible_winrm_transport") or "").split(",")[0].strip().lower()
    if transport:
        login = _LOGINS.get(transport)
        if login is None:
            leave(f"log-in by {transport} is not known: winrm.login is ntlm")
        elif login != "ntlm":
            settings["login"] = login
    for name, setting in (
        ("ansible_winrm_ca_trust_path", "ca_file"),
        ("ansible_winrm_cert_pem", "certificate_file"),
        ("ansible_winrm_cert_key_pem", "key_file"),
    ):
        if path := said(name):
            settings[setting] = path
    if (said("ansible_winrm_server_cert_validation") or "").lower() == "ignore":
        leave("the certificate is always verified: name its authority in winrm.ca_file")
    default = "http" if said("ansible_port") == _HTTP_PORT else "https"
    if (said("ansible_winrm_scheme") or default).lower() == "http":
        # Kept where it cannot hold (Basic without TLS): the validation says so.
        settings["encryption"] = "messages-over-http"
    return settings
