r"""What Schannel, the TLS of Windows, is set to; what is not set is what Windows does by default.

By default (Microsoft, "Protocols in TLS/SSL"): SSL 2.0 is gone since build 14393 (Windows 10 1607,
Server 2016) and SSL 3.0 off since then; TLS 1.3 exists since build 20348 (Server 2022; Windows 11
is 22000). TLS 1.0 and 1.1 are on, but off in releases after September 2023 (Microsoft, "TLS 1.0 and
TLS 1.1 soon to be disabled in Windows"; "in-market" versions do not change, so 23H2, which is 22H2
with a switch, has them on): from build 26100 (Windows 11 24H2, Server 2025) on.

``Enabled`` 0 switches a version off; ``DisabledByDefault`` leaves it to programs that ask for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assessor.api import Registry, UnparsedError

CHANNEL = r"HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL"
_POLICY = r"HKLM\SOFTWARE\Policies\Microsoft\Cryptography\Configuration\SSL\00010002"
_LOCAL = r"HKLM\SYSTEM\CurrentControlSet\Control\Cryptography\Configuration\Local\SSL\00010002"
_WINDOWS = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
_NET = r"Microsoft\.NETFramework"
_SSL_OFF, _TLS_1_3, _OLD_TLS_OFF = 14393, 20348, 26100
_DH_BITS = 2048
"""What a server uses where nothing is set (Microsoft, "TLS registry settings")."""
VERSIONS = ("SSL 2.0", "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3")
_OLD_TLS = ("TLS 1.0", "TLS 1.1")

# What stands in the name of a suite, for what can be switched off below SCHANNEL:
# a cipher, a hash or a key exchange.
_CIPHERS = {
    "rc4 128/128": "_RC4_128_",
    "rc4 64/128": "_RC4_64_",
    "rc4 56/128": "_RC4_56_",
    "rc4 40/128": "_RC4_40_",
    # "Triple DES 168/168" is a name of Server 2003 (Microsoft, KB 245030), and counts for nothing.
    "triple des 168": "_3DES_",
    "des 56/56": "_WITH_DES_",
    "null": "_NULL_",
    "aes 128/128": "_AES_128_",
    "aes 256/256": "_AES_256_",
}
_HASHES = {"md5": "_MD5", "sha": "_SHA", "sha256": "_SHA256", "sha384": "_SHA384"}
_EXCHANGES = {"pkcs": "TLS_RSA_", "diffie-hellman": "TLS_DHE_", "ecdh": "TLS_ECDHE_"}


@dataclass(frozen=True, slots=True)
class Schannel:
    """What is in force.

    Attributes:
        build: of this Windows.
        server_edition: whether it is a Windows Server.
        server, client: the versions that are taken as a server, and offered as a client.
        by_default: versions before 1.2 that are off only because this Windows has them off.
        suites: the suites that are on; ``None`` where no list was seen.
        curves: the curves that are set; empty where Windows' own list holds.
        dh_bits: the size of the finite field that a server uses.
        weak_dotnet: keys of .NET that switch its strong cryptography off.
        iis, exchange: whether they are installed.
    """

    build: int
    server_edition: bool
    server: tuple[str, ...]
    client: tuple[str, ...]
    by_default: tuple[str, ...]
    suites: tuple[str, ...] | None
    curves: tuple[str, ...]
    dh_bits: int
    weak_dotnet: tuple[str, ...]
    iis: bool
    exchange: bool


def read_schannel(registry: Registry) -> Schannel:
    """Reads the settings.

    Raises:
        UnparsedError: something has another form than Microsoft documents.
    """
    build = _build(registry)
    kind = registry.text(_WINDOWS, "InstallationType")
    if kind not in ("Client", "Server", "Server Core"):
        raise UnparsedError(f"InstallationType: {kind}")
    server, client = _versions(registry, "Server", build), _versions(registry, "Client", build)
    suites = _suites(registry)
    return Schannel(
        build=build,
        server_edition=kind != "Client",
        server=tuple(version for version in VERSIONS if server[version][0]),
        client=tuple(version for version in VERSIONS if client[version][0]),
        by_default=tuple(v for v in _OLD_TLS if not server[v][0] and not server[v][1]),
        suites=None if suites is None else _in_force(registry, suites),
        curves=_curves(registry),
        dh_bits=_dh_bits(registry),
        weak_dotnet=tuple(_weak_dotnet(registry)),
        iis=registry.key(r"HKLM\SOFTWARE\Microsoft\InetStp") is not None,
        exchange=registry.key(r"HKLM\SOFTWARE\Microsoft\ExchangeServer\v15\Setup") is not None,
    )


def _build(registry: Registry) -> int:
    text = registry.text(_WINDOWS, "CurrentBuildNumber") or ""
    if not re.fullmatch(r"[0-9]{4,6}", text):
        raise UnparsedError("CurrentBuildNumber")
    return int(text)


def _default(version: str, build: int) -> bool:
    match version:
        case "SSL 2.0":
            return False
        case "SSL 3.0":
            return build < _SSL_OFF
        case "TLS 1.3":
            return build >= _TLS_1_3
        case "TLS 1.2":
            return True
        case _:
            return build < _OLD_TLS_OFF


def _supported(version: str, build: int) -> bool:
    match version:
        case "SSL 2.0":
            return build < _SSL_OFF
        case "TLS 1.3":
            return build >= _TLS_1_3
        case _:
            return True


def _versions(registry: Registry, side: str, build: int) -> dict[str, tuple[bool, bool]]:
    """For each version, whether it is on, and whether that is set rather than the default."""
    found = {version: (_default(version, build), False) for version in VERSIONS}
    for key in registry.keys(rf"{CHANNEL}\Protocols\*\{side}"):
        name = key.path.split("\\")[-2].upper()
        if name not in found or not _supported(name, build):
            continue
        enabled, by_default = key.number("Enabled"), key.number("DisabledByDefault")
        if enabled == 0 or by_default:
            found[name] = (False, True)
        elif enabled or by_default == 0:
            # Microsoft wants both values to switch a version on; one is enough to doubt.
            found[name] = (True, True)
    return found


def _suites(registry: Registry) -> tuple[str, ...] | None:
    """The list of policy, or else the machine's own.

    Policy keeps one text with commas (CipherSuiteOrder.admx), the machine a list of texts.
    """
    by_policy = registry.text(_POLICY, "Functions")
    if by_policy:
        names = tuple(by_policy.split(","))
    else:
        key = registry.key(_LOCAL)
        local = None if key is None else key.texts("Functions")
        if not local:
            return None
        names = local
    # Before Windows 10 the curve was a part of the name; it still may be, and is not looked at.
    plain = (re.sub(r"_P(256|384|521)\Z", "", name.strip().upper()) for name in names)
    found = tuple(dict.fromkeys(name for name in plain if name))
    if any(not re.fullmatch(r"(TLS|SSL)_\w+", name) for name in found):
        raise UnparsedError("Functions")
    return found


def _in_force(registry: Registry, suites: tuple[str, ...]) -> tuple[str, ...]:
    """Without what is switched off below SCHANNEL, and what programs must ask for themselves.

    The suites with NULL and PSK stand in every default list, but are "only used when application
    explicitly requests" (Microsoft, "TLS Cipher Suites in Windows Server 2022").
    """
    off = _off(registry, "Ciphers", _CIPHERS)
    exchanges = _off(registry, "KeyExchangeAlgorithms", _EXCHANGES)
    hashes = _off(registry, "Hashes", _HASHES)
    return tuple(
        suite
        for suite in suites
        if "_NULL_" not in suite
        and "_PSK_" not in suite
        and not any(part in suite for part in off)
        and not suite.startswith(tuple(exchanges))
        and not suite.endswith(tuple(hashes))
    )


def _off(registry: Registry, kind: str, parts: dict[str, str]) -> list[str]:
    return [
        parts[key.name.lower()]
        for key in registry.keys(rf"{CHANNEL}\{kind}\*")
        if key.name.lower() in parts and key.number("Enabled") == 0
    ]


def _curves(registry: Registry) -> tuple[str, ...]:
    for path in (_POLICY, _LOCAL):
        key = registry.key(path)
        curves = None if key is None else key.texts("EccCurves")
        if curves:
            return curves
    return ()


def _dh_bits(registry: Registry) -> int:
    for key in registry.keys(rf"{CHANNEL}\KeyExchangeAlgorithms\*"):
        if key.name.lower() == "diffie-hellman":
            bits = key.number("ServerMinKeyBitLength")
            return _DH_BITS if bits is None else bits
    return _DH_BITS


def _weak_dotnet(registry: Registry) -> list[str]:
    """Where it is set to 0; without the value, .NET 4.6 and later do it right."""
    found = []
    for software in (r"HKLM\SOFTWARE", r"HKLM\SOFTWARE\Wow6432Node"):
        for version in ("v2.0.50727", "v4.0.30319"):
            path = rf"{software}\{_NET}\{version}"
            names = ("SchUseStrongCrypto", "SystemDefaultTlsVersions")
            found += [rf"{path}\{name}" for name in names if registry.number(path, name) == 0]
    return found
