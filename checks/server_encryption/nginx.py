"""Reads nginx's settings: its ``server`` blocks with what they inherit."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from .settings import DEEPEST, LOOPBACK, MOST_FILES, Node, Settings, UnseenError, tree
from .sites import OLD, Server, Site, Unread, hsts_seconds

NAME = "nginx"
_MAIN = "/etc/nginx/nginx.conf"
_PASSES = frozenset({"proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass"})
# Files of every installation, without a directive that matters here; the script leaves them out.
_HARMLESS = re.compile(r"(mime\.types|.*_params|koi-.*|win-utf)\Z")
_REDIRECT = frozenset({"301", "302", "303", "307", "308"})


def read_nginx(settings: Settings) -> Server | Unread:
    """Its sites, or the file that stood in the way."""
    main = settings.main[-1] if settings.main else _MAIN
    try:
        if len(settings.files) >= MOST_FILES:
            raise UnseenError(posixpath.dirname(main))
        nodes = list(_included(main, settings, posixpath.dirname(main), 0))
    except UnseenError as unseen:
        return Unread(NAME, str(unseen))
    sites: list[Site] = []
    advice: list[str] = []
    for http in _blocks(nodes, "http"):
        inside = http.children or []
        sites += [
            site
            for server in _blocks(inside, "server")
            if (site := _site(server, inside)) is not None
        ]
        if _last(inside, "server_tokens") != "off":
            advice.append("version_shown")
    return Server(NAME, tuple(sites), tuple(dict.fromkeys(advice)))


def _included(path: str, settings: Settings, base: str, depth: int) -> Iterator[Node]:
    lines = settings.files.get(path)
    nodes = None if lines is None else tree(lines, "\t")
    if nodes is None or depth > DEEPEST:
        raise UnseenError(path)
    yield from _resolved(nodes, settings, base, depth)


def _resolved(nodes: Iterable[Node], settings: Settings, base: str, depth: int) -> Iterator[Node]:
    """``nodes`` with what they include in its place."""
    for node in nodes:
        if node.children is not None:
            yield Node(node.words, list(_resolved(node.children, settings, base, depth)))
        elif node.name == "include" and len(node.words) == 2:
            if _HARMLESS.match(posixpath.basename(node.words[1])):
                continue
            for path in settings.matching(node.words[1], base):
                yield from _included(path, settings, base, depth + 1)
        else:
            yield node


def _blocks(nodes: Iterable[Node], name: str) -> list[Node]:
    return [node for node in nodes if node.name == name and node.children is not None]


def _last(nodes: Iterable[Node], name: str) -> str | None:
    values = [node.words[1] for node in nodes if node.name == name and len(node.words) > 1]
    return values[-1] if values else None


def _everywhere(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _everywhere(node.children or ())


def _site(server: Node, http: list[Node]) -> Site | None:
    """One ``server``; ``None`` where other machines cannot reach it."""
    inside = server.children or []
    listens = [node.words[1:] for node in inside if node.name == "listen" and len(node.words) > 1]
    remote = [words for words in listens or [("80",)] if not LOOPBACK.match(_host(words[0]))]
    if not remote:
        return None
    own_ssl = _last(inside, "ssl") == "on" or (
        _last(http, "ssl") == "on" and _last(inside, "ssl") is None
    )
    secure = [words for words in remote if own_ssl or {"ssl", "quic"} & set(words)]
    closed = _refuses(inside) or _last(inside, "ssl_reject_handshake") == "on"
    names = [word for node in inside if node.name == "server_name" for word in node.words[1:]]
    name = next((n for n in names if n not in ("_", "")), f"{NAME} {remote[0][0]}")
    protocols = next(
        (
            node.words[1:]
            for level in (inside, http)
            for node in level
            if node.name == "ssl_protocols"
        ),
        (),
    )
    return Site(
        name=name,
        plain=len(secure) < len(remote),
        redirects=_sends_on(inside),
        encrypted=bool(secure) and not closed,
        old=tuple(protocol for protocol in protocols if protocol in OLD),
        hsts_s=_hsts(inside, http),
        application=any(node.name in _PASSES for node in _everywhere(inside)),
        listing=() if closed else _listing(name, inside, http),
    )


def _host(address: str) -> str:
    """The address of ``listen``, without its port."""
    if address.isdecimal():
        return "*"
    match = re.match(r"(\[[^\]]*\]|unix:.*|[^:]*)(:[0-9]+)?\Z", address)
    return match[1] if match else address


def _answers(nodes: Iterable[Node]) -> tuple[bool, bool]:
    """Whether what stands directly in a block sends on to https, and whether it refuses."""
    sends = refuses = False
    for node in nodes:
        words = node.words
        if node.name == "return" and len(words) > 1:
            target = words[2] if len(words) > 2 else words[1]
            code = words[1] if words[1].isdecimal() else "302"
            sends |= code in _REDIRECT and target.startswith("https://")
            refuses |= code[0] in "45"
        elif node.name == "rewrite" and len(words) > 2 and words[1] in _ALL:
            sends |= words[2].startswith("https://")
    return sends, refuses


_ALL = frozenset({"^", "^(.*)", "^(.*)$", "^/(.*)$", "^/(.*)", "(.*)", ".*", "^.*$", "^/?(.*)$"})


def _refuses(inside: list[Node]) -> bool:
    return _answers(inside)[1]


def _sends_on(inside: list[Node]) -> bool:
    """Whether all that comes unencrypted is sent on to https or refused.

    An answer to the question of a certificate authority (RFC 8555, 8.3) may stay as it is.
    """
    if any(_answers(inside)):
        return True
    for node in _blocks(inside, "if"):
        test = " ".join(node.words[1:]).strip("() ").replace('"', "").replace("'", "")
        if re.fullmatch(
            r"\$(scheme *(!= *https|= *http)|https *(=|!= *on)|server_port *= *80)", test
        ):
            return _answers(node.children or ())[0]
    locations = [
        node
        for node in _blocks(inside, "location")
        if not any("/.well-known" in word for word in node.words)
    ]
    whole = any(node.words[-1] == "/" for node in locations)
    return whole and all(any(_answers(node.children or ())) for node in locations)


def _hsts(inside: list[Node], http: list[Node]) -> int:
    """Headers are inherited where a level sets none of its own (ngx_http_headers_module)."""
    roots = [node.children or [] for node in _blocks(inside, "location") if node.words[-1] == "/"]
    for level in (*roots, inside, http):
        headers = [node for node in level if node.name in ("add_header", "more_set_headers")]
        for node in headers:
            # "more_set_headers" writes name and value in one word.
            name, _, value = "\t".join(node.words[1:3]).replace(":", "\t", 1).partition("\t")
            if name.lower() == "strict-transport-security":
                return hsts_seconds(value)
        merged = _last(level, "add_header_inherit") == "merge"
        if any(node.name == "add_header" for node in headers) and not merged:
            return 0
    return 0


def _listing(name: str, inside: list[Node], http: list[Node]) -> tuple[str, ...]:
    own = _last(inside, "autoindex")
    found = [name] if (own or _last(http, "autoindex")) == "on" else []
    found += [
        f"{name} {node.words[-1]}"
        for node in _everywhere(inside)
        if node.name == "location" and _last(node.children or (), "autoindex") == "on"
    ]
    return tuple(found)
