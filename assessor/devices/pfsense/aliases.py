"""The aliases and groups of interfaces of a configuration."""

from __future__ import annotations

from collections.abc import Mapping

from assessor.devices.device import Topic
from assessor.devices.pfsense.addresses import Alias
from assessor.devices.pfsense.grammar import Element, Unread, check, children, listed, on, text
from assessor.devices.pfsense.names import words

_LEGACY = words(
    "name type address descr detail url aliasurl updatefreq proto content enabled "
    "counters category categories created updated uuid interface"
)
_MVC = words(
    "enabled name type path_expression proto interface counters updatefreq content password "
    "username authtype categories current_items last_updated description expire"
)


def read_aliases(root: Element, unread: Unread) -> Mapping[str, Alias]:
    """All aliases, by name: ``<aliases>``, and those of OPNsense's MVC."""
    found: dict[str, Alias] = {}
    for each in children(root, "aliases", "alias"):
        check(each, (_LEGACY,), unread, Topic.FIREWALL)
        content = text(each, "address") or text(each, "content")
        _keep(found, each, content, unread)
    for each in children(root, "OPNsense", "Firewall", "Alias", "aliases", "alias"):
        check(each, (_MVC,), unread, Topic.FIREWALL)
        if on(each, "enabled", default=True):
            _keep(found, each, text(each, "content"), unread)
    return found


def _keep(found: dict[str, Alias], each: Element, content: str, unread: Unread) -> None:
    alias = Alias(text(each, "name"), text(each, "type").lower(), listed(content))
    if not alias.known:
        unread.add(f"<alias> {alias.name} <type> {alias.type}", Topic.FIREWALL)
    found[alias.name] = alias


def read_groups(root: Element) -> Mapping[str, tuple[str, ...]]:
    """The groups of interfaces, by name, with their members."""
    return {
        text(each, "ifname"): listed(text(each, "members"))
        for each in children(root, "ifgroups", "ifgroupentry")
    }
