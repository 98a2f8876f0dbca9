"""Reads a Caddyfile: Caddy encrypts by itself, unless an address or a setting says otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .settings import LOOPBACK, Node, Settings, tree
from .sites import Server, Site, Unread, hsts_seconds

NAME = "Caddy"
_MAIN = "/etc/caddy/Caddyfile"


def read_caddy(settings: Settings) -> Server | Unread:
    """Its sites, or the file that stood in the way."""
    main = settings.main[-1] if settings.main else _MAIN
    lines = settings.files.get(main)
    nodes = None if lines is None else tree([_normal(line) for line in lines], "\t")
    if nodes is None or not main.endswith("Caddyfile"):
        return Unread(NAME, main)
    # One site may stand without braces: its address, then what belongs to it.
    if nodes and nodes[0].children is None and nodes[0].name != "import":
        nodes = [Node(nodes[0].words, nodes[1:])]
    snippets = {n.words[0].strip("()"): n.children or [] for n in nodes if n.words[0][0] == "("}
    options = [n for node in nodes if node.words == ("{",) for n in node.children or ()]
    automatic = not any(n.name == "auto_https" and n.words[1:2] == ("off",) for n in options)
    sites: list[Site] = []
    for node in nodes:
        if node.name == "import" and node.children is None:
            return Unread(NAME, " ".join(node.words[1:]))
        if node.words == ("{",) or node.words[0][0] == "(":
            continue
        inside = list(_resolved(node.children or [], snippets, 0))
        if any(n.name == "import" for n in _everywhere(inside)):
            return Unread(NAME, main)
        sites += _sites(node, inside, automatic)
    return Server(NAME, tuple(sites))


def _normal(line: str) -> str:
    mark, _, text = line.partition(" ")
    if mark == "b":
        text = text.removesuffix("{").strip() or "{"
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|`([^`]*)`|(\S+)', text)
    return f"{mark} " + "\t".join("".join(word) for word in words)


def _resolved(nodes: Iterable[Node], snippets: dict[str, list[Node]], depth: int) -> Iterator[Node]:
    for node in nodes:
        if node.name == "import" and node.words[1:2] and node.words[1] in snippets and depth < 5:
            yield from _resolved(snippets[node.words[1]], snippets, depth + 1)
        elif node.children is not None:
            yield Node(node.words, list(_resolved(node.children, snippets, depth)))
        else:
            yield node


def _everywhere(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _everywhere(node.children or ())


def _sites(node: Node, inside: list[Node], automatic: bool) -> Iterator[Site]:
    for address in (word.rstrip(",") for word in node.words):
        match = re.match(r"(?:(https?)://)?(\[[^\]]*\]|[^:/]*)(?::([0-9]+))?(/.*)?\Z", address)
        if match is None or LOOPBACK.match(match[2]) or match[2].endswith(".localhost"):
            continue
        scheme, host, port = match[1], match[2], match[3]
        own_tls = any(n.name == "tls" for n in inside)
        encrypted = own_tls or scheme == "https" or port == "443"
        if not encrypted:
            encrypted = automatic and scheme is None and host != "" and port != "80"
        every = list(_everywhere(inside))
        yield Site(
            name=address,
            plain=not encrypted,
            redirects=_sends_on(inside),
            encrypted=encrypted,
            hsts_s=_hsts(every),
            application=any(n.name in ("reverse_proxy", "php_fastcgi") for n in every),
            listing=(address,) if _lists(every) else (),
        )


def _sends_on(inside: list[Node]) -> bool:
    for node in inside:
        words = node.words[1:]
        if node.name == "redir" and len(words) in (1, 2) and words[0].startswith("https://"):
            return True
        if node.name == "abort" and not words:
            return True
        if node.name == "respond" and words[-1:] and re.fullmatch("[45][0-9][0-9]", words[-1]):
            return len(words) == 1
    return False


def _hsts(nodes: Iterable[Node]) -> int:
    for node in nodes:
        words = node.words[1:] if node.name == "header" else node.words
        words = words[1:] if words and words[0].startswith(("/", "*")) else words
        if len(words) > 1 and words[0].lower().lstrip("+?>") == "strict-transport-security":
            return hsts_seconds(words[1])
    return 0


def _lists(nodes: Iterable[Node]) -> bool:
    return any("browse" in node.words for node in nodes if node.name in ("file_server", "browse"))
