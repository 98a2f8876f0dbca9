"""A site of a UniFi controller as one JSON file: its API's answers, by name.

::

    {"wlanconf": [...], "networkconf": {"meta": {"rc": "ok"}, "data": [...]}, ...}

The names are those of the API (``rest/wlanconf``, ``stat/device``, ``cmd/sitemgr get-admins``,
``v2/api/site/.../firewall-policies``), as the community documents them (ubntwiki.com, "UniFi
Controller API"; github.com/Art-of-WiFi/UniFi-API-client). Each is a list, or the whole answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from assessor.devices.device import Topic
from assessor.devices.vyatta.known import MOST_LINES, shortened
from assessor.model.answers import UnparsedError

Record = Mapping[str, Any]
_NAMES = {
    "wlanconf": ("wlanconf", "wlan", "wlans"),
    "networkconf": ("networkconf", "network", "networks"),
    "firewallrule": ("firewallrule", "firewallrules"),
    "firewallgroup": ("firewallgroup", "firewallgroups"),
    "firewallzone": ("firewallzone", "firewallzones", "zone", "zones"),
    "firewallpolicy": ("firewallpolicy", "firewallpolicies"),
    "portforward": ("portforward", "portforwards"),
    "nat": ("nat", "natrules"),
    "setting": ("setting", "settings"),
    "device": ("device", "devices"),
    "sysinfo": ("sysinfo",),
    "admin": ("admin", "admins", "getadmins", "users"),
    "migration": ("sitefeaturemigration", "featuremigration"),
}
_BY_ALIAS = {alias: name for name, aliases in _NAMES.items() for alias in aliases}
# Of no matter here.
_HARMLESS = frozenset(
    {"site", "sites", "self", "health", "usergroup", "apgroup", "apgroups", "radiusprofile", "tag"}
    | {"sta", "alluser", "user", "routing", "dynamicdns", "portconf", "meta", "version", "event"}
)
_SUGGESTS = (
    (re.compile(r"firewall|nat|zone|forward|traffic|acl|policy|rule", re.I), Topic.FIREWALL),
    (re.compile(r"wlan|wifi|ssid|wireless", re.I), Topic.WIFI),
    (re.compile(r"admin|user|role|account", re.I), Topic.ACCOUNTS),
    (re.compile(r"vpn|teleport|wireguard|ipsec", re.I), Topic.VPN),
    (re.compile(r"network|vlan", re.I), Topic.SEGMENTS),
    (re.compile(r"setting|remote|access|snmp", re.I), Topic.MANAGEMENT),
)


@dataclass
class Bundle:
    """What the controller said.

    Attributes:
        parts: each answer's records, by name; what is not there was not asked, or refused.
        unread: by topic, what was met and not understood.
    """

    parts: dict[str, list[Record]]
    unread: dict[Topic, list[str]] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether there is such an answer."""
        return name in self.parts

    def records(self, name: str) -> list[Record]:
        """The records of an answer; none where there is no answer."""
        return self.parts.get(name, [])

    def tell(self, topic: Topic, line: str) -> None:
        """Notes what was not understood."""
        lines = self.unread.setdefault(topic, [])
        if len(lines) < MOST_LINES:
            lines.append(shortened(line))

    def setting(self, key: str) -> Record | None:
        """The setting ``key``; ``None`` where it is not told."""
        return next((one for one in self.records("setting") if one.get("key") == key), None)


def read_bundle(document: object) -> Bundle:
    """The bundle that ``document`` holds.

    Raises:
        UnparsedError: it holds none.
    """
    if not isinstance(document, dict):
        raise UnparsedError("not an object of answers by their names")
    found = Bundle({})
    for key, value in document.items():
        alias = re.sub(r"[-_ ]", "", str(key).rsplit("/", 1)[-1].lower())
        name = _BY_ALIAS.get(alias)
        if name is None:
            if alias not in _HARMLESS:
                _strange(found, str(key))
            continue
        records = _records(value)
        if records is None:
            for topic in _topics(str(key)) or [Topic.MANAGEMENT]:
                found.tell(topic, f"{key}: the controller gave no records")
        else:
            found.parts.setdefault(name, []).extend(records)
    if not found.parts:
        raise UnparsedError("there is no answer of a UniFi controller in it")
    return found


def _records(value: object) -> list[Record] | None:
    """The records of an answer; ``None`` where it is an error, or of another form."""
    if isinstance(value, dict) and "data" in value:
        meta = value.get("meta")
        if isinstance(meta, dict) and meta.get("rc") not in (None, "ok"):
            return None
        value = value["data"]
    if isinstance(value, dict) and not ("error" in value or "errorCode" in value):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return None
    return value


def _topics(key: str) -> list[Topic]:
    return [topic for pattern, topic in _SUGGESTS if pattern.search(key)]


def _strange(found: Bundle, key: str) -> None:
    for topic in _topics(key):
        found.tell(topic, f"{key}: not known")


def load(text: str) -> object:
    """The JSON of a file.

    Raises:
        UnparsedError: it is none, or it is cut off.
    """
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnparsedError("not JSON, or cut off") from error
    return document


def text_of(record: Record, name: str) -> str:
    """The text ``name``; empty where it is none."""
    value = record.get(name)
    return value if isinstance(value, str) else ""


def flag(record: Record, name: str) -> bool | None:
    """The truth value ``name``; ``None`` where it is not told."""
    value = record.get(name)
    return value if isinstance(value, bool) else None


def texts_of(record: Record, name: str) -> tuple[str, ...]:
    """The texts of the list ``name``."""
    value = record.get(name)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list) else ()


def strangers(record: Record, known: frozenset[str]) -> Iterator[str]:
    """The names of fields that say something and are not known."""
    for name, value in record.items():
        if (
            name not in known
            and value not in (None, "", False, [], {})
            and not name.startswith("_")
        ):
            yield str(name)
