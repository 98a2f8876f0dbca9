"""Reads Apache's settings: its virtual hosts with what they inherit, and the folders it lists."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from .settings import DEEPEST, LOOPBACK, MOST_FILES, Node, Settings, UnseenError, tree
from .sites import OLD, Server, Site, Unread, hsts_seconds

NAME = "Apache"
# Where distributions put it: Debian and SUSE, Red Hat and Alpine.
_BASES = {
    "/etc/apache2/apache2.conf": "/etc/apache2",
    "/etc/httpd/conf/httpd.conf": "/etc/httpd",
    "/etc/apache2/httpd.conf": "/etc/apache2",
}
# Compiled in wherever Apache is built with the usual options; no line loads them.
_BUILT_IN = frozenset(
    {"core", "so", "http", "http_core", "log_config", "logio", "version", "unixd"}
)
_PASSES_ON = frozenset(
    {"proxypass", "proxypassmatch", "scriptalias", "wsgiscriptalias", "passengerenabled"}
)
# Handlers of Apache's own, which serve what stands in files or its own pages.
_OWN_HANDLERS = frozenset(
    {"none", "default-handler", "type-map", "send-as-is", "imap-file", "server-status"}
    | {"server-info", "ldap-status", "balancer-manager"}
)
# Patterns of RedirectMatch and RewriteRule that fit every address of a site.
_ANY = frozenset(
    {"^", "^/", "^/?", "^(.*)", "^(.*)$", "(.*)", ".*", "^.*", "^.*$"}
    | {"^/(.*)", "^/(.*)$", "^/?(.*)", "^/?(.*)$"}
)


@dataclass(slots=True)
class _Whole:
    """All directives, with what they include, and what is switched on."""

    settings: Settings
    base: str
    modules: set[str] = field(default_factory=lambda: set(_BUILT_IN))
    defined: set[str] = field(default_factory=set)

    def included(self, path: str, depth: int) -> Iterator[Node]:
        lines = self.settings.files.get(path)
        nodes = None if lines is None else tree([_normal(line) for line in lines], "\t")
        if nodes is None or depth > DEEPEST:
            raise UnseenError(path)
        yield from self.resolved(nodes, depth)

    def resolved(self, nodes: Iterable[Node], depth: int) -> Iterator[Node]:
        """``nodes`` in their order, for what is loaded and defined up to there."""
        for node in nodes:
            words = node.words
            if node.children is not None and node.name in ("ifmodule", "ifdefine"):
                if self._holds(node.name, words[1] if len(words) > 1 else ""):
                    yield from self.resolved(node.children, depth)
            elif node.children is not None and node.name in (
                "ifversion",
                "ifdirective",
                "ifsection",
            ):
                yield from self.resolved(node.children, depth)
            elif node.children is not None:
                yield Node(words, list(self.resolved(node.children, depth)))
            elif node.name in ("include", "includeoptional") and len(words) > 1:
                yield from self._includes(node, depth)
            elif node.name == "use":
                # A macro writes settings of its own.
                raise UnseenError("mod_macro")
            else:
                self._switch(node)
                yield node

    def _includes(self, node: Node, depth: int) -> Iterator[Node]:
        """A folder stands for all files below it; an optional file may be missing."""
        whole = posixpath.normpath(posixpath.join(self.base, node.words[1]))
        paths = [p for p in sorted(self.settings.files) if p.startswith(f"{whole}/")]
        if not paths:
            try:
                paths = self.settings.matching(whole, self.base)
            except UnseenError:
                plain = whole.startswith(f"{self.base}/") and not re.search(r"[*?\[]", whole)
                if node.name == "include" or not plain or whole in self.settings.unreadable:
                    raise
        for path in paths:
            yield from self.included(path, depth + 1)

    def _switch(self, node: Node) -> None:
        if len(node.words) > 1 and node.name == "loadmodule":
            self.modules.add(node.words[1].removesuffix("_module"))
        elif len(node.words) > 1 and node.name == "define":
            self.defined.add(node.words[1])
        elif len(node.words) > 1 and node.name == "undefine":
            self.defined.discard(node.words[1])

    def _holds(self, kind: str, test: str) -> bool:
        negated, test = test.startswith("!"), test.removeprefix("!")
        if kind == "ifdefine":
            return (test in self.defined | self.settings.defined) is not negated
        name = test.removesuffix(".c").removeprefix("mod_").removesuffix("_module")
        return (name in self.modules) is not negated


def _normal(line: str) -> str:
    """A printed line with its words apart by tabs; quotes hold words together."""
    mark, _, text = line.partition(" ")
    if mark == "b":
        text = text.strip("<>")
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|(\S+)', text)
    return f"{mark} " + "\t".join("".join(word) for word in words)


def read_apache(settings: Settings) -> Server | Unread:
    """Its sites, or the file that stood in the way."""
    named = settings.main[-1] if settings.main else ""
    main = named or next((path for path in _BASES if path in settings.files), "/etc/apache2")
    whole = _Whole(settings, _BASES.get(main, posixpath.dirname(main)))
    try:
        if len(settings.files) >= MOST_FILES:
            raise UnseenError(whole.base)
        nodes = list(whole.included(main, 0))
    except UnseenError as unseen:
        return Unread(NAME, str(unseen))
    listens = [
        _address(node.words[1]) for node in nodes if node.name == "listen" and node.words[1:]
    ]
    remote = {port for address, port in listens if not LOOPBACK.match(address)}
    hosts = [n for n in nodes if n.name == "virtualhost" and n.children is not None]
    sites = [site for host in hosts if (site := _site(host, nodes, remote)) is not None]
    taken = {_address(word)[1] for host in hosts for word in host.words[1:]}
    # Where no virtual host is for a port, the main server answers there.
    if taken and "*" not in taken:
        remote -= taken
    if remote and "*" not in taken:
        ports = " ".join(sorted(remote, key=int))
        main_server = Node(("virtualhost", *(f"*:{port}" for port in remote)), [])
        site = _site(main_server, nodes, remote, name=f"{NAME} {ports}")
        sites += [site] if site is not None else []
    advice = []
    if "autoindex" not in whole.modules:
        sites = [replace(site, listing=()) for site in sites]
    if (_last(nodes, "servertokens") or "full").lower() not in ("prod", "productonly"):
        advice.append("version_shown")
    if (_last(nodes, "traceenable") or "on").lower() != "off":
        advice.append("trace_allowed")
    return Server(NAME, tuple(sites), tuple(advice))


def _address(text: str) -> tuple[str, str]:
    """Address and port of ``Listen`` and ``<VirtualHost>``; ``*`` for any."""
    if text.isdecimal():
        return "*", text
    match = re.match(r"(\[[^\]]*\]|[^:\[]*)(?::([0-9]+|\*))?\Z", text)
    if match is None:
        return text, "*"
    return match[1], match[2] or "*"


def _last(nodes: Iterable[Node], name: str) -> str | None:
    values = [node.words[1] for node in nodes if node.name == name and len(node.words) > 1]
    return values[-1] if values else None


def _site(host: Node, main: list[Node], remote: set[str], name: str = "") -> Site | None:
    """One virtual host; ``None`` where other machines cannot reach it."""
    inside = host.children or []
    addresses = [_address(word) for word in host.words[1:]]
    ports = sorted({p for a, p in addresses if not LOOPBACK.match(a) and (p in remote or p == "*")})
    if not ports or not remote:
        return None
    engine = (_last(inside, "sslengine") or _last(main, "sslengine") or "off").lower()
    encrypted = engine in ("on", "optional")
    sends = _sends_on(inside)
    label = _last(inside, "servername") or name or f"{NAME} {' '.join(ports)}"
    return Site(
        name=label,
        plain=engine != "on",
        redirects=sends,
        encrypted=encrypted,
        old=_old(
            next((n for level in (inside, main) for n in level if n.name == "sslprotocol"), None)
        ),
        hsts_s=_hsts(inside) or _hsts(main),
        application=_has_program(inside) or _has_program(main),
        listing=() if sends and not encrypted else _listing(inside, main),
    )


def _has_program(nodes: Iterable[Node]) -> bool:
    """Whether requests are handed to a program; another virtual host's are not ours."""
    for node in nodes:
        handler = node.name in ("sethandler", "addhandler") and node.words[1:]
        if node.name in _PASSES_ON or (handler and handler[0].lower() not in _OWN_HANDLERS):
            return True
        if node.name != "virtualhost" and _has_program(node.children or ()):
            return True
    return False


