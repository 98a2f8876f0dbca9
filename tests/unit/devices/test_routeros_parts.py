"""MikroTik RouterOS: its services, tunnels, wireless networks, segments, log and clock."""

from __future__ import annotations

import pytest

from assessor.devices.device import (
    Device,
    Protection,
    Reach,
    Strength,
    Topic,
    Vpn,
)
from assessor.devices.routeros.reading import (
    EXPORT,
    RESOURCE,
    SERVICES,
    read,
)
from tests.unit.devices.routeros_support import (
    BASE,
    CLOSED,
    HEAD,
    RESOURCES,
    device,
    filters,
    service,
)

WIFI1 = "/interface wifi set [ find default-name=wifi1 ]"
WLAN1 = "/interface wireless set [ find default-name=wlan1 ]"
# --- services -----------------------------------------------------------------------------------


def test_the_makers_settings_hold_where_the_export_is_silent() -> None:
    found = device(CLOSED)
    on = {one.name for one in found.services or () if one.enabled}
    assert on >= {"telnet", "ftp", "http", "ssh", "api", "winbox", "api-tls", "mac-telnet"}
    assert on.isdisjoint({"https", "snmp", "upnp", "socks", "web-proxy", "romon", "dns"})
    assert service(found, "ssh").weak == ("strong-crypto=no",)
    assert all(one.reach is Reach.INSIDE for one in found.services or ())
    assert all(
        one.reach is Reach.ANYWHERE
        for one in device().services or ()
        if one.enabled and one.port is not None
    )


@pytest.mark.parametrize(
    ("address", "reach"),
    [
        ("", Reach.ANYWHERE),
        ("0.0.0.0/0", Reach.ANYWHERE),
        ("192.168.88.0/24", Reach.INSIDE),
        ("192.168.88.0/24,203.0.113.7", Reach.NAMED),
        ("203.0.113.0/24", Reach.NAMED),
    ],
)
def test_addresses_that_a_service_answers_to(address: str, reach: Reach) -> None:
    assert service(device(f"/ip service set ssh address={address}"), "ssh").reach is reach
    closed = service(device(CLOSED, f"/ip service set ssh address={address}"), "ssh")
    assert closed.reach is Reach.INSIDE


def test_a_service_on_another_port() -> None:
    rules = filters("action=accept chain=input dst-port=22 protocol=tcp", "action=drop chain=input")
    assert service(device(rules), "ssh").reach is Reach.ANYWHERE
    moved = service(device(rules, "/ip service set ssh port=2200"), "ssh")
    assert (moved.reach, moved.port) == (Reach.INSIDE, 2200)


def test_what_the_device_prints_of_its_services_counts() -> None:
    printed = (
        'Flags: X - disabled\n 0 X name="telnet" port=23 address=""\n'
        ' 1 name="www" port=8080 address=10.0.0.0/8\n 2 D name="ssh" port=99\n'
    )
    found = read({RESOURCE: RESOURCES, EXPORT: HEAD + BASE, SERVICES: printed})
    assert not service(found, "telnet").enabled
    assert (service(found, "http").port, service(found, "http").reach) == (8080, Reach.INSIDE)
    assert service(found, "ssh").port == 22


def test_services_on_the_link() -> None:
    assert service(device(), "mac-telnet").weak == ("allowed-interface-list=all",)
    inner = device("/tool mac-server set allowed-interface-list=LAN")
    assert service(inner, "mac-telnet").weak == ()
    off = device("/tool mac-server set allowed-interface-list=none")
    assert not service(off, "mac-telnet").enabled
    old = device(
        "/tool mac-server set [ find default=yes ] disabled=yes",
        "/tool mac-server add interface=bridge",
    )
    assert service(old, "mac-telnet").weak == ()


def test_snmp() -> None:
    found = device("/snmp set enabled=yes")
    assert found.snmp is not None
    assert found.snmp[0].secret is not None
    assert found.snmp[0].secret.factory
    assert service(found, "snmp").reach is Reach.ANYWHERE
    changed = device(
        "/snmp set enabled=yes",
        "/snmp community set [ find default=yes ] addresses=192.168.88.5/32 name=public",
    )
    assert changed.snmp is not None
    assert changed.snmp[0].secret is not None
    assert changed.snmp[0].secret.strength is Strength.COMMON
    assert service(changed, "snmp").reach is Reach.INSIDE
    assert device("/snmp community set [ find default=yes ] name=x write-access=yes").snmp == ()


# --- the rest -----------------------------------------------------------------------------------


def vpn(found: Device) -> dict[str, Vpn]:
    return {one.kind: one for one in found.vpns or ()}


