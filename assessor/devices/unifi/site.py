"""Administrators, settings, networks and devices of a site."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address

from assessor.devices.device import (
    Account,
    Community,
    Firewall,
    Firmware,
    Logging,
    Policy,
    Reach,
    Segment,
    Service,
    Storage,
    Topic,
    Vpn,
)
from assessor.devices.secrets import secret
from assessor.devices.unifi.bundle import Bundle, Record, flag, text_of
from assessor.devices.unifi.policies import between_networks
from assessor.devices.unifi.walls import gateway, reach
from assessor.devices.unifi.wifi import GUESTS

_ROLES = {"admin": True, "super_admin": True, "owner": True, "readonly": False, "viewer": False}
_ROLES |= {"hotspot": False, "limited": False, "device-only": False}
_WEAK_CIPHERS, _WEAK_HASHES = frozenset({"3des", "des"}), frozenset({"md5", "sha1"})
_WEAK_GROUPS = frozenset({"1", "2", "5", "22"})
_VPNS = {
    "l2tp-server": "l2tp-ipsec",
    "pptp-server": "pptp",
    "pptp-client": "pptp",
    "openvpn-server": "openvpn",
    "openvpn-client": "openvpn",
    "openvpn-vpn": "openvpn",
    "wireguard-server": "wireguard",
    "wireguard-client": "wireguard",
    "ipsec-vpn": "ipsec",
    "auto": "ipsec",
    "uid-server": "wireguard",
}


def read_accounts(bundle: Bundle) -> tuple[Account, ...] | None:
    """Administrators of the controller, and the one account of its devices (``mgmt``)."""
    mgmt = bundle.setting("mgmt")
    if not bundle.has("admin"):
        return None
    found = [_administrator(one, bundle) for one in bundle.records("admin")]
    if mgmt is None:
        bundle.tell(Topic.ACCOUNTS, "setting mgmt: not told")
    elif flag(mgmt, "x_ssh_enabled") is None:
        bundle.tell(Topic.ACCOUNTS, "setting mgmt: x_ssh_enabled is not told")
    if mgmt is not None:
        found.append(_devices_account(mgmt))
    return tuple(found)


def _administrator(record: Record, bundle: Bundle) -> Account:
    """The controller keeps their passwords to itself (its API leaves ``x_shadow`` out).

    Those with an account at ui.com are let in by that, which has a second factor or not: the
    controller does not say. Local ones have none.
    """
    name = text_of(record, "name") or text_of(record, "username") or text_of(record, "email") or "?"
    role = text_of(record, "role")
    administrator = (
        True if flag(record, "is_super") or flag(record, "isOwner") else _ROLES.get(role)
    )
    if flag(record, "for_hotspot"):
        administrator = False
    if administrator is None:
        bundle.tell(Topic.ACCOUNTS, f"admin {name}: role {role or '?'}")
    shadow = text_of(record, "x_shadow")
    return Account(
        name,
        enabled=text_of(record, "status") not in ("DEACTIVATED", "DISABLED"),
        administrator=administrator,
        secret=secret(shadow, Storage.HASH) if shadow else None,
        second_factor=False if flag(record, "only_local_account") else None,
    )


def _devices_account(mgmt: Record) -> Account:
    """Every device of the site is entered by one name, whose password stands there in clear."""
    password = text_of(mgmt, "x_ssh_password")
    asked = flag(mgmt, "x_ssh_auth_password_enabled") is not False
    keys = mgmt.get("x_ssh_keys")
    return Account(
        f"{text_of(mgmt, 'x_ssh_username') or '?'} (devices)",
        enabled=flag(mgmt, "x_ssh_enabled") is not False,
        secret=secret(password, Storage.CLEAR) if password and asked else None,
        keys=len(keys) if isinstance(keys, list) else 0,
        second_factor=False,
    )


def read_services(bundle: Bundle, firewall: Firewall | None) -> tuple[Service, ...] | None:
    """The ways into the gateway and the site's other devices."""
    mgmt = bundle.setting("mgmt")
    if mgmt is None:
        return None
    private = _all_private(bundle)
    found = [Service("https", reach=reach(firewall, "tcp", 443, private=private), port=443)]
    ssh = flag(mgmt, "x_ssh_enabled")
    if ssh is None:
        bundle.tell(Topic.MANAGEMENT, "setting mgmt: x_ssh_enabled is not told")
    found.append(
        Service("ssh", ssh is not False, True, reach(firewall, "tcp", 22, private=private), 22)
    )
    cloud = bundle.setting("super_cloudaccess")
    if cloud is not None:
        # ui.com lets administrators in from anywhere, after its own log-in.
        if flag(cloud, "enabled") is None:
            bundle.tell(Topic.MANAGEMENT, "setting super_cloudaccess: not told")
        found.append(Service("cloud", flag(cloud, "enabled") is True, True, Reach.NAMED))
    usg = bundle.setting("usg")
    if usg is not None and flag(usg, "upnp_enabled"):
        found.append(Service("upnp", encrypted=False, reach=Reach.INSIDE))
    snmp = bundle.setting("snmp")
    if snmp is not None and (flag(snmp, "enabled") or flag(snmp, "enabledV3")):
        told = reach(firewall, "udp", 161, private=private)
        found.append(Service("snmp", True, not flag(snmp, "enabled"), told, 161))
    return tuple(found)


