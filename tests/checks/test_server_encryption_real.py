"""Real web and mail servers, set right and wrong, and the finding that follows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from assessor.model.finding import Judgement, Outcome
from tests.checks.namespace import Namespace, namespace
from tests.checks.realhost import RealHost, available_shells

HOST = RealHost("server_encryption")
WEB, MAIL = "web-hardening", "mail-encryption"
PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
CERTIFICATE = "/etc/lab/certificate.pem"
YEAR = "Strict-Transport-Security max-age=31536000"


@pytest.fixture
def machine() -> Iterator[Namespace]:
    """A machine whose /etc holds a certificate, and whose changing folders are empty."""
    with namespace() as within:
        within.layer("/etc")
        within.empty("/run", "/tmp", "/var/log")
        within.run("mkdir", "/etc/lab")
        within.run(
            *("openssl", "req", "-x509", "-newkey", "ec", "-nodes", "-days", "2"),
            *("-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", "/CN=shop.example.nl", "-keyout", "/etc/lab/key.pem", "-out", CERTIFICATE),
        )
        within.run("sh", "-c", f"cat /etc/lab/key.pem {CERTIFICATE} >/etc/lab/both.pem")
        yield within


def _needs(program: str, package: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{package} is not installed")


def _judge(machine: Namespace, measure: str) -> Judgement:
    probe = "web" if measure == WEB else "mail"
    return HOST.judge(machine.ask(HOST, probe, user="nobody"))[measure]


def _said(judged: Judgement) -> tuple[Outcome, str]:
    return judged.outcome, judged.message.id


# --- nginx ------------------------------------------------------------------------------------

TLS = f"listen 443 ssl; ssl_certificate {CERTIFICATE}; ssl_certificate_key /etc/lab/key.pem;"
HSTS = f"add_header {YEAR} always;"
REDIRECT = (
    "server { listen 80; server_name shop.example.nl; return 301 https://$host$request_uri; }"
)


def _nginx(machine: Namespace, *blocks: str, protocols: str = "TLSv1.2 TLSv1.3") -> Judgement:
    _needs("nginx", "nginx-light")
    machine.empty("/var/lib/nginx", "/var/log/nginx")
    machine.run("sh", "-c", "rm -rf /etc/nginx/sites-enabled/* /etc/nginx/conf.d/*")
    machine.run(
        "sed", "-i", f"s/ssl_protocols .*;/ssl_protocols {protocols};/", "/etc/nginx/nginx.conf"
    )
    machine.write("/etc/nginx/sites-available/shop", "\n".join(blocks))
    machine.run("ln", "-s", "/etc/nginx/sites-available/shop", "/etc/nginx/sites-enabled/shop")
    machine.start(
        "nginx", "-g", "daemon off; error_log stderr notice;", until="start worker process"
    )
    return _judge(machine, WEB)


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ((REDIRECT, f"server {{ {TLS} {HSTS} }}"), (PASS, "hardened")),
        ((f"server {{ {TLS} {HSTS} }}",), (PASS, "hardened")),
        ((f"server {{ listen 80; {TLS} {HSTS} }}",), (FAIL, "plain_site")),
        (("server { listen 80; }",), (FAIL, "plain_site")),
        (("server { listen 127.0.0.1:80; }",), (Outcome.NOT_APPLICABLE, "no_site")),
        ((REDIRECT, f"server {{ {TLS} }}"), (FAIL, "no_hsts")),
        (
            (REDIRECT, f"server {{ {TLS} location / {{ proxy_pass http://127.0.0.1:1; }} }}"),
            (UNKNOWN, "headers_elsewhere"),
        ),
        ((REDIRECT, f"server {{ {TLS} {HSTS} autoindex on; }}"), (FAIL, "listing")),
        # A header of a location's own takes away those of its server.
        (
            (f'server {{ {TLS} {HSTS} location / {{ add_header X-Robots-Tag "none"; }} }}',),
            (FAIL, "no_hsts"),
        ),
        # As Certbot writes it.
        (
            (
                "server { if ($host = shop.example.nl) { return 301 https://$host$request_uri; }",
                "listen 80; server_name shop.example.nl; return 404; }",
                f"server {{ {TLS} {HSTS} }}",
            ),
            (PASS, "hardened"),
        ),
        (
            (
                "server { listen 80; location ^~ /.well-known/acme-challenge/ { root /srv; }",
                "location / { return 301 https://$host$request_uri; } }",
            ),
            (PASS, "hardened"),
        ),
        (("include /srv/elsewhere/*.conf;", REDIRECT), (UNKNOWN, "settings_unseen")),
    ],
)
def test_nginx(machine: Namespace, blocks: tuple[str, ...], expected: tuple[Outcome, str]) -> None:
    assert _said(_nginx(machine, *blocks)) == expected


def test_protocols_of_nginx(machine: Namespace) -> None:
    judged = _nginx(machine, REDIRECT, f"server {{ {TLS} {HSTS} }}", protocols="TLSv1 TLSv1.2")
    assert _said(judged) == (FAIL, "old_protocols")


def test_what_nginx_keeps_secret_is_not_printed(machine: Namespace) -> None:
    secret = (
        'proxy_set_header Authorization "Basic not-to-be-seen"; fastcgi_param KEY not-to-be-seen;'
    )
    judged = _nginx(machine, f"server {{ {TLS} {HSTS} {secret} }}", REDIRECT)
    assert _said(judged) == (PASS, "hardened")
    assert "not-to-be-seen" not in machine.ask(HOST, "web").stdout


def test_settings_that_are_closed_are_not_passed_over(machine: Namespace) -> None:
    _nginx(machine, REDIRECT, f"server {{ {TLS} {HSTS} }}")
    machine.run("chmod", "700", "/etc/nginx/sites-enabled")
    assert _said(_judge(machine, WEB)) == (UNKNOWN, "settings_unseen")


# --- Apache, Caddy, HAProxy -------------------------------------------------------------------

APACHE_TLS = f"""
<VirtualHost *:443>
  ServerName shop.example.nl
  DocumentRoot /var/www/html
  SSLEngine on
  SSLCertificateFile {CERTIFICATE}
  SSLCertificateKeyFile /etc/lab/key.pem
  {{}}