def _old(node: Node | None) -> tuple[str, ...]:
    """The outdated protocols that ``SSLProtocol`` names; ``all`` leaves them to OpenSSL."""
    if node is None:
        return ()
    words = [word.removeprefix("+") for word in node.words[1:]]
    return tuple(old for old in OLD if any(old.lower() == word.lower() for word in words))


def _sends_on(inside: list[Node]) -> bool | None:
    """Whether all that comes unencrypted is sent on to https; ``None`` where that depends."""
    conditions: list[str] = []
    unclear = rewrites = False
    for node in inside:
        words = node.words[1:]
        if node.name in ("redirect", "redirectpermanent", "redirectmatch"):
            path, target = words[-2:] if len(words) > 1 else ("", "")
            if target.startswith("https://") and (path in ("/", ".*") or path in _ANY):
                return True
            if {"gone", "410", "403", "404"} & set(words) and words[-1] in ("/", ".*", *_ANY):
                return True
        elif node.name == "rewriteengine":
            rewrites = words[:1] != () and words[0].lower() == "on"
        elif node.name == "rewritecond" and words:
            conditions.append(words[0])
        elif node.name == "rewriterule":
            if rewrites and len(words) > 1 and words[0] in _ANY and words[1].startswith("https://"):
                # These ask how or for which name of this site somebody comes, or leave out the
                # question of a certificate authority.
                usual = r"%\{(HTTPS|SERVER_NAME|HTTP_HOST|SERVER_PORT|REQUEST_URI|REQUEST_SCHEME)\}"
                if all(re.fullmatch(usual, condition) for condition in conditions):
                    return True
                unclear = True
            conditions.clear()
    return None if unclear else False