def test_virtual_private_networks() -> None:
    assert device().vpns == ()
    assert set(vpn(device("/interface pptp-server server set enabled=yes"))) == {"pptp"}
    plain = vpn(device("/interface l2tp-server server set enabled=yes"))
    assert plain["l2tp"].weak == ("use-ipsec=no",)
    safe = vpn(
        device("/interface l2tp-server server set enabled=yes ipsec-secret=x use-ipsec=required")
    )
    assert safe["l2tp-ipsec"].weak == ()
    people = device(
        "/interface sstp-server server set enabled=yes tls-version=only-1.2",
        "/ppp secret add name=jan password=welkom",
    )
    assert vpn(people)["sstp"].second_factor is False
    radius = device(
        "/interface sstp-server server set enabled=yes tls-version=only-1.2",
        "/ppp aaa set use-radius=yes",
    )
    assert vpn(radius)["sstp"].second_factor is None
    assert device("/interface ovpn-server server add name=o").vpns == ()
    opened = vpn(device("/interface ovpn-server server add auth=sha1,null disabled=no name=o"))
    assert opened["openvpn"].weak == ("auth=sha1", "auth=null", "cipher=blowfish128")
    wanted = vpn(device("/interface pptp-client add connect-to=x disabled=no name=p"))
    assert "pptp" in wanted
    cloud = vpn(device("/ip cloud set back-to-home-vpn=enabled"))
    assert cloud["wireguard"].name == "back-to-home"


def test_ipsec_is_as_weak_as_its_profile() -> None:
    peer = "/ip ipsec peer add address=203.0.113.1/32 name=p"
    assert "enc-algorithm=3des" in vpn(device(peer))["ipsec"].weak
    strong = vpn(
        device(
            "/ip ipsec profile add dh-group=ecp256 enc-algorithm=aes-256 name=s",
            "/ip ipsec profile set s hash-algorithm=sha256",
            "/ip ipsec proposal set [ find default=yes ] auth-algorithms=sha256 pfs-group=ecp256",
            f"{peer} profile=s",
            '/ip ipsec identity add peer=p secret="twaalf tekens of meer"',
        )
    )["ipsec"]
    assert strong.weak == ()
    assert strong.secret is not None
    assert strong.secret.strength is Strength.FROM_20


@pytest.mark.parametrize(
    ("types", "protection"),
    [
        ("", Protection.OPEN),
        ("wpa-psk", Protection.WPA),
        ("wpa-psk,wpa2-psk", Protection.WPA_WPA2),
        ("wpa2-psk", Protection.WPA2),
        ("wpa2-psk,wpa3-psk", Protection.WPA2_WPA3),
        ("wpa3-psk", Protection.WPA3),
        ("owe", Protection.OWE),
        ("wpa9-psk", Protection.UNKNOWN),
    ],
)
def test_protection_of_all_three_kinds_of_wireless(types: str, protection: Protection) -> None:
    text = types or '""'
    found = device(
        f"/interface wifi security add authentication-types={text} name=s",
        f"{WIFI1} configuration.ssid=a disabled=no security=s",
        f"/interface wireless security-profiles add authentication-types={text} name=p",
        "/interface wireless security-profiles set p mode=dynamic-keys",
        f"{WLAN1} disabled=no mode=ap-bridge security-profile=p ssid=b",
        "/caps-man manager set enabled=yes",
        f"/caps-man configuration add name=c security.authentication-types={text} ssid=c",
        "/caps-man provisioning add action=create-dynamic-enabled master-configuration=c",
    )
    assert {one.ssid: one.protection for one in found.wifi or ()} == dict.fromkeys(
        "abc", protection
    )
    assert (Topic.WIFI in found.unread) is (protection is Protection.UNKNOWN)
    # A passphrase that the export left out is one nevertheless.
    hidden = [one.secrets for one in found.wifi or ()]
    told = protection is not Protection.UNKNOWN
    assert all(bool(one) is (told and types.endswith("psk")) for one in hidden)


def test_what_stands_at_the_interface_goes_before_its_profile() -> None:
    found = device(
        "/interface wifi security add authentication-types=wpa-psk name=old passphrase=oudoudoud",
        "/interface wifi configuration add name=cfg security=old ssid=x",
        f"{WIFI1} configuration=cfg disabled=no security.authentication-types=wpa3-psk"
        " .passphrase=nieuwnieuwnieuw .wps=disable",
        "/interface wifi set [ find default-name=wifi2 ] configuration=cfg disabled=no",
        "/interface wifi set [ find default-name=wifi3 ] configuration=cfg",
        "/interface wifi set [ find default-name=wifi4 ] configuration.manager=capsman disabled=no",
    )
    assert found.wifi is not None
    assert [(one.label, one.protection, one.wps) for one in found.wifi] == [
        ("wifi1", Protection.WPA3, False),
        ("wifi2", Protection.WPA, None),
    ]
    assert [one.secrets[0].strength for one in found.wifi] == [Strength.FROM_12, Strength.FROM_8]