def _all_private(bundle: Bundle) -> bool:
    """Whether the site's devices are known, and all have addresses that no one routes to."""
    addresses = [text_of(one, "ip") for one in bundle.records("device")]
    try:
        return bool(addresses) and all(ip_address(one).is_private for one in addresses)
    except ValueError:
        return False


def read_snmp(bundle: Bundle) -> tuple[Community, ...] | None:
    """Its community and user; none where it is off."""
    snmp = bundle.setting("snmp")
    if snmp is None:
        return () if bundle.has("setting") else None
    found = []
    if flag(snmp, "enabled") is None:
        bundle.tell(Topic.SNMP, "setting snmp: whether it is on is not told")
    if flag(snmp, "enabled"):
        found.append(
            Community("2c", False, False, secret(text_of(snmp, "community"), Storage.CLEAR))
        )
    if flag(snmp, "enabledV3"):
        found.append(
            Community("3", False, True, secret(text_of(snmp, "x_password"), Storage.CLEAR))
        )
    return tuple(found)


def read_logging(bundle: Bundle) -> Logging | None:
    """Where the devices send their logs."""
    told = bundle.setting("rsyslogd")
    if told is None:
        return None
    server = text_of(told, "ip")
    remote = (server,) if flag(told, "enabled") and server else ()
    if flag(told, "enabled") is None:
        bundle.tell(Topic.LOGGING, "setting rsyslogd: whether it is on is not told")
    return Logging(remote, None, False if remote else None)


def read_ntp(bundle: Bundle) -> tuple[str, ...] | None:
    """The time servers; the maker's own where none are set (``setting_preference: auto``)."""
    told = bundle.setting("ntp")
    if told is None:
        return None
    servers = tuple(
        server for number in range(1, 5) if (server := text_of(told, f"ntp_server_{number}"))
    )
    if not servers and text_of(told, "setting_preference") == "auto":
        return ("ubnt.pool.ntp.org",)
    return servers


def read_firmware(bundle: Bundle) -> Firmware | None:
    """What runs on the gateway; without one, the version of the controller."""
    mgmt = bundle.setting("mgmt") or {}
    automatic = flag(mgmt, "auto_upgrade")
    waiting = [flag(one, "upgradable") for one in bundle.records("device")]
    newer = True if True in waiting else (False if waiting and None not in waiting else None)
    own = gateway(bundle)
    if own is not None:
        model = text_of(own, "model")
        words = {"ugw": "USG", "uxg": "UXG"}.get(text_of(own, "type"), "UniFi OS")
        # The Express counts its versions by itself.
        words = "UniFi Express" if model in ("UX", "Express") else words
        version = ".".join(text_of(own, "version").split(".")[:3])
        return Firmware(model, f"{words} {version}" if version else "", None, newer, automatic)
    for one in bundle.records("sysinfo"):
        if text_of(one, "version"):
            return Firmware("", f"Network {text_of(one, 'version')}", None, newer, automatic)
    return None


