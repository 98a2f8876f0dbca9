"""The readers of the check on web and mail servers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from assessor.evidence.redact import Redactor
from checks.server_encryption import apache, caddy, haproxy, nginx
from checks.server_encryption.mail import judge_postfix, read_mail
from checks.server_encryption.settings import Settings, UnseenError, read_web, tree
from checks.server_encryption.sites import Server, Site, Unread, hsts_seconds

CHECK = Path(__file__).parents[2] / "checks" / "server_encryption"
MAIN = "/etc/nginx/nginx.conf"
HSTS = "d add_header\tStrict-Transport-Security\tmax-age=31536000"


def _nginx(*lines: str) -> Site:
    inside = ["b http", "b server", *lines, "e", "e"]
    server = nginx.read_nginx(Settings(files={MAIN: inside}))
    assert isinstance(server, Server)
    (site,) = server.sites
    return site


@pytest.mark.parametrize(
    ("lines", "plain", "redirects"),
    [
        (("d listen\t443\tssl",), False, False),
        (("d listen\t[::]:443\tssl", "d listen\t127.0.0.1:80"), False, False),
        (("d listen\t80", "d return\t301\thttps://a.nl"), True, True),
        (("d listen\t80", "d return\t301\thttp://a.nl"), True, False),
        (("d listen\t80", "d return\thttps://a.nl"), True, True),
        (("d listen\t80", "d return\t444"), True, True),
        (("d listen\t80", "d return\t200\thello"), True, False),
        (("d listen\t80", "d rewrite\t^\thttps://a.nl\tpermanent"), True, True),
        (("d listen\t80", "d rewrite\t^/old\thttps://a.nl\tpermanent"), True, False),
        (
            ("d listen\t80", "b if\t($scheme\t!=\thttps)", "d return\t301\thttps://a.nl", "e"),
            True,
            True,
        ),
        (
            ("d listen\t80", "b if\t($host\t=\ta.nl)", "d return\t301\thttps://a.nl", "e"),
            True,
            False,
        ),
        (
            (
                "d listen\t80",
                "b location\t/",
                "d return\t301\thttps://a.nl",
                "e",
                "b location\t/x",
                "e",
            ),
            True,
            False,
        ),
    ],
)
def test_redirects_of_nginx(lines: tuple[str, ...], *, plain: bool, redirects: bool) -> None:
    site = _nginx(*lines)
    assert (site.plain, site.redirects) == (plain, redirects)


def test_headers_of_nginx_are_inherited_where_a_level_has_none() -> None:
    assert _nginx("d listen\t443\tssl", HSTS, "b location\t/", "e").hsts_s == 31_536_000
    other = ("b location\t/", "d add_header\tother", "e")
    assert _nginx("d listen\t443\tssl", HSTS, *other).hsts_s == 0
    merged = ("b location\t/", "d add_header_inherit\tmerge", "d add_header\tother", "e")
    assert _nginx("d listen\t443\tssl", HSTS, *merged).hsts_s == 31_536_000


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("max-age=31536000; includeSubDomains", 31_536_000),
        ('"max-age=63072000"', 63_072_000),
        ("includeSubDomains; Max-Age=60", 60),
        ("max-age=0", 0),
        ("max-age=$age", 0),
        ("", 0),
    ],
)
def test_hsts(value: str, seconds: int) -> None:
    assert hsts_seconds(value) == seconds


@pytest.mark.parametrize(
    "include",
    [
        "/srv/*.conf",
        "sites-available/*",
        "a/b/c/d/*.conf",
        "missing.conf",
        "closed/*",
        "nginx.conf",
    ],
)
def test_what_was_not_seen_is_not_passed_over(include: str) -> None:
    settings = Settings(files={MAIN: [f"d include\t{include}"]}, unreadable=["/etc/nginx/closed"])
    assert isinstance(nginx.read_nginx(settings), Unread)


def test_patterns_of_includes() -> None:
    settings = Settings(files={"/etc/nginx/conf.d/b.conf": [], "/etc/nginx/conf.d/a.conf": []})
    found = settings.matching("conf.d/*.conf", "/etc/nginx")
    assert found == ["/etc/nginx/conf.d/a.conf", "/etc/nginx/conf.d/b.conf"]
    assert settings.matching("modules/*.conf", "/etc/nginx") == []
    with pytest.raises(UnseenError):
        settings.matching("/opt/*.conf", "/etc/nginx")


@pytest.mark.parametrize("lines", [["e"], ["b http"], ["strange"], ["x y"]])
def test_blocks_that_do_not_close_are_not_understood(lines: list[str]) -> None:
    assert tree(lines, "\t") is None


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["Options Indexes FollowSymLinks"], ("/var/www",)),
        (["Options +Indexes", "Options -Indexes"], ()),
        (["Options Indexes", "Options FollowSymLinks"], ()),
        (["Options All", "Options None"], ()),
        (["Options FollowSymLinks"], ()),
    ],
)
def test_listings_of_apache(options: list[str], expected: tuple[str, ...]) -> None:
    lines = ["d LoadModule autoindex_module modules/mod_autoindex.so", "d Listen 80"]
    lines += ["d DocumentRoot /var/www", "b <Directory /var/www/>"]
    lines += [*(f"d {option}" for option in options), "e </directory>"]
    server = apache.read_apache(Settings(files={"/etc/apache2/apache2.conf": lines}))
    assert isinstance(server, Server)
    assert server.sites[0].listing == expected


def test_apache_takes_what_is_loaded_and_defined() -> None:
    lines = ["d Listen 80", "b <IfModule mod_ssl.c>", "d Listen 443", "e </ifmodule>"]
    lines += ["b <IfDefine !PLAIN>", "d Listen 8080", "e </ifdefine>"]
    main = {"/etc/apache2/apache2.conf": lines}
    server = apache.read_apache(Settings(files=main))
    assert isinstance(server, Server)
    assert server.sites[0].name == "Apache 80 8080"
    defined = apache.read_apache(Settings(files=main, defined={"PLAIN"}))
    assert isinstance(defined, Server)
    assert defined.sites[0].name == "Apache 80"


@pytest.mark.parametrize(
    ("lines", "plain"),
    [
        (["b shop.example.nl {", "e"], False),
        (["b http://shop.example.nl {", "e"], True),
        (["b :8080 {", "e"], True),
        (["b shop.example.nl:8443 {", "e"], False),
        (["b {", "d auto_https off", "e", "b shop.example.nl {", "e"], True),
        (["d shop.example.nl", "d file_server"], False),
    ],
)
def test_sites_of_caddy(lines: list[str], *, plain: bool) -> None:
    server = caddy.read_caddy(Settings(files={"/etc/caddy/Caddyfile": lines}))
    assert isinstance(server, Server)
    assert [site.plain for site in server.sites] == [plain]


def test_a_caddyfile_that_imports_others_is_not_understood() -> None:
    settings = Settings(files={"/etc/caddy/Caddyfile": ["d import sites/*"]})
    assert isinstance(caddy.read_caddy(settings), Unread)


@pytest.mark.parametrize(
    ("line", "redirects"),
    [
        ("d redirect scheme https", True),
        ("d http-request redirect scheme https code 301 if !{ ssl_fc }", True),
        ("d http-request redirect scheme https if shop", None),
        ("d redirect prefix http://a.nl", False),
    ],
)
def test_redirects_of_haproxy(line: str, redirects: bool | None) -> None:
    lines = ["b frontend shop", "d mode http", "d bind *:80", line]
    server = haproxy.read_haproxy(Settings(files={"/etc/haproxy/haproxy.cfg": lines}))
    assert isinstance(server, Server)
    assert server.sites[0].redirects is redirects


def test_postfix_without_its_settings_is_unknown() -> None:
    mail = read_mail("process postfix host\npostfix inet_interfaces = all\ncomplete\nend 3\n")
    assert mail is not None
    verdict = judge_postfix(mail)
    assert [gap.id for gap in verdict.gaps] == ["mail_settings_unseen"]


def test_a_line_of_another_form_is_not_guessed_at() -> None:
    for line in ("strange x", "| d listen", "file /etc/nginx/nginx.conf"):
        assert read_web(f"{line}\ncomplete\nend 2\n") is None
    assert read_mail("strange x\ncomplete\nend 2\n") is None


def test_the_words_of_nginx(tmp_path: Path) -> None:
    """Quotes, comments, variables and expressions do not confuse the script."""
    path = tmp_path / "nginx.conf"
    path.write_text(
        "# { ; \"\nhttp { log_format main '$remote_addr \"$x\" '\n  'second {part}';\n"
        'server { listen 443 ssl; location ~ "^/a{2}/\\"b" { autoindex on; }\n'
        ' if ($http_cookie ~* "id=([^;]+)") { return 301 https://$host${request_uri}; }\n'
        " proxy_set_header Authorization 'Basic not-to-be-seen'; } }\n"
    )
    script = (CHECK / "linux_web.sh").read_text()
    start = script.index("nginx_lines() {")
    function = script[start : script.index("\n}\n", start) + 3]
    done = subprocess.run(
        ["sh", "-c", f'{function}\nnginx_lines "$1"', "sh", str(path)],
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    assert done.stdout.splitlines()[1:] == [
        "| b http",
        "| b server",
        "| d listen\t443\tssl",
        '| b location\t~\t^/a{2}/\\"b',
        "| d autoindex\ton",
        "| e",
        "| b if\t($http_cookie\t~*\tid=([^;]+)\t)",
        "| d return\t301\thttps://$host${request_uri}",
        "| e",
        "| e",
        "| e",
    ]


def test_redaction_leaves_the_outputs_as_they_are() -> None:
    """The outputs hold no secret, and nothing in them looks like one."""
    redactor = Redactor(b"0123456789abcdef0123456789abcdef")
    outputs = list((CHECK / "samples").glob("*/*.stdout"))
    assert outputs
    for path in outputs:
        text = path.read_text()
        assert redactor.redact(text).text == text, path