</VirtualHost>
"""
APACHE_HSTS = 'Header always set Strict-Transport-Security "max-age=31536000"'
APACHE_REDIRECT = """
<VirtualHost *:80>
  ServerName shop.example.nl
  {}
</VirtualHost>
"""
NO_LISTS = "<Directory /var/www/html>\n  Options -Indexes\n</Directory>\n"
REWRITE = """RewriteEngine on
  RewriteCond %{SERVER_NAME} =shop.example.nl
  RewriteRule ^ https://%{SERVER_NAME}%{REQUEST_URI} [END,NE,R=permanent]"""


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        (
            APACHE_REDIRECT.format("Redirect permanent / https://shop.example.nl/")
            + APACHE_TLS.format(APACHE_HSTS)
            + NO_LISTS,
            (PASS, "hardened"),
        ),
        (
            APACHE_REDIRECT.format(REWRITE) + APACHE_TLS.format(APACHE_HSTS) + NO_LISTS,
            (PASS, "hardened"),
        ),
        (
            APACHE_REDIRECT.format(REWRITE.replace("SERVER_NAME} =", "HTTP_USER_AGENT} "))
            + APACHE_TLS.format(APACHE_HSTS)
            + NO_LISTS,
            (UNKNOWN, "redirect_unclear"),
        ),
        (
            APACHE_REDIRECT.format("DocumentRoot /var/www/html") + NO_LISTS,
            (FAIL, "plain_site"),
        ),
        # As Debian sets it up: /var/www is listed.
        (
            APACHE_REDIRECT.format("Redirect / https://shop.example.nl/")
            + APACHE_TLS.format(APACHE_HSTS),
            (FAIL, "listing"),
        ),
        (
            APACHE_REDIRECT.format("Redirect / https://shop.example.nl/")
            + APACHE_TLS.format("")
            + NO_LISTS,
            (FAIL, "no_hsts"),
        ),
        (
            APACHE_REDIRECT.format("Redirect / https://shop.example.nl/")
            + APACHE_TLS.format(f"{APACHE_HSTS}\n  SSLProtocol +TLSv1.1 +TLSv1.2")
            + NO_LISTS,
            (FAIL, "old_protocols"),
        ),
        (APACHE_TLS.format(APACHE_HSTS) + NO_LISTS, (FAIL, "plain_site")),  # port 80 is left
        (
            "<IfModule !mod_ssl.c>\n  Include /srv/unseen.conf\n</IfModule>\n"
            + APACHE_REDIRECT.format("Redirect / https://shop.example.nl/")
            + APACHE_TLS.format(APACHE_HSTS)
            + NO_LISTS,
            (PASS, "hardened"),
        ),
    ],
)
def test_apache(machine: Namespace, site: str, expected: tuple[Outcome, str]) -> None:
    _needs("apache2", "apache2")
    machine.run("mkdir", "-p", "/var/log/apache2", "/run/apache2")
    for file in ("ssl.load", "ssl.conf", "socache_shmcb.load", "headers.load", "rewrite.load"):
        machine.run("ln", "-sf", f"../mods-available/{file}", "/etc/apache2/mods-enabled/")
    machine.write("/etc/apache2/sites-enabled/000-default.conf", site)
    machine.write("/etc/apache2/conf-enabled/zz-log.conf", "ErrorLog /dev/stderr\n")
    start = ". /etc/apache2/envvars; exec apache2 -D FOREGROUND"
    machine.start("sh", "-c", start, until="resuming normal operations")
    assert _said(_judge(machine, WEB)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"shop.example.nl {{\n  header {YEAR}\n  tls internal\n}}\n", (PASS, "hardened")),
        (
            f"(a) {{\n  header {YEAR}\n}}\nshop.example.nl {{\n  tls internal\n  import a\n}}\n",
            (PASS, "hardened"),
        ),
        ("shop.example.nl {\n  tls internal\n}\n", (FAIL, "no_hsts")),
        ("http://shop.example.nl {\n  respond hello\n}\n", (FAIL, "plain_site")),
        (":80\n\nfile_server\n", (FAIL, "plain_site")),
        ("{\n  auto_https off\n}\nshop.example.nl {\n  respond hello\n}\n", (FAIL, "plain_site")),
        (
            f"shop.example.nl {{\n  header {YEAR}\n  tls internal\n  file_server browse\n}}\n",
            (FAIL, "listing"),
        ),
        (
            "shop.example.nl {\n  tls internal\n  reverse_proxy 127.0.0.1:1\n}\n",
            (UNKNOWN, "headers_elsewhere"),
        ),
    ],
)
def test_caddy(machine: Namespace, text: str, expected: tuple[Outcome, str]) -> None:
    _needs("caddy", "caddy")
    machine.write("/etc/caddy/Caddyfile", text)
    machine.start(
        *("env", "HOME=/tmp", "caddy", "run", "--config", "/etc/caddy/Caddyfile"),
        until="serving initial configuration",
    )
    assert _said(_judge(machine, WEB)) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            (
                "bind *:80",
                "bind *:443 ssl crt /etc/lab/both.pem",
                "http-request redirect scheme https unless { ssl_fc }",
                'http-response set-header Strict-Transport-Security "max-age=31536000"',
            ),
            (PASS, "hardened"),
        ),
        (("bind *:80",), (FAIL, "plain_site")),
        (("bind *:443 ssl crt /etc/lab/both.pem",), (UNKNOWN, "headers_elsewhere")),
        (
            ("bind *:443 ssl crt /etc/lab/both.pem ssl-min-ver TLSv1.0",),
            (FAIL, "old_protocols"),
        ),
        (("bind 127.0.0.1:8080",), (Outcome.NOT_APPLICABLE, "no_site")),
    ],
)
def test_haproxy(machine: Namespace, lines: tuple[str, ...], expected: tuple[Outcome, str]) -> None:
    _needs("haproxy", "haproxy")
    body = "".join(f"  {line}\n" for line in lines)
    defaults = (
        "defaults\n  mode http\n  timeout client 9s\n  timeout server 9s\n  timeout connect 9s\n"
    )
    users = "userlist staff\n  user piet insecure-password not-to-be-seen\n"
    machine.write("/etc/haproxy/haproxy.cfg", f"{defaults}{users}frontend shop\n{body}")
    machine.start("haproxy", "-db", "-V", "-f", "/etc/haproxy/haproxy.cfg", until="Using ")
    assert _said(_judge(machine, WEB)) == expected
    assert "not-to-be-seen" not in machine.ask(HOST, "web").stdout


