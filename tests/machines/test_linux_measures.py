"""On real Debian and Ubuntu: every measure made true and made false, and the finding follows.

What these machines cannot do, because they share the tests' kernel: encrypted disks (shown in a
virtual machine, ``tests/checks/test_disk_encryption_real.py``), the kernel's audit (there is one
per kernel), USB devices, RAID and sensors (their checks run on recorded outputs), another clock.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyotp
import pytest

from assessor.model.finding import Outcome
from tests.lab.machine import Machine
from tests.machines.scene import finding, findings

PENDING_UPDATE = Path(__file__).with_name("pending_update.sh")
SECURITY = {
    "debian": ("bookworm-security", "Debian-Security"),
    "ubuntu": ("noble-security", "Ubuntu"),
}
PASS, FAIL = Outcome.PASS, Outcome.FAIL

NFTABLES = """flush ruleset
table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iif lo accept
    tcp dport 22 accept
  }
}
"""


def outcome(machine: Machine, check: str, measure: str = "", **options: Any) -> Outcome:
    return finding(machine, check, measure, **options).outcome


def until(command: str) -> str:
    """Asks until ``command`` succeeds; gives up after some time."""
    return f"n=0; until {command} >/dev/null 2>&1; do n=$((n+1)); [ $n -lt 200 ]; sleep 0.1; done"


def test_firewall_with_nftables(machine: Machine) -> None:
    assert outcome(machine, "host_firewall") is FAIL
    machine.write("/etc/nftables.conf", NFTABLES)
    machine.run("systemctl enable --now nftables")
    assert outcome(machine, "host_firewall") is PASS
    machine.run("nft add rule inet filter input accept")
    assert outcome(machine, "host_firewall") is FAIL
    machine.run("systemctl disable --now nftables")
    assert outcome(machine, "host_firewall") is FAIL


def test_firewall_with_ufw(machine: Machine) -> None:
    assert outcome(machine, "host_firewall") is FAIL
    machine.run("ufw allow 22/tcp; ufw --force enable")
    assert outcome(machine, "host_firewall") is PASS
    machine.run("ufw default allow incoming")
    assert outcome(machine, "host_firewall") is FAIL
    machine.run("ufw --force disable; nft flush ruleset")
    assert outcome(machine, "host_firewall") is FAIL


def test_security_updates(machine: Machine) -> None:
    machine.write(
        "/etc/apt/apt.conf.d/20auto-upgrades",
        'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n',
    )
    machine.run("systemctl enable apt-daily.timer apt-daily-upgrade.timer")
    assert outcome(machine, "security_updates") is PASS
    suite, label = SECURITY[machine.base]
    machine.write("/root/pending_update.sh", PENDING_UPDATE.read_text())
    machine.run(f"sh /root/pending_update.sh {suite} {label} 30")
    # It was installed today, so all that was published before would have come with it.
    machine.run(
        "sed -i 's/^\\(Start\\|End\\)-Date: .*/\\1-Date: 2026-01-01  00:00:00/' /var/log/apt/*.log"
    )
    machine.run("sed -i 's/^[0-9-]* /2026-01-01 /' /var/log/dpkg.log")
    machine.run("find /var/lib/dpkg/info -newer /etc/hostname -exec touch -d 2026-01-01 {} +")
    found = finding(machine, "security_updates")
    assert (found.outcome, found.judgement.message.facts.get("names")) == (FAIL, "lab-tool"), found
    machine.run("dpkg --install /srv/archive/lab-tool_1.1_all.deb")
    assert outcome(machine, "security_updates") is PASS


def test_strong_passwords(machine: Machine) -> None:
    machine.run("useradd --create-home --shell /bin/bash piet")
    machine.run("printf 'piet:%s\\n' 'a long enough one, 2026' | chpasswd")
    machine.write("/etc/security/pwquality.conf", "minlen = 8\n")
    assert outcome(machine, "password_policy", "password-policy") is FAIL
    machine.write("/etc/security/pwquality.conf", "minlen = 14\nenforcing = 1\n")
    assert outcome(machine, "password_policy", "password-policy") is PASS
    machine.run("userdel --remove piet")


def test_password_rotation(machine: Machine) -> None:
    machine.run("useradd --create-home --shell /bin/bash jan")
    machine.run("printf 'jan:%s\\n' 'another long one' | chpasswd")
    machine.run("chage --maxdays 99999 --lastday $(date -d '500 days ago' +%F) jan")
    assert outcome(machine, "password_policy", "password-rotation") is FAIL
    machine.run("chage --maxdays 90 --lastday $(date -d '10 days ago' +%F) jan")
    assert outcome(machine, "password_policy", "password-rotation") is PASS
    machine.run("userdel --remove jan")


def test_two_factors_at_log_in(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = pyotp.random_base32()
    assert outcome(machine, "ssh_login", "mfa") is FAIL
    # The format of google-authenticator(1); reuse is allowed, as the test logs in more than once.
    machine.write("/home/assess/.google_authenticator", f'{secret}\n" TOTP_AUTH\n', 0o400)
    machine.write(
        "/etc/ssh/sshd_config.d/a.conf",
        "PermitRootLogin no\nKbdInteractiveAuthentication yes\nPasswordAuthentication no\n"
        "AuthenticationMethods publickey,keyboard-interactive\n",
    )
    machine.run(
        "chown assess: /home/assess/.google_authenticator; cp /etc/pam.d/sshd /root/pam.sshd;"
        " module='auth required pam_google_authenticator.so';"
        ' sed -i "s/^@include common-auth/$module/" /etc/pam.d/sshd; systemctl restart ssh'
    )
    monkeypatch.setenv("LAB_CODE", pyotp.TOTP(secret).now())
    code = {"host": {"secrets": {"one_time_code": {"env": "LAB_CODE"}}}}
    assert outcome(machine, "ssh_login", "mfa", more=code) is PASS
    monkeypatch.setenv("LAB_CODE", pyotp.TOTP(secret).now())
    machine.run("sed -i 's/authenticator.so/& nullok/' /etc/pam.d/sshd")
    assert outcome(machine, "ssh_login", "mfa", more=code) is not PASS
    machine.run("cp /root/pam.sshd /etc/pam.d/sshd; rm /etc/ssh/sshd_config.d/a.conf")
    machine.run("systemctl restart ssh")


def test_log_in_with_a_password_and_as_root(machine: Machine) -> None:
    assert outcome(machine, "ssh_login", "access-control") is PASS
    machine.write("/etc/ssh/sshd_config.d/a.conf", "PermitEmptyPasswords yes\n")
    machine.run("systemctl restart ssh")
    assert outcome(machine, "ssh_login", "access-control") is FAIL
    machine.run("rm /etc/ssh/sshd_config.d/a.conf; systemctl restart ssh")
    assert outcome(machine, "ssh_login", "access-control") is PASS


def test_access_logging(machine: Machine) -> None:
    machine.write("/etc/systemd/journald.conf.d/lab.conf", "[Journal]\nStorage=volatile\n")
    machine.run("systemctl restart systemd-journald")
    assert outcome(machine, "access_logging") is FAIL
    machine.run("systemctl enable --now rsyslog; logger -p auth.info hello")
    machine.run("sed -i 's/rotate 4/rotate 30/' /etc/logrotate.d/rsyslog")
    machine.run(
        "for week in $(seq 1 16); do old=/var/log/auth.log.$week; echo hello >$old;"
        ' touch -d "$((week * 7)) days ago" $old; done'
    )
    assert outcome(machine, "access_logging") is PASS
    machine.run("systemctl disable --now rsyslog syslog.socket; rm /var/log/auth.log*")
    assert outcome(machine, "access_logging") is FAIL


def test_malware_protection(machine: Machine) -> None:
    assert outcome(machine, "malware_protection") is FAIL
    # A signature of our own, and the head of a database of today (ClamAV's documentation,
    # "CVD file format"): the real ones are not to be had without a network.
    machine.run(
        "cd /root; echo 44d88612fea8a8f36de82e1278abb02f:68:Lab.Test >lab.hdb;"
        ' head="ClamAV-VDB:$(date -u "+%d %b %Y %H-%M") +0000:1:1:216:x:x:lab:$(date +%s)";'
        ' printf %-512s "$head" >/var/lib/clamav/daily.cld;'
        " clamscan --database=lab.hdb --log=/var/log/clamav/clamscan.log --recursive /home;"
        " chmod 644 /var/log/clamav/clamscan.log"
    )
    found = finding(machine, "malware_protection")
    assert found.outcome is PASS, found
    machine.run("rm /var/log/clamav/clamscan.log")
    assert outcome(machine, "malware_protection") is FAIL


def test_backups(machine: Machine) -> None:
    assert outcome(machine, "backups", "backup") is not PASS
    machine.write("/etc/restic/env", "RESTIC_REPOSITORY=/srv/restic\n", 0o644)
    machine.run(
        "echo geheim >/root/password; export RESTIC_PASSWORD_FILE=/root/password;"
        " restic -q init -r /srv/restic; restic -q backup -r /srv/restic /home;"
        " chmod -R a+rX /srv/restic"
    )
    unit = "[Service]\nType=oneshot\nExecStart=/usr/bin/restic backup -r /srv/restic /home\n"
    machine.write("/etc/systemd/system/restic.service", unit)
    machine.write(
        "/etc/systemd/system/restic.timer",
        "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n",
    )
    machine.run("systemctl daemon-reload; systemctl enable --now restic.timer")
    found = finding(machine, "backups", "backup")
    assert found.outcome is PASS, found
    machine.run("find /srv/restic -exec touch -d '40 days ago' {} +")
    assert outcome(machine, "backups", "backup") is not PASS
    machine.run("systemctl disable --now restic.timer; rm -r /srv/restic /etc/restic")


def test_rights(machine: Machine) -> None:
    assert outcome(machine, "access_rights", "user-rights") is PASS
    machine.run("useradd --non-unique --uid 0 --shell /bin/sh toor")
    found = finding(machine, "access_rights", "user-rights")
    assert found.outcome is FAIL, found
    assert "toor" in str(found.judgement.message.facts)
    machine.run("sed -i /^toor:/d /etc/passwd /etc/shadow /etc/group")
    assert outcome(machine, "access_rights", "user-rights") is PASS


def test_register_of_administrators(machine: Machine) -> None:
    machine.run("useradd --create-home --groups sudo els; echo 'els:long enough 2026' | chpasswd")
    check = "access_rights"
    for named, wanted in ((["els"], PASS), (["kim"], FAIL)):
        found = finding(
            machine,
            check,
            "authorisation-register",
            parameters={"allowed_administrators": [*named, "assess"]},
        )
        assert found.outcome is wanted, found
    machine.run("userdel --remove els")


def test_intrusion_detection(machine: Machine) -> None:
    assert outcome(machine, "intrusion_detection") is FAIL
    # fail2ban does not start where the log that its jail watches is not there.
    machine.run("systemctl enable --now rsyslog; install -m 640 -g adm /dev/null /var/log/auth.log")
    machine.run("systemctl start fail2ban")
    machine.run(until("fail2ban-client ping"))
    assert outcome(machine, "intrusion_detection") is PASS
    machine.run("fail2ban-client stop sshd")
    assert outcome(machine, "intrusion_detection") is FAIL
    machine.run("systemctl stop fail2ban; systemctl disable --now rsyslog syslog.socket")
    machine.run("rm /var/log/auth.log")


def test_a_ups_that_is_only_played_is_not_believed(machine: Machine) -> None:
    assert outcome(machine, "power_supply") is not PASS
    machine.write("/etc/nut/ups.conf", "[lab]\ndriver = dummy-ups\nport = lab.dev\n")
    machine.write("/etc/nut/lab.dev", "ups.status: OL\nbattery.runtime: 1200\n")
    machine.write("/etc/nut/nut.conf", "MODE=standalone\n")
    machine.run(
        "systemctl restart nut-driver-enumerator; systemctl start nut-driver@lab nut-server"
    )
    machine.run(until("upsc lab@localhost ups.status | grep OL"))
    found = finding(machine, "power_supply")
    assert (found.outcome, found.judgement.message.id) == (Outcome.UNKNOWN, "simulated")
    machine.run("systemctl stop nut-driver@lab nut-server; rm /etc/nut/ups.conf")


def test_sessions_end_by_themselves(machine: Machine) -> None:
    assert outcome(machine, "screen_lock") is FAIL
    machine.write("/etc/systemd/logind.conf.d/lab.conf", "[Login]\nStopIdleSessionSec=15min\n")
    machine.run("systemctl restart systemd-logind")
    assert outcome(machine, "screen_lock") is PASS
    machine.write("/etc/systemd/logind.conf.d/lab.conf", "[Login]\nStopIdleSessionSec=3h\n")
    machine.run("systemctl restart systemd-logind")
    assert outcome(machine, "screen_lock") is FAIL


def test_age_of_what_is_kept(machine: Machine) -> None:
    named: dict[str, Any] = {
        "more": {"host": {"options": {"retention_paths": ["/srv/clients"]}}},
        "parameters": {"max_days": 365},
    }
    machine.run("mkdir -p /srv/clients; echo x >/srv/clients/new; echo x >/srv/clients/old")
    assert outcome(machine, "retention_periods", **named) is PASS
    machine.run("touch -d '400 days ago' /srv/clients/old")
    assert outcome(machine, "retention_periods", **named) is FAIL
    # Closed to the account: read as root, by the sudoers line that this target's options ask for.
    machine.run("chmod 700 /srv/clients")
    assert outcome(machine, "retention_periods", **named) is FAIL
    machine.run("rm /srv/clients/old")
    assert outcome(machine, "retention_periods", **named) is PASS


def test_production_and_test_share_a_host_key(pair: dict[str, Machine]) -> None:
    tags = {"debian": {"tags": ["production"]}, "ubuntu": {"tags": ["test"]}}

    def outcomes() -> set[Outcome]:
        found = findings(pair, ["environment_separation"], more=tags)
        return {each.outcome for each in found}

    assert outcomes() == {PASS}
    key = pair["debian"].run("cat /etc/ssh/ssh_host_ed25519_key.pub")
    pair["ubuntu"].write("/etc/ssh/ssh_host_ed25519_key.pub", key)
    assert outcomes() == {FAIL}


def test_rights_on_a_database(machine: Machine) -> None:
    machine.run("systemctl start redis-server")
    assert outcome(machine, "database_rights") is PASS
    machine.run(
        "cp -p /etc/redis/redis.conf /root; sed -i 's/^bind .*/bind 0.0.0.0/;"
        " s/^protected-mode .*/protected-mode no/' /etc/redis/redis.conf;"
        " systemctl restart redis-server"
    )
    found = finding(machine, "database_rights")
    assert (found.outcome, found.judgement.message.id) == (FAIL, "no_password")
    machine.run("cp -p /root/redis.conf /etc/redis; systemctl stop redis-server")
    assert outcome(machine, "database_rights") is Outcome.UNKNOWN  # it may be started again


def test_a_web_server_as_configured(machine: Machine) -> None:
    machine.run("systemctl start nginx")
    assert outcome(machine, "server_encryption", "web-hardening") is FAIL
    machine.run(
        "cd /etc/nginx; openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=lab"
        " -keyout lab.key -out lab.pem 2>/dev/null"
    )
    site = (
        "server { listen 80 default_server; return 301 https://$host$request_uri; }\n"
        "server { listen 443 ssl default_server; ssl_certificate lab.pem;\n"
        "  ssl_certificate_key lab.key; ssl_protocols TLSv1.2 TLSv1.3; root /var/www/html;\n"
        '  add_header Strict-Transport-Security "max-age=31536000" always; }\n'
    )
    machine.write("/etc/nginx/sites-enabled/default", site)
    machine.run("systemctl reload nginx")
    assert outcome(machine, "server_encryption", "web-hardening") is PASS
    machine.write("/etc/nginx/sites-enabled/default", site.replace("TLSv1.2", "TLSv1 TLSv1.2"))
    assert outcome(machine, "server_encryption", "web-hardening") is FAIL
    machine.run("systemctl stop nginx")


def test_log_in_from_afar_without_encryption(machine: Machine) -> None:
    assert outcome(machine, "ssh_login", "remote-access") is PASS
    machine.run("systemd-run --unit=lab-telnet busybox telnetd -F -p 23")
    machine.run(until("ss -Hltn 'sport = 23' | grep LISTEN"))
    assert outcome(machine, "ssh_login", "remote-access") is FAIL
    machine.run("systemctl stop lab-telnet")
    assert outcome(machine, "ssh_login", "remote-access") is PASS


def test_a_canary_that_came_back(machine: Machine) -> None:
    canary = "/var/lib/assess/canary"
    assert outcome(machine, "backups", "restore-test") is not PASS
    machine.run(
        f"mkdir -p {canary} /var/lib/assess/restored; cd {canary}; date >canary.txt;"
        " sha256sum canary.txt >>SHA256SUMS; cp canary.txt /var/lib/assess/restored"
    )
    assert outcome(machine, "backups", "restore-test") is PASS
    machine.run("echo other >/var/lib/assess/restored/canary.txt")
    assert outcome(machine, "backups", "restore-test") is not PASS
    machine.run("rm -r /var/lib/assess")


def test_tls_of_a_service_of_a_host_as_seen_from_outside(machine: Machine) -> None:
    named = {"host": {"options": {"tls_services": ["https"]}}}
    site = (
        "server { listen 443 ssl default_server; ssl_certificate lab.pem; ssl_protocols %s;\n"
        "  ssl_certificate_key lab.key; ssl_ciphers %s; }\n"
    )
    machine.run(
        "cd /etc/nginx; openssl req -x509 -newkey rsa:3072 -nodes -days 30 -subj /CN=lab"
        " -keyout lab.key -out lab.pem 2>/dev/null"
    )
    modern = site % ("TLSv1.2 TLSv1.3", "ECDHE+AESGCM")
    machine.write("/etc/nginx/sites-enabled/default", modern)
    machine.run("systemctl restart nginx")
    found = finding(machine, "tls_configuration", more=named)
    assert found.outcome is PASS, found
    machine.write("/etc/nginx/sites-enabled/default", site % ("TLSv1.2", "AES128-SHA"))
    machine.run("systemctl restart nginx")
    assert outcome(machine, "tls_configuration", more=named) is FAIL
    machine.run("systemctl stop nginx")
    assert outcome(machine, "tls_configuration", more=named) is Outcome.UNKNOWN
