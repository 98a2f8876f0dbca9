"""The answers of UniFi to the neutral form."""

from __future__ import annotations

import re
from collections.abc import Mapping

from assessor.devices.answers import FILE
from assessor.devices.device import Device, Firmware, Topic
from assessor.devices.unifi.accesspoint import read_access_point, read_settings
from assessor.devices.unifi.bundle import Bundle, load, read_bundle, text_of
from assessor.devices.unifi.site import (
    read_accounts,
    read_firmware,
    read_logging,
    read_ntp,
    read_segments,
    read_services,
    read_snmp,
    read_vpns,
)
from assessor.devices.unifi.walls import gateway, read_firewall
from assessor.devices.unifi.wifi import read_wifi
from assessor.devices.vyatta.grammar import parse
from assessor.devices.vyatta.reader import read_tree
from assessor.model.answers import UnparsedError

INFO = "mca-cli-op info"
GATEWAY = "mca-ctrl -t dump-cfg"
ACCESS_POINT = "cat /tmp/system.cfg"
CONSOLE = "ubnt-device-info summary"
QUESTIONS = (INFO, GATEWAY, ACCESS_POINT, CONSOLE)
_SAID = re.compile(
    r"^[ \t]*(?P<key>[A-Za-z][\w /-]{1,30}?)[ \t]*:[ \t]*(?P<value>\S[^\n]{0,120})$", re.MULTILINE
)


def read(answers: Mapping[str, str]) -> Device:
    """The device; see ``DeviceSystem.read``."""
    if FILE in answers:
        return _file(answers[FILE])
    said = _words(answers.get(CONSOLE, "")) | _words(answers.get(INFO, ""))
    firmware = _firmware(said)
    name = said.get("hostname", "")
    settings = read_settings(answers.get(ACCESS_POINT, ""))
    if any(key.startswith(("aaa.", "wireless.", "users.")) for key in settings):
        return read_access_point(settings, firmware, name)
    dump = answers.get(GATEWAY, "").strip()
    if dump.startswith("{"):
        return read_tree(parse(dump), firmware=firmware)
    if firmware is None:
        raise UnparsedError("there is no answer of a UniFi device in it")
    # A console keeps its configuration in a database of the controller's.
    return Device(name=name, firmware=firmware)


def _words(text: str) -> dict[str, str]:
    if "[exit " in text:
        return {}
    return {found["key"].strip().lower(): found["value"].strip() for found in _SAID.finditer(text)}


def _firmware(said: Mapping[str, str]) -> Firmware | None:
    version = said.get("version") or said.get("firmware version") or said.get("firmware") or ""
    model = said.get("model") or said.get("device model") or ""
    found = re.search(r"\d+\.\d+\.\d+", version)
    if found is None:
        return None
    if re.search(r"(?i)UGW|UniFi-Gateway|security gateway|USG", model):
        return Firmware(model, f"USG {found[0]}")
    if re.search(r"(?i)express", model):
        return Firmware(model, f"UniFi Express {found[0]}")
    if re.search(r"(?i)UXG|gateway (?:pro|lite|max|enterprise|fiber)$", model):
        return Firmware(model, f"UXG {found[0]}")
    if re.search(r"(?i)dream|cloud gateway|cloud ?key|UDM|UDR|UCG|UCK", model):
        return Firmware(model, f"UniFi OS {found[0]}")
    return Firmware(model, f"AP {found[0]}")


def _file(text: str) -> Device:
    if not text.lstrip().startswith("{"):
        settings = read_settings(text)
        if not any(key.startswith("wireless.") for key in settings):
            raise UnparsedError("neither a controller's JSON nor an access point's settings")
        return read_access_point(settings, None, "")
    document = load(text)
    if isinstance(document, dict) and {"interfaces", "system", "firewall"} & set(document):
        return read_tree(parse(text))
    return _site(read_bundle(document))


def _site(bundle: Bundle) -> Device:
    firewall = read_firewall(bundle)
    own = gateway(bundle) or {}
    if firewall is None and not bundle.has("device"):
        bundle.tell(Topic.FIREWALL, "device: not told")
    accounts = read_accounts(bundle)
    services = read_services(bundle, firewall)
    wifi, segments, vpns = read_wifi(bundle), read_segments(bundle), read_vpns(bundle)
    logging, ntp, snmp = read_logging(bundle), read_ntp(bundle), read_snmp(bundle)
    return Device(
        name=text_of(own, "name"),
        firmware=read_firmware(bundle),
        accounts=accounts,
        services=services,
        firewall=firewall,
        wifi=wifi,
        snmp=snmp,
        logging=logging,
        ntp=ntp,
        vpns=vpns,
        segments=segments,
        unread={topic: tuple(lines) for topic, lines in bundle.unread.items()},
    )
