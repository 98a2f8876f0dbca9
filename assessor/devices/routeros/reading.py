"""RouterOS' answers, or an exported file, to the neutral form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from assessor.devices.answers import FILE
from assessor.devices.device import Device, Topic
from assessor.devices.routeros import accounts, logs, state
from assessor.devices.routeros.export import Export
from assessor.devices.routeros.firewall import Filters, offloaded
from assessor.devices.routeros.notes import Notes
from assessor.devices.routeros.prints import Entry, entries, refused, settings
from assessor.devices.routeros.segments import Segments
from assessor.devices.routeros.services import Services
from assessor.devices.routeros.topology import Topology
from assessor.devices.routeros.vpn import vpns
from assessor.devices.routeros.wifi import Offered, offered
from assessor.model.answers import UnparsedError

RESOURCE = "/system resource print"
ROUTERBOARD = "/system routerboard print"
UPDATE = "/system package update print"
CLOCK = "/system clock print"
USERS = "/user print detail without-paging"
KEYS = "/user ssh-keys print detail without-paging"
PASSWORDS = "/user settings print"  # a question
SERVICES = "/ip service print detail without-paging"
ADDRESSES = "/ip address print detail without-paging"
HISTORY = "/system history print detail without-paging"
LOG = '/log print without-paging where message~"(password|passphrase|pre-shared-key)="'
EXPORT = "/export terse show-sensitive"
OLDER_EXPORT = "/export terse"
_MOST_PROFILES = 50
QUESTIONS = (
    RESOURCE,
    ROUTERBOARD,
    UPDATE,
    CLOCK,
    USERS,
    KEYS,
    PASSWORDS,
    SERVICES,
    ADDRESSES,
    HISTORY,
    LOG,
    EXPORT,
)


def read(answers: Mapping[str, str]) -> Device:
    """What ``answers`` say; raises ``UnparsedError`` where they are not RouterOS'."""
    text = _export_text(answers)
    resource = settings(answers.get(RESOURCE, ""))
    if not text and not _is_routeros(resource, answers):
        raise UnparsedError("these are no answers of RouterOS")
    export = Export(text) if text else None
    notes = export.notes if export else Notes()
    version = resource.get("version", "").partition(" ")[0]
    if export is not None:
        # The defaults that an export leaves out depend on the version.
        version = export.version = version or export.version
    board = settings(answers.get(ROUTERBOARD, ""))
    about = export.about if export else {}
    users, _ = _entries(answers, USERS, notes, Topic.ACCOUNTS)
    keys, _ = _entries(answers, KEYS, notes, Topic.ACCOUNTS)
    zone = state.offset(settings(answers.get(CLOCK, "")))
    history = _said(answers, HISTORY)
    offer = offered(export) if export else ()
    facts = _configured(export, answers, board, resource, offer) if export else Device()
    people = accounts.accounts(users, keys, version, export, notes) if users else None
    return Device(
        name=_name(export),
        firmware=state.firmware(resource, board, settings(answers.get(UPDATE, "")), about, version),
        accounts=people,
        services=facts.services,
        firewall=facts.firewall,
        wifi=facts.wifi,
        snmp=facts.snmp,
        logging=facts.logging,
        ntp=facts.ntp,
        dns=facts.dns,
        vpns=facts.vpns,
        segments=facts.segments,
        min_length=accounts.min_length(settings(answers.get(PASSWORDS, "")), export),
        changed_at=state.changed_at(history, export.comments if export else (), zone),
        secret_changes=_changes(history, _said(answers, LOG), zone, offer, export),
        unread=notes.unread(),
    )


def _export_text(answers: Mapping[str, str]) -> str:
    for question in (FILE, EXPORT, OLDER_EXPORT):
        if (said := answers.get(question)) is not None and (question == FILE or not refused(said)):
            return said
    return ""


def _is_routeros(resource: Mapping[str, str], answers: Mapping[str, str]) -> bool:
    if FILE in answers:
        return False
    return "version" in resource and ("architecture-name" in resource or "board-name" in resource)


def _said(answers: Mapping[str, str], question: str) -> str:
    said = answers.get(question, "")
    return "" if refused(said) else said


def _entries(
    answers: Mapping[str, str], question: str, notes: Notes, topic: Topic
) -> tuple[Sequence[Entry], bool]:
    """The entries of an answer, and whether the device gave one."""
    said = answers.get(question, "")
    found, odd = entries(said)
    for line in odd:
        notes.add((topic,), f"{question}: {line}")
    return found, not refused(said)


def _configured(
    export: Export,
    answers: Mapping[str, str],
    board: Mapping[str, str],
    resource: Mapping[str, str],
    offer: Sequence[Offered],
) -> Device:
    """What follows from the configuration."""
    notes = export.notes
    leased: dict[str, list[str]] = {}
    for entry in _entries(answers, ADDRESSES, notes, Topic.FIREWALL)[0]:
        if "X" not in entry.flags.upper() and entry.values.get("interface"):
            name = entry.values.get("actual-interface") or entry.values["interface"]
            leased.setdefault(name, []).append(entry.values.get("address", ""))
    topology = Topology(export, leased)
    filters = Filters(export, topology)
    if (switch := offloaded(export, topology.outside)) is not None:
        notes.add((Topic.FIREWALL, Topic.SEGMENTS), f"/{switch.path} {switch.text}")
    printed, _ = _entries(answers, SERVICES, notes, Topic.MANAGEMENT)
    segments = Segments(export, filters, offer)
    own = board.get("routerboard") == "yes" or "model" in export.about
    own = own and "CHR" not in (resource.get("board-name") or export.about.get("board-name", ""))
    return Device(
        services=Services(export, filters, printed).all(),
        firewall=filters.policies(),
        wifi=segments.wifi(),
        snmp=logs.snmp(export),
        logging=logs.logging(export),
        ntp=logs.time_servers(export, board=own),
        dns=logs.resolvers(export),
        vpns=vpns(export, topology.outside),
        segments=segments.segments(),
    )


def _name(export: Export | None) -> str:
    return export.settings("system identity").get("name", "MikroTik") if export else ""


def _changes(
    history: str,
    log: str,
    zone: timedelta | None,
    offer: Sequence[Offered],
    export: Export | None,
) -> Mapping[str, datetime]:
    """When secrets were changed, by their labels."""
    newest = {(kind, name): at for kind, name, at in state.secret_changes(history, log, zone)}
    found = {f"account {name}": at for (kind, name), at in newest.items() if kind == "user"}
    profiles = [(name, at) for (kind, name), at in newest.items() if kind == "profile"]
    if export is None:
        return found
    for name, at in profiles[-_MOST_PROFILES:]:
        for label in _using(name, offer, export):
            found[f"wifi {label}"] = max(at, found.get(f"wifi {label}", at))
    return found


def _using(profile: str, offer: Sequence[Offered], export: Export) -> Sequence[str]:
    """The labels of the wireless networks whose only secret is that of a profile."""
    holders = {profile}
    for path in ("interface wifi configuration", "caps-man configuration"):
        holders |= {item.name for item in export.items(path) if item.get("security") == profile}
    using = set()
    for path in ("interface wireless", "interface wifi", "caps-man configuration"):
        for item in export.items(path):
            named = (item.get("security-profile"), item.get("security"), item.get("configuration"))
            if item.name in holders or holders & set(named):
                using.add(item.find.get("default-name") or item.name)
    using |= holders
    return [
        one.network.label
        for one in offer
        if one.network.label in using and len(one.network.secrets) == 1
    ]