# --- Postfix and Dovecot ----------------------------------------------------------------------

POSTFIX_TLS = {
    "smtpd_tls_cert_file": CERTIFICATE,
    "smtpd_tls_key_file": "/etc/lab/key.pem",
    "smtpd_tls_security_level": "may",
    "smtp_tls_security_level": "may",
    "inet_interfaces": "all",
}


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, (PASS, "mail_encrypted")),
        ({"smtp_tls_security_level": "dane"}, (PASS, "mail_encrypted")),
        ({"smtp_tls_security_level": "none"}, (FAIL, "outgoing_plain")),
        ({"smtpd_tls_security_level": "none"}, (FAIL, "incoming_plain")),
        ({"smtpd_tls_security_level": "", "smtpd_use_tls": "yes"}, (PASS, "mail_encrypted")),
        ({"smtpd_tls_cert_file": "none"}, (FAIL, "incoming_plain")),
        (
            {"smtpd_tls_security_level": "none", "inet_interfaces": "loopback-only"},
            (PASS, "mail_encrypted"),
        ),
        ({"smtpd_sasl_auth_enable": "yes"}, (FAIL, "password_plain")),
        (
            {"smtpd_sasl_auth_enable": "yes", "smtpd_tls_auth_only": "yes"},
            (PASS, "mail_encrypted"),
        ),
    ],
)
def test_postfix(
    machine: Namespace, settings: dict[str, str], expected: tuple[Outcome, str]
) -> None:
    _postfix(machine, {**POSTFIX_TLS, **settings})
    assert _said(_judge(machine, MAIL)) == expected


