"""The ways into a DSM: its management, its files, and what leads there from the internet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from assessor.devices.device import Reach, Service, Topic, Vpn
from assessor.devices.dsm.firewall import read_firewall
from assessor.devices.dsm.parts import Parts
from assessor.devices.dsm.questions import Api, Ask
from assessor.devices.dsm.unread import Unread

_ENCRYPTION_REQUIRED, _SMB1 = 2, 0


def read_services(parts: Parts, unread: Unread) -> tuple[Service, ...] | None:
    """The services; ``None`` where nothing was told of the management itself."""
    if parts.data(Api.TERMINAL) is None or parts.data(Api.WEB) is None:
        _note_refused(parts, unread, (Api.TERMINAL, Api.WEB))
        found = (*_terminal(parts, unread), *_web(parts, unread), *_cloud(parts, unread))
        # What is open can be told without knowing all.
        bad = [one for one in found if one.name in {"telnet", "cloud"} and one.enabled]
        return tuple(bad) if bad else None
    firewall = read_firewall(parts, unread)
    forwarded = _forwarded(parts, unread)
    local = (
        *_terminal(parts, unread),
        *_web(parts, unread),
        *_files(parts, unread),
        *_snmp(parts),
    )
    placed = []
    for service in local:
        port = service.port or 0
        protocol = "udp" if service.name == "snmp" else "tcp"
        reach = firewall.reach(port, protocol) if firewall is not None else Reach.UNKNOWN
        if reach is Reach.UNKNOWN and port in forwarded:
            reach = Reach.ANYWHERE
        placed.append(replace(service, reach=reach))
    known = {service.port for service in local}
    others = tuple(
        Service("port-forward", encrypted=True, reach=Reach.ANYWHERE, port=port)
        for port in sorted(forwarded - known)
        if firewall is None or firewall.reach(port) is Reach.UNKNOWN
    )
    return (*placed, *others, *_cloud(parts, unread))


def _note_refused(parts: Parts, unread: Unread, apis: tuple[Api, ...]) -> None:
    for api in apis:
        reply = parts.reply(api)
        if reply.data is None and not reply.absent:
            unread.note(Topic.MANAGEMENT, f"{api.value}: {reply.refused}")


def _flag(
    data: Mapping[str, object], name: str, unread: Unread, *, missing: bool | None = None
) -> bool | None:
    """A truth value; ``None``, and noted, where there is another."""
    value = data.get(name, missing)
    if isinstance(value, bool):
        return value
    unread.note(Topic.MANAGEMENT, f"{name}: {value}")
    return None


def _port(data: Mapping[str, object], name: str, usual: int) -> int:
    value = data.get(name)
    return value if isinstance(value, int) and 0 < value < 65536 else usual


def _terminal(parts: Parts, unread: Unread) -> Iterator[Service]:
    data = parts.data(Api.TERMINAL)
    if data is None:
        return
    ssh, telnet = _flag(data, "enable_ssh", unread), _flag(data, "enable_telnet", unread)
    if ssh is not None:
        yield Service("ssh", enabled=ssh, port=_port(data, "ssh_port", 22))
    if telnet is not None:
        yield Service("telnet", enabled=telnet, encrypted=False, port=23)


def _web(parts: Parts, unread: Unread) -> Iterator[Service]:
    data = parts.data(Api.WEB)
    if data is None:
        return
    # DSM 7 always has HTTPS, and its later answers leave the setting out.
    https = _flag(data, "enable_https", unread, missing=True)
    redirected = _flag(data, "enable_https_redirect", unread)
    if https is not None:
        yield Service("https", enabled=https, port=_port(data, "https_port", 5001))
    if redirected is not None:
        yield Service(
            "http",
            enabled=not (redirected and https),
            encrypted=False,
            port=_port(data, "http_port", 5000),
        )


def _files(parts: Parts, unread: Unread) -> Iterator[Service]:
    _note_refused(parts, unread, (Api.SMB, Api.FTP, Api.SFTP))
    if (smb := parts.data(Api.SMB)) is not None:
        enabled = _flag(smb, "enable_samba", unread)
        if enabled is not None:
            yield Service(
                "smb",
                enabled=enabled,
                encrypted=smb.get("smb_encrypt_transport") == _ENCRYPTION_REQUIRED,
                port=445,
                weak=("SMB1",) if smb.get("smb_min_protocol") == _SMB1 else (),
            )
    if (ftp := parts.data(Api.FTP)) is not None:
        plain, tls = _flag(ftp, "enable_ftp", unread), _flag(ftp, "enable_ftps", unread)
        port = _port(ftp, "portnum", 21)
        if plain is not None:
            yield Service("ftp", enabled=plain, encrypted=False, port=port)
        if tls is not None:
            yield Service("ftps", enabled=tls, port=port)
    if (sftp := parts.data(Api.SFTP)) is not None:
        enabled = _flag(sftp, "enable", unread)
        if enabled is not None:
            yield Service("sftp", enabled=enabled, port=_port(sftp, "portnum", 22))


def _snmp(parts: Parts) -> Iterator[Service]:
    data = parts.data(Api.SNMP)
    if data is not None and isinstance(data.get("enable_snmp"), bool):
        yield Service("snmp", enabled=bool(data["enable_snmp"]), encrypted=False, port=161)


def _forwarded(parts: Parts, unread: Unread) -> frozenset[int]:
    """The ports of the NAS that it has the router in front of it forward."""
    reply = parts.reply(Api.PORT_FORWARDS)
    if reply.absent:
        return frozenset()
    rules = reply.data
    if not isinstance(rules, list):
        unread.note(Topic.MANAGEMENT, f"{Api.PORT_FORWARDS.value}: {reply.refused or rules}")
        return frozenset()
    found = set()
    for rule in rules:
        port = rule.get("ds_port") if isinstance(rule, dict) else None
        enabled = rule.get("enable") if isinstance(rule, dict) else None
        if enabled is False:
            continue
        if enabled is True and isinstance(port, str | int) and str(port).isdigit():
            found.add(int(port))
        else:
            unread.note(Topic.MANAGEMENT, f"port forward: {rule}")
    return frozenset(found)


def _cloud(parts: Parts, unread: Unread) -> Iterator[Service]:
    """QuickConnect, by which Synology's servers lead to the NAS from anywhere."""
    reply = parts.reply(Api.QUICK_CONNECT)
    if reply.absent:
        return
    data = reply.data
    if not isinstance(data, dict):
        unread.note(Topic.MANAGEMENT, f"{Api.QUICK_CONNECT.value}: {reply.refused}")
        return
    enabled = _flag(data, "enabled", unread)
    if enabled is None:
        return
    # It may be limited to single applications; DSM itself is one of them.
    listed = (parts.data(Api.QUICK_CONNECT_SERVICES) or {}).get("services")
    services = listed if isinstance(listed, list) else []
    without = any(
        isinstance(one, dict) and one.get("id") == "dsm_portal" and one.get("enabled") is False
        for one in services
    )
    reach = Reach.UNKNOWN if without else Reach.ANYWHERE
    yield Service("cloud", enabled=enabled, reach=reach)


def read_vpns(parts: Parts, unread: Unread) -> tuple[Vpn, ...] | None:
    """None, where VPN Server is not installed; its settings are not read."""
    packages = parts.text(Ask.PACKAGES)
    if packages is None:
        unread.note(Topic.VPN, "which packages are installed is not told")
        return None
    if "VPNCenter" in packages.split():
        unread.note(Topic.VPN, "VPN Server is installed; its settings are not read")
        return None
    return ()
