"""The answers of an OpenWrt: its packages, what else it was asked, and what was not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assessor.devices.answers import FILE
from assessor.devices.device import Topic
from assessor.devices.openwrt.known import unknown
from assessor.devices.openwrt.uci import Packages, Section, read_uci
from assessor.model.answers import UnparsedError

RELEASE = "cat /etc/openwrt_release"
PASSWD = "cat /etc/passwd"  # noqa: S105 - a file, not a password
SHADOW = "cat /etc/shadow"  # the redaction leaves the scheme and a mark of each hash
KEYS = "grep -cE '^[^#]*(ssh-|ecdsa-|sk-)' /etc/dropbear/authorized_keys 2>&1"
STARTED = "ls /etc/rc.d"
LISTENING = "netstat -ltn"
INCLUDED = (
    "grep -rsvE '^[[:space:]]*(#|$)' /etc/firewall.user /etc/nftables.d /usr/share/nftables.d"
)
CHANGED = r"find /etc/config /etc/shadow -type f -exec date -r {} +%s \;"

PACKAGES: Mapping[str, tuple[Topic, ...]] = {
    "firewall": (Topic.FIREWALL,),
    "network": (Topic.FIREWALL, Topic.SEGMENTS),
    "wireless": (Topic.WIFI,),
    "dropbear": (Topic.MANAGEMENT,),
    "uhttpd": (Topic.MANAGEMENT,),
    "system": (Topic.LOGGING, Topic.TIME),
    "rpcd": (Topic.ACCOUNTS,),
    "snmpd": (Topic.SNMP, Topic.MANAGEMENT),
    "mini_snmpd": (Topic.SNMP, Topic.MANAGEMENT),
    "upnpd": (Topic.MANAGEMENT,),
    "openvpn": (Topic.VPN,),
    "ipsec": (Topic.VPN,),
    "pptpd": (Topic.VPN,),
}
"""What is exported, and the topics that stay unread where that fails."""


def export(package: str) -> str:
    """The question for a package."""
    return f"uci export {package} 2>&1"


QUESTIONS = (
    RELEASE,
    *(export(package) for package in PACKAGES),
    PASSWD,
    SHADOW,
    KEYS,
    STARTED,
    LISTENING,
    INCLUDED,
    CHANGED,
)

MOST_LINES, LONGEST = 5, 120
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]+")
_NO_SUCH_PACKAGE = re.compile(r"\s*uci: Entry not found\s*\[exit \d+\]\s*")
_FAILED = re.compile(r"(?m:^)\[exit (\d+)\][^\n]*\s*\Z")


@dataclass(slots=True)
class Said:
    """What was said.

    Attributes:
        packages: those that are there.
        absent: those that the device has not.
        other: answers that are no UCI, by question, where the command succeeded.
        from_file: only files were read: there is no telling what else the device has.
    """

    packages: Packages
    absent: frozenset[str] = frozenset()
    other: Mapping[str, str] = field(default_factory=dict)
    from_file: bool = False
    unread: dict[Topic, list[str]] = field(default_factory=dict)
    _index: dict[tuple[str, str], list[Section]] = field(default_factory=dict)

    def note(self, topics: Iterable[Topic], line: str) -> None:
        """Puts on record that ``line`` is not understood."""
        line = _CONTROL.sub(" ", line).strip()[:LONGEST]
        for topic in topics:
            lines = self.unread.setdefault(topic, [])
            if line not in lines and len(lines) < MOST_LINES:
                lines.append(line)

    def has(self, package: str) -> bool | None:
        """Whether the device has a package; ``None`` where that is not told."""
        if package in self.packages:
            return True
        return False if package in self.absent else None

    def of(self, package: str, kind: str = "") -> list[Section]:
        """The sections of a package, of one type or all."""
        if (package, kind) not in self._index:
            found = self.packages.get(package, [])
            self._index[package, kind] = [each for each in found if kind in {"", each.type}]
        return self._index[package, kind]

    def flag(
        self, section: Section, option: str, topics: Iterable[Topic], *, otherwise: bool = False
    ) -> bool | None:
        """A boolean; ``None`` where it is set to something else, which goes on record."""
        value = section.flag(option, otherwise)
        if value is None:
            label = f"{section.package}.{section.key}.{option}"
            self.note(topics, f"{label}: {section.get(option)}")
        return value

    def on(self, section: Section, option: str, topics: Iterable[Topic]) -> bool:
        """Whether a section holds, which it does unless it is plainly switched off."""
        return self.flag(section, option, topics, otherwise=True) is not False

    def started(self, *services: str) -> bool | None:
        """Whether one of these is started at boot; ``None`` where that is not told."""
        text = self.other.get(STARTED)
        if text is None:
            return None
        names = {re.sub(r"^S\d{2}", "", word) for word in text.split() if re.match(r"S\d{2}", word)}
        return bool(names & set(services))


def of_answers(answers: Mapping[str, str]) -> Said:
    """What a device or a file said.

    Raises:
        UnparsedError: it is no OpenWrt's, or cut off.
    """
    said = _of_file(answers[FILE]) if FILE in answers else _of_session(answers)
    for topics, line in unknown(said.packages):
        said.note(topics, line)
    return said


_RELEASED = re.compile(r"^DISTRIB_\w+=.*$", re.MULTILINE)


def _of_file(text: str) -> Said:
    """Files of ``/etc/config`` or the output of ``uci export`` or ``uci show``, in any order."""
    release = "\n".join(_RELEASED.findall(text))
    packages = read_uci(_RELEASED.sub("", text))
    if not any(package in packages and packages[package] for package in PACKAGES):
        raise UnparsedError("no configuration of an OpenWrt")
    other = {RELEASE: release} if release else {}
    said = Said(packages, other=other, from_file=True)
    for package, topics in PACKAGES.items():
        # Services and VPNs that a file does not name may yet be there.
        if package not in packages and package in {"firewall", "network", "dropbear", "uhttpd"}:
            said.note(topics, f"{package}: not in the file")
    _note_packages(said)
    return said


# Packages with settings of their own that are not read: what their names suggest.
_SUGGESTS = (
    (
        re.compile(r"ssh|telnet|ttyd|shell|nginx|lighttpd|ftp|frp|ngrok|cloudflare|cwmp|tr069"),
        Topic.MANAGEMENT,
    ),
    (
        re.compile(r"vpn(?!_recipes)|swan|l2tp|pptp|ocserv|openconnect|zerotier|tailscale|ether$"),
        Topic.VPN,
    ),
    (re.compile(r"firewall|nftables|iptables"), Topic.FIREWALL),
    (re.compile(r"wifi|wlan|wireless|hostapd"), Topic.WIFI),
    (re.compile(r"snmp"), Topic.SNMP),
    (re.compile(r"syslog"), Topic.LOGGING),
    (re.compile(r"ntp|chrony"), Topic.TIME),
    (re.compile(r"passw|login|users?$"), Topic.ACCOUNTS),
)


def _note_packages(said: Said) -> None:
    for package, sections in said.packages.items():
        if package in PACKAGES or not sections:
            continue
        for pattern, topic in _SUGGESTS:
            if pattern.search(package):
                said.note([topic], f"package {package} is not read")


def _of_session(answers: Mapping[str, str]) -> Said:
    packages: dict[str, list[Section]] = {}
    absent: set[str] = set()
    other = {key: text for key in QUESTIONS if (text := _whole(answers, key)) is not None}
    said = Said(packages, frozenset(), other)
    for package, topics in PACKAGES.items():
        question = export(package)
        text = answers.get(question)
        if text is not None and _NO_SUCH_PACKAGE.fullmatch(text):
            absent.add(package)
        elif question not in other:
            said.note(topics, f"{question}: {(text or 'not answered').strip()}")
        else:
            try:
                packages.update(read_uci(other[question], package))
            except UnparsedError as error:
                said.note(topics, f"{question}: {error}")
    if not packages or not re.search(r"^DISTRIB_ID=", other.get(RELEASE, ""), re.MULTILINE):
        raise UnparsedError("the answers of no OpenWrt")
    said.absent = frozenset(absent)
    return said


def _whole(answers: Mapping[str, str], question: str) -> str | None:
    """An answer whose command succeeded; grep's 1 says that it found nothing."""
    text = answers.get(question)
    if text is None:
        return None
    failed = _FAILED.search(text)
    if failed is None:
        return text
    if question.startswith("grep") and (failed[1] == "1" or question == INCLUDED):
        return text[: failed.start()]
    if question == KEYS and "No such file" in text:
        return "0"
    return None