def _postfix(machine: Namespace, settings: dict[str, str], master: str = "") -> None:
    _needs("postconf", "postfix")
    machine.layer("/var/spool")
    machine.empty("/var/lib/postfix", owner="postfix")
    values = {"compatibility_level": "3.6", "maillog_file": "/dev/stdout", **settings}
    machine.write("/etc/postfix/main.cf", "".join(f"{n} = {v}\n" for n, v in values.items()))
    if master:
        machine.run("sh", "-c", 'cat >>"$1"', "sh", "/etc/postfix/master.cf", text=master)
    machine.start("postfix", "start-fg", until="daemon started")


def test_a_service_of_postfix_with_settings_of_its_own(machine: Namespace) -> None:
    level = "smtpd_tls_security_level=none"
    options = f"  -o {level} -o smtpd_sasl_auth_enable=yes\n"
    _postfix(machine, POSTFIX_TLS, f"submission inet n - y - - smtpd\n{options}")
    judged = _judge(machine, MAIL)
    assert _said(judged) == (FAIL, "incoming_plain")
    assert judged.message.facts["services"] == "submission"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("", (PASS, "mail_encrypted")),
        ("ssl = required\n", (PASS, "mail_encrypted")),
        ("ssl = no\n", (FAIL, "reading_plain")),
        ("disable_plaintext_auth = no\n", (FAIL, "password_plain")),
        ("ssl_min_protocol = TLSv1\n", (FAIL, "old_reading_protocols")),
        ("ssl = no\nlisten = 127.0.0.1\n", (PASS, "mail_encrypted")),
        ("ssl = no\nprotocols =\n", (PASS, "mail_encrypted")),
        ("remote 10.0.0.0/8 {\n  disable_plaintext_auth = no\n}\n", (FAIL, "password_plain")),
        ("remote 127.0.0.0/8 {\n  disable_plaintext_auth = no\n}\n", (PASS, "mail_encrypted")),
    ],
)
def test_dovecot(machine: Namespace, lines: str, expected: tuple[Outcome, str]) -> None:
    _needs("doveconf", "dovecot-core")
    keys = f"ssl_cert = <{CERTIFICATE}\nssl_key = </etc/lab/key.pem\n"
    text = f"protocols = imap\nlog_path = /dev/stderr\n{keys}{lines}passdb {{\n  driver = pam\n}}\n"
    machine.write("/etc/dovecot/dovecot.conf", text)
    machine.start("dovecot", "-F", until="starting up")
    assert _said(_judge(machine, MAIL)) == expected


# --- the scripts ------------------------------------------------------------------------------


@pytest.mark.parametrize("probe", ["web", "mail"])
def test_script_in_every_shell(machine: Namespace, probe: str) -> None:
    if shutil.which("nginx") is not None:
        _nginx(machine, REDIRECT, f"server {{ {TLS} {HSTS} }}")
    answers = [machine.ask(HOST, probe, shell=shell) for shell in available_shells()]
    for answer in answers:
        lines = answer.stdout.splitlines()
        assert lines[-2:] == ["complete", f"end {len(lines) - 1}"]
        assert answer.stderr == ""
    assert len({answer.stdout for answer in answers}) == 1