def test_a_profile_that_is_not_there_is_unread() -> None:
    for line in (
        f"{WIFI1} configuration=gone disabled=no",
        f"{WIFI1} configuration.ssid=x disabled=no security=y",
        f"{WLAN1} disabled=no mode=ap-bridge security-profile=gone ssid=b",
    ):
        assert Topic.WIFI in device(line).unread


GUESTS = """
/interface vlan add interface=bridge name=gasten vlan-id=20
/ip address add address=192.168.20.1/24 interface=gasten
"""


@pytest.mark.parametrize(
    ("rules", "isolated"),
    [
        ((), False),
        (("action=drop chain=forward in-interface=gasten out-interface=bridge",), True),
        (("action=drop chain=forward in-interface=gasten out-interface-list=!WAN",), True),
        (("action=drop chain=forward src-address=192.168.20.0/24 out-interface=bridge",), True),
        (
            ("action=drop chain=forward src-address=192.168.20.0/24 dst-address=192.168.88.0/24",),
            True,
        ),
        (("action=drop chain=forward dst-address=192.168.88.0/28 in-interface=gasten",), False),
        (("action=drop chain=forward in-interface=bridge out-interface=gasten",), False),
        (("action=drop chain=forward in-interface-list=!LAN out-interface-list=LAN",), True),
        (
            (
                "action=accept chain=forward dst-address=192.168.88.9 in-interface=gasten",
                "action=accept chain=forward dst-port=53 in-interface=gasten protocol=udp",
                "action=accept chain=forward src-address=192.168.20.7",
                "action=drop chain=forward in-interface=gasten out-interface=bridge",
            ),
            True,
        ),
        (
            (
                "action=accept chain=forward in-interface=gasten limit=1,5:packet",
                "action=drop chain=forward in-interface=gasten",
            ),
            False,
        ),
        (("action=drop chain=forward connection-state=established in-interface=gasten",), False),
    ],
)
def test_guests_are_kept_apart_by_rules(rules: tuple[str, ...], isolated: bool) -> None:
    found = {one.name: one for one in device(GUESTS, filters(*rules)).segments or ()}
    assert found["gasten"].guest
    assert found["gasten"].vlan == 20
    assert found["gasten"].isolated is isolated


def test_guests_in_the_bridge_of_all_are_inside() -> None:
    lines = (
        "/interface wireless security-profiles set default mode=dynamic-keys",
        "/interface wireless security-profiles set default authentication-types=wpa2-psk",
        "/interface wireless add disabled=no master-interface=wlan1 name=wlan2 ssid=Gasten",
        "/interface bridge port add bridge=bridge interface=wlan2",
    )
    (guests,) = device(*lines).wifi or ()
    assert (guests.guest, guests.isolated) == (True, False)
    (filtered,) = (
        device(*lines, "/interface bridge filter add action=drop chain=forward").wifi or ()
    )
    assert filtered.isolated is None


@pytest.mark.parametrize(
    ("topics", "sent"),
    [
        ("info", True),
        ("account", True),
        ("system,info", True),
        ("", True),
        ("critical", False),
        ("firewall,info", False),
        ("info,!account", False),
        ("!debug", True),
    ],
)
def test_who_logs_in_is_sent_to_another_machine(topics: str, sent: bool) -> None:
    value = f" topics={topics}" if topics else ""
    found = device(
        "/system logging action set 3 remote=192.168.88.5",
        f"/system logging add action=remote{value}",
    ).logging
    assert found is not None
    assert found.remote == (("192.168.88.5",) if sent else ())
    nowhere = device(f"/system logging add action=remote{value}").logging
    assert nowhere is not None
    assert nowhere.remote == ()


def test_logging_over_tls_and_by_the_makers_rules() -> None:
    found = device(
        "/system logging action add name=tls remote=logs.example remote-log-format=cef"
        " remote-protocol=tls target=remote",
        "/system logging set 0 action=tls",
    ).logging
    assert found is not None
    assert (found.remote, found.encrypted) == (("logs.example",), True)
    off = device(
        "/system logging action set 3 remote=192.168.88.5",
        "/system logging add action=remote disabled=yes topics=info",
    ).logging
    assert off is not None
    assert off.remote == ()


@pytest.mark.parametrize(
    ("line", "servers"),
    [
        ("", None),
        ("/ip cloud set update-time=no", ()),
        ("/system ntp client set enabled=yes primary-ntp=192.0.2.1", ("192.0.2.1",)),
        (
            "/system ntp client set enabled=yes servers=a.example,b.example",
            ("a.example", "b.example"),
        ),
        (
            "/system ntp client set enabled=yes\n/system ntp client servers add address=a.example",
            ("a.example",),
        ),
        (
            "/system ntp client set enabled=no primary-ntp=192.0.2.1\n/ip cloud set update-time=no",
            (),
        ),
        ("/system ntp client set enabled=yes", None),
    ],
)
def test_time_servers(line: str, servers: tuple[str, ...] | None) -> None:
    assert device(line).ntp == servers