def read_vpns(bundle: Bundle) -> tuple[Vpn, ...] | None:
    """The networks of which the purpose is a VPN."""
    if not bundle.has("networkconf"):
        return None
    return tuple(
        _vpn(one, bundle)
        for one in bundle.records("networkconf")
        if text_of(one, "purpose") in ("remote-user-vpn", "site-vpn", "vpn-client")
    )


def _vpn(record: Record, bundle: Bundle) -> Vpn:
    name, word = text_of(record, "name"), text_of(record, "vpn_type")
    kind = _VPNS.get(word)
    if kind is None:
        bundle.tell(Topic.VPN, f"networkconf {name}: vpn_type {word or '?'}")
    weak = [one for one in (text_of(record, "ipsec_encryption"),) if one in _WEAK_CIPHERS]
    weak += [one for one in (text_of(record, "ipsec_hash"),) if one in _WEAK_HASHES]
    for field in ("ipsec_dh_group", "ipsec_ike_dh_group", "ipsec_esp_dh_group"):
        group = str(record.get(field, ""))
        if group in _WEAK_GROUPS:
            weak.append(f"dh-group {group}")
    key = text_of(record, "x_ipsec_pre_shared_key")
    people = text_of(record, "purpose") == "remote-user-vpn" and word in (
        "l2tp-server",
        "pptp-server",
    )
    return Vpn(
        kind or word or "unknown",
        name,
        flag(record, "enabled") is not False,
        tuple(dict.fromkeys(weak)),
        secret(key, Storage.CLEAR) if key else None,
        False if people else None,
    )


def read_segments(bundle: Bundle) -> tuple[Segment, ...] | None:
    """The networks behind the gateway."""
    if not bundle.has("networkconf"):
        return None
    return tuple(_segments(bundle))


def _segments(bundle: Bundle) -> Iterator[Segment]:
    for record in bundle.records("networkconf"):
        purpose, name = text_of(record, "purpose"), text_of(record, "name")
        if purpose in ("wan", "remote-user-vpn", "site-vpn", "vpn-client"):
            continue
        if purpose not in ("corporate", "guest", "vlan-only"):
            bundle.tell(Topic.SEGMENTS, f"networkconf {name}: purpose {purpose or '?'}")
        if flag(record, "enabled") is False:
            continue
        number = str(record.get("vlan") or "")
        guest = purpose == "guest" or bool(GUESTS.search(name))
        yield Segment(
            name, int(number) if number.isdecimal() else None, guest, _isolated(record, bundle)
        )


def _isolated(record: Record, bundle: Bundle) -> bool | None:
    """Whether it is kept from the other networks.

    The controller keeps networks for guests and isolated ones apart by itself, and lets the others
    talk with each other unless somebody wrote rules between them.
    """
    purpose = text_of(record, "purpose")
    if flag(record, "network_isolation_enabled") or purpose == "guest":
        return True
    others = [
        one
        for one in bundle.records("networkconf")
        if text_of(one, "purpose") in ("corporate", "guest")
        and one.get("_id") != record.get("_id")
        and flag(one, "enabled") is not False
    ]
    if purpose != "corporate" or not others:
        return None
    if bundle.has("firewallpolicy"):
        own = text_of(record, "_id")
        found = {between_networks(bundle, own, text_of(one, "_id")) for one in others}
        if Policy.ALLOWED in found:
            return False
        return True if found == {Policy.DENIED} else None
    if not bundle.has("firewallrule"):
        return None
    return None if _ruled_between(bundle) else False


def _ruled_between(bundle: Bundle) -> bool:
    """Whether rules drop something between inner networks: what is left is not worked out."""
    return any(
        text_of(one, "ruleset") in ("LAN_IN", "LAN_OUT")
        and text_of(one, "action") in ("drop", "reject")
        and flag(one, "enabled") is not False
        for one in bundle.records("firewallrule")
    )
