"""The words of ``assess access windows``."""

from __future__ import annotations

from pathlib import Path

STEPS = """\
Windows: an account without administrators' rights, and WinRM over HTTPS (port 5986)

By hand, on each machine, as administrator, in Windows PowerShell:
  1. An account that is a member of the local groups Remote Management Users (S-1-5-32-580),
     Event Log Readers (S-1-5-32-573) and Performance Monitor Users (S-1-5-32-558).
  2. The service WinRM started, and starting by itself. In its RootSDDL (winrm configSDDL default)
     Remote Management Users get Read and Execute: by default only administrators start a shell.
  3. A certificate for the machine's own name in Cert:\\LocalMachine\\My: of your authority, or one
     that vouches for itself, of which you take the public part to where assess runs (ca_file).
  4. A listener for HTTPS with that certificate (WSMan:\\localhost\\Listener).
  5. A firewall rule for TCP port 5986, from the address where assess runs only.
The script does all of it; it changes nothing else, and can be run again:
  assess access windows --script > access.ps1
  powershell -File access.ps1 -From ADDRESS-OF-ASSESS

By group policy, for a domain (Computer Configuration):
  1. A domain account; Preferences, Control Panel Settings, Local Users and Groups: add it to the
     three groups above on the machines.
  2. Policies, Administrative Templates, Windows Components, Windows Remote Management (WinRM),
     WinRM Service, "Allow remote server management through WinRM": enabled, both filters *. It
     makes a listener for HTTP (port 5985) besides, which the firewall need not let in.
  3. Policies, Windows Settings, Security Settings, System Services, Windows Remote Management:
     automatic. Public Key Policies: automatic enrolment of computer certificates (AD CS).
  4. A listener for HTTPS cannot be had from a policy, nor can RootSDDL: run the script above as a
     start-up script (Policies, Windows Settings, Scripts, Startup), with
     -Account 'DOMAIN\\name' -Thumbprint ... -From ADDRESS.
  5. Windows Defender Firewall, Inbound Rules: TCP 5986 from the address where assess runs.

The inventory:
  - name: pc-01
    role: workstation
    transport: winrm
    address: pc-01.example.nl
    user: assess@example.nl          # or assess, for a local account
    secrets: {{password: ask}}
    winrm: {{ca_file: example-ca.pem}} # login: kerberos in a domain

What this account may not see is reported as not seen, with the group that may: {needs}.
Besides: the audit policy needs the user right "Manage auditing and security log"
(SeSecurityPrivilege); SQL Server a login for this account with VIEW SERVER STATE, VIEW ANY
DEFINITION and CONNECT ANY DATABASE.
Over OpenSSH instead (transport: ssh, platform: windows) the same account and groups hold, and
neither RootSDDL nor the listener is needed.
To take it all away again: Remove-NetFirewallRule -Name assess-winrm-https; Remove-LocalUser assess;
winrm delete winrm/config/Listener?Address=*+Transport=HTTPS
"""


def script() -> str:
    """The script that does it all."""
    return Path(__file__).with_suffix(".ps1").read_text(encoding="ascii")