def _hsts(level: list[Node]) -> int:
    found = 0
    for node in level:
        whole = node.name in ("location", "directory") and node.words[-1] in ("/", "/*")
        for each in node.children or () if whole else (node,):
            words = [word for word in each.words[1:] if word.lower() not in ("always", "onsuccess")]
            sets = each.name == "header" and len(words) > 2 and words[0].lower() != "unset"
            if sets and words[1].lower().rstrip(":") == "strict-transport-security":
                found = hsts_seconds(words[2])
    return found


def _listing(inside: list[Node], main: list[Node]) -> tuple[str, ...]:
    """Folders of the site whose contents Apache shows: the narrower setting wins."""
    root = _last(inside, "documentroot") or _last(main, "documentroot")
    if root is None:
        return ()
    root = root.rstrip("/") or "/"
    shown = False
    for level in (main, inside):
        for node in level:
            if node.name == "options":
                shown = _applied(shown, node.words[1:])
    sections = [
        (node.words[1].rstrip("/") or "/", node.children or [])
        for level in (main, inside)
        for node in level
        if node.name == "directory" and len(node.words) > 1 and node.words[1] != "~"
    ]
    found: list[str] = []
    for path, children in sorted(sections, key=lambda section: len(section[0])):
        options = [node.words[1:] for node in children if node.name == "options"]
        if root == path or root.startswith(f"{path.rstrip('/')}/"):
            for words in options:
                shown = _applied(shown, words)
        elif path.startswith(f"{root}/"):
            found += [path for words in options if _applied(False, words)]
    return (root, *found) if shown else tuple(found)


def _applied(shown: bool, options: tuple[str, ...]) -> bool:
    """Whether listings are on after ``Options``: signed words change, plain ones replace."""
    if not any(word.startswith(("+", "-")) for word in options):
        shown = False
    for word in options:
        plain = word.lower().lstrip("+-")
        if plain in ("indexes", "all"):
            shown = not word.startswith("-")
        elif plain == "none":
            shown = False
    return shown
