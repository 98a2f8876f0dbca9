"""Fortinet FortiOS 6.x and 7.x: FortiGate and FortiWiFi.

Netmiko's own driver for Fortinet is not used: it sets ``config system console`` so that pages are
off, which is a change of the configuration. ``show`` leaves out what is at its default; what the
defaults are stands where they are applied, from Fortinet's CLI references.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assessor.devices.answers import FILE
from assessor.devices.device import Device, Firmware
from assessor.devices.fortios.accounts import administrators, least_length, locks_out
from assessor.devices.fortios.configuration import Configuration, configuration
from assessor.devices.fortios.firewall import firewall, shows_policies
from assessor.devices.fortios.firmware import saves_itself, told_version, updates_itself
from assessor.devices.fortios.grammar import read_tree
from assessor.devices.fortios.local_in import LocalIn
from assessor.devices.fortios.logs import logging, resolvers, time_servers
from assessor.devices.fortios.management import management
from assessor.devices.fortios.network import networks
from assessor.devices.fortios.objects import objects
from assessor.devices.fortios.policies import passages
from assessor.devices.fortios.schema import Unread, note_unknown
from assessor.devices.fortios.segments import apartness, segments
from assessor.devices.fortios.snmp import snmp
from assessor.devices.fortios.undefined import note_undefined
from assessor.devices.fortios.vpn import vpns
from assessor.devices.fortios.wifi import wifi
from assessor.devices.system import DeviceSystem, Session
from assessor.model.answers import UnparsedError
from assessor.model.target import DeviceOs

SHOW, STATUS, NTP = "show", "get system status", "get system ntp"
_GLOBAL = {STATUS: "sudo global get system status", NTP: "sudo global get system ntp"}


def read(answers: Mapping[str, str]) -> Device:
    """A FortiGate.

    Raises:
        UnparsedError: the configuration was not shown, is not FortiOS', or was cut off.
    """
    text = answers.get(SHOW) or answers.get(FILE)
    if text is None:
        raise UnparsedError(f"no answer to {SHOW!r}")
    tree, comments = read_tree(text)
    state = _state(answers, STATUS)
    told = told_version([*(state or "").splitlines(), *comments])
    config = configuration(tree, told.version if told else "")
    unread = Unread()
    for part in config.parts():
        note_unknown(part, unread)
    return _device(config, told, _state(answers, NTP), unread)


def _state(answers: Mapping[str, str], question: str) -> str | None:
    """What was said to ``question``, or to it for the whole device where there are domains."""
    return answers.get(question) or answers.get(_GLOBAL[question])


def _device(
    config: Configuration, told: Firmware | None, ntp: str | None, unread: Unread
) -> Device:
    nets = networks(config)
    things = {name: objects(block) for name, block in config.domains.items()}
    note_undefined(config, nets, things, unread)
    passing = {name: passages(config, name, nets[name], things[name]) for name in nets}
    local = {
        name: LocalIn(block, nets[name], things[name]) for name, block in config.domains.items()
    }
    agent = snmp(config)
    admins = administrators(config, unread)
    ways = management(config, nets, local, passing, admins, agent)
    tunnels = vpns(config, nets, things)
    apart = apartness(config, nets, passing)
    wall = firewall(config, nets, passing, (*ways.holes, *tunnels.holes), unread)
    log = logging(config, unread)
    automatic = updates_itself(config)
    return Device(
        name=config.whole.part("system global").one("hostname"),
        firmware=replace(told, automatic=automatic) if told else None,
        accounts=admins.accounts,
        services=ways.services,
        firewall=wall,
        wifi=wifi(config, apart),
        snmp=agent.communities,
        logging=log,
        ntp=time_servers(config, ntp),
        dns=resolvers(config),
        vpns=tunnels.vpns,
        segments=segments(config, apart, policies_shown=shows_policies(config)),
        min_length=least_length(config),
        lockout=locks_out(config),
        config_backup=saves_itself(config),
        unread=unread.by_topic(),
    )


SYSTEM = DeviceSystem(
    os=DeviceOs.FORTIOS,
    title="Fortinet FortiOS",
    session=Session.CLI,
    questions=(SHOW, STATUS, NTP),
    read=read,
    driver="plain",
    alternatives={question: (other,) for question, other in _GLOBAL.items()},
)

__all__ = ["SYSTEM", "read"]
