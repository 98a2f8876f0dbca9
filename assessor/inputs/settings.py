"""What may stand in ``assessment.yaml`` and in an inventory file, as pydantic models.

These models say what is written; ``targets.py`` and ``assessment.py`` make the model of it.
No message made here repeats a value: it could be a password at the wrong place.
"""

from __future__ import annotations

import ipaddress
import re
import shlex
from typing import Annotated, Literal, NoReturn
from urllib.parse import parse_qsl, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from assessor.model.target import SecretSource

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_HOST = re.compile(r"(?!-)[\w.-]{1,253}")
_USER = re.compile(r"(?!-)[^\s:@/\x00-\x1f\x7f]+(@[^\s:@/\x00-\x1f\x7f]+)?")
_ACCOUNT = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_TELLS_SECRET = re.compile(
    r"pass(word|phrase|wd)?$|secret|token|wachtwoord|api_?key", re.IGNORECASE
)

ASK_INSTEAD = (
    "write where it comes from: {env: NAME}, {command: pass show NAME}, or ask; "
    "and change a password that has stood in a file"
)

_DATABASE_EXAMPLE = "write for example postgresql+psycopg://assess@db.example.nl/assess"


def refuse(problem: str, mend: str = "") -> NoReturn:
    """Ends a validation with a message of our own and its mend."""
    raise PydanticCustomError("assess", "{problem}", {"problem": problem, "mend": mend})


def is_user_name(text: str) -> bool:
    """Whether ``text`` is a log-in name that useradd(8) makes without complaint."""
    return _ACCOUNT.fullmatch(text) is not None


def tells_secret(name: str) -> bool:
    """Whether a field of this name would hold a secret."""
    return _TELLS_SECRET.search(name) is not None


def _name(value: str) -> str:
    if not NAME.fullmatch(value):
        refuse(
            "a name holds letters, digits, dots, hyphens and underscores only, at most 64",
            "it names the evidence file too: write for example web-01",
        )
    return value


def _label(value: str) -> str:
    if not _LABEL.fullmatch(value):
        refuse("a tag holds letters, digits and . _ : - only, at most 64")
    return value


def _said(value: str) -> str:
    if not value.strip():
        refuse("a label says what clients call the target", "write it, or leave the line out")
    return value.strip()


def _host(value: str) -> str:
    bare = value.removeprefix("[").removesuffix("]")
    try:
        return str(ipaddress.ip_address(bare))
    except ValueError:
        pass
    if "://" in value or "/" in value:
        refuse(
            "an address is a host name or an IP address, without https:// and without a path",
            "write for example www.example.nl, and a port under port:",
        )
    if "@" in value or ":" in value:
        refuse(
            "an address is a host name or an IP address alone",
            "write the user under user: and the port under port:",
        )
    if not _HOST.fullmatch(value):
        refuse("this is no host name and no IP address", "write for example server1.example.nl")
    try:
        return value if value.isascii() else value.encode("idna").decode("ascii")
    except UnicodeError:
        refuse("this is no host name that can be written in the DNS")


def _user(value: str) -> str:
    if not _USER.fullmatch(value):
        refuse(
            "a user name has no spaces, colons or slashes, and does not begin with a hyphen",
            "a password goes under secrets: {password: ask}",
        )
    return value


def _fingerprint(value: str) -> str:
    digits = value.replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        refuse(
            "a SHA-256 fingerprint has 64 hexadecimal digits",
            "openssl x509 -noout -fingerprint -sha256 shows it",
        )
    return digits


def _jump(value: str) -> str:
    """``[user@]host[:port]``, an IPv6 address in brackets."""
    user, at, rest = value.rpartition("@")
    host, colon, port = rest, "", ""
    if rest.startswith("["):
        inner, bracket, after = rest[1:].partition("]")
        host, colon, port = inner, after[:1], after[1:]
        if not bracket or colon not in ("", ":"):
            refuse("a jump host is [user@]host[:port]", "close the bracket of the IPv6 address")
    elif rest.count(":") == 1:
        host, colon, port = rest.partition(":")
    elif rest.count(":") > 1:
        refuse("a jump host is [user@]host[:port]", "put an IPv6 address in brackets: [fd00::1]")
    if (at and not user) or (
        colon and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)
    ):
        refuse("a jump host is [user@]host[:port]", "write for example ops@gate.example.nl:2222")
    if user:
        _user(user)
    _host(host)
    return value


def _statement(value: str) -> str:
    if value.lower().startswith("http://"):
        refuse(
            "a statement is fetched over https only, so that nobody can change it on the way",
            "write the https address, or save the page and give the file",
        )
    if not value.strip():
        refuse("the statement's path is empty", "leave the line out where there is no statement")
    return value


def _database(value: str) -> str:
    """An address of PostgreSQL without a password, which nobody may find in a file."""
    try:
        parts = urlsplit(value)
        named = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        secret = parts.password is not None or any(tells_secret(name) for name in named)
        _ = parts.port
    except ValueError:
        refuse("this is no address of a database", _DATABASE_EXAMPLE)
    if secret:
        refuse(
            "a password never stands in this file itself",
            "leave it out of the address, and write beside it password: {env: NAME}",
        )
    if parts.scheme not in {"postgresql", "postgresql+psycopg"} or not parts.path.strip("/"):
        refuse("this is no address of a PostgreSQL database", _DATABASE_EXAMPLE)
    return value


def _secret(value: object) -> SecretSource:
    if value == "ask":
        return SecretSource("ask")
    if isinstance(value, dict) and len(value) == 1:
        ((kind, given),) = value.items()
        if kind == "env":
            if isinstance(given, str) and _VARIABLE.fullmatch(given):
                return SecretSource("env", (given,))
            refuse("env names an environment variable", "write for example {env: WEB01_PASSWORD}")
        if kind == "command":
            return SecretSource("command", _words(given))
    refuse("a secret never stands in this file itself", ASK_INSTEAD)


def _words(given: object) -> tuple[str, ...]:
    words: list[str] = []
    if isinstance(given, str):
        try:
            words = shlex.split(given)
        except ValueError:
            refuse("the command has an unclosed quote", "close it, or write the words as a list")
    elif isinstance(given, list) and all(isinstance(word, str) for word in given):
        words = list(given)
    if not words or not words[0]:
        refuse(
            "command is a command line or a list of words; its first line of output is the secret",
            "write for example {command: pass show clients/acme/web01}",
        )
    return tuple(words)


def _options(values: dict[str, object]) -> dict[str, object]:
    for name in values:
        if tells_secret(name):
            refuse("a secret never stands among the options", "put it under secrets:")
    return values


def one_or_more(value: object) -> object:
    """A text or a list of them, as a tuple; what is neither is left to the field's own type."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


_ONE_OR_MORE_SCHEMA = WithJsonSchema(
    {
        "anyOf": [
            {"type": "string", "minLength": 1},
            {"type": "array", "items": {"type": "string", "minLength": 1}},
        ]
    }
)
_SECRET_SCHEMA = WithJsonSchema(
    {
        "oneOf": [
            {"const": "ask"},
            {
                "type": "object",
                "properties": {"env": {"type": "string", "pattern": f"^{_VARIABLE.pattern}$"}},
                "required": ["env"],
                "additionalProperties": False,
            },
            {
                "type": "object",
                "properties": {
                    "command": {
                        "anyOf": [
                            {"type": "string", "minLength": 1},
                            {"type": "array", "items": {"type": "string"}, "minItems": 1},
                        ]
                    }
                },
                "required": ["command"],
                "additionalProperties": False,
            },
        ]
    }
)

Text = Annotated[str, Field(min_length=1, max_length=4096)]
Name = Annotated[
    str, AfterValidator(_name), Field(json_schema_extra={"pattern": f"^{NAME.pattern}$"})
]
Label = Annotated[str, AfterValidator(_label)]
Host = Annotated[str, AfterValidator(_host)]
Labels = Annotated[tuple[Label, ...], BeforeValidator(one_or_more), _ONE_OR_MORE_SCHEMA]
Names = Annotated[tuple[Name, ...], BeforeValidator(one_or_more), _ONE_OR_MORE_SCHEMA]
Paths = Annotated[tuple[Text, ...], BeforeValidator(one_or_more), _ONE_OR_MORE_SCHEMA]
Jumps = Annotated[
    tuple[Annotated[str, AfterValidator(_jump)], ...],
    BeforeValidator(one_or_more),
    _ONE_OR_MORE_SCHEMA,
]
Secret = Annotated[SecretSource, PlainValidator(_secret), _SECRET_SCHEMA]

RoleWord = Literal["server", "workstation", "router", "nas", "site", "mail-domain"]
TransportWord = Literal["local", "ssh", "winrm", "network", "tr-064", "file"]
PlatformWord = Literal[
    "linux",
    "macos",
    "windows",
    "routeros",
    "vyatta",
    "unifi",
    "openwrt",
    "fortios",
    "drayos",
    "ios",
    "cisco-sb",
    "aruba",
    "zyxel",
    "opnsense",
    "pfsense",
    "fritzos",
    "dsm",
    "qts",
]
PrivilegeWord = Literal["none", "sudo"]
LanguageWord = Literal["nl", "en"]
WinrmLoginWord = Literal["ntlm", "kerberos", "certificate", "basic"]
WinrmEncryptionWord = Literal["tls", "messages-over-http"]


class Settings(BaseModel):
    """What all models share: nothing unknown, nothing converted, nothing repeated in errors."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,  # all but the outermost are built as parts of it, not once more alone
    )


class SecretSettings(Settings):
    """Where secrets come from; never the secrets themselves."""

    password: Secret | None = None
    """Of the user, for SSH and WinRM."""
    key_passphrase: Secret | None = None
    """Of the private keys in identity_files, or of winrm's key_file."""
    one_time_code: Secret | None = None
    """The second factor, where the server asks for one."""
    sudo_password: Secret | None = None
    """For sudo; leave it out where sudo asks for none."""


class WinrmSettings(Settings):
    """How a Windows machine that is reached over WinRM is entered."""

    login: WinrmLoginWord | None = None
    """How to log in, ntlm unless said: kerberos takes your own ticket, certificate a file."""
    ca_file: Text | None = None
    """PEM file of the authority that signed its certificate, where this system does not know it."""
    certificate_file: Text | None = None
    """PEM file of your certificate, for login: certificate."""
    key_file: Text | None = None
    """PEM file of that certificate's key."""
    encryption: WinrmEncryptionWord | None = None
    """tls unless said; messages-over-http is HTTP whose messages NTLM or Kerberos encrypts."""


class GroupSettings(Settings):
    """Settings that several targets share. The group 'all' holds for every target."""

    role: RoleWord | None = None
    """What the target is for its owner."""
    transport: TransportWord | None = None
    """How it is reached: network for a site or mail domain, file where a file is named, tr-064 for
    a FRITZ!Box, ssh for the others, unless said."""
    platform: PlatformWord | None = None
    """What it runs: windows behind winrm, linux for the others, unless said. A router, firewall,
    access point or NAS needs its system here."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """TCP port, where it is not the usual one."""
    user: Annotated[str, AfterValidator(_user)] | None = None
    """Log-in name; your own here unless said. For Windows a local name, or name@domain."""
    jump: Jumps | None = None
    """Jump hosts from near to far, each [user@]host[:port]."""
    privilege: PrivilegeWord | None = None
    """sudo where the user may run the probes that need root's rights; none unless said."""
    identity_files: Paths | None = None
    """Private keys to offer; ~ and paths relative to this file may be used."""
    known_hosts: Paths | None = None
    """Known-hosts files besides your own and the system's."""
    secrets: SecretSettings | None = None
    """Where passwords come from."""
    winrm: WinrmSettings | None = None
    """How it is entered, for transport: winrm."""
    certificate_sha256: Annotated[str, AfterValidator(_fingerprint)] | None = None
    """Of a device's own certificate, for transport: tr-064: SHA-256 in hexadecimal digits."""
    tags: Labels | None = None
    """Your own words for it; they add up over the groups."""
    site: Name | None = None
    """The network in which a worker reaches it (assess worker), where this machine cannot."""
    options: Annotated[dict[str, object], AfterValidator(_options)] | None = None
    """Settings that only some checks know, such as data_volumes or server_name."""


class TargetSettings(GroupSettings):
    """One target; its own settings go before those of its groups."""

    address: Host | None = None
    """Host name or IP address; the name unless said."""
    label: Annotated[str, AfterValidator(_said), Field(max_length=60)] | None = None
    """What clients call it, such as: de webwinkel. Their report shows it in the place of the name,
    as it stands here."""
    file: Text | None = None
    """A device's exported configuration, relative to this file: then nothing is connected to."""
    groups: Names | None = None
    """Groups whose settings it shares; a later one goes before an earlier one."""


class NamedTargetSettings(TargetSettings):
    """One target of a list."""

    name: Name
    """Unique; letters, digits, dots, hyphens and underscores."""


def _form(value: object) -> str:
    if isinstance(value, list):
        return "<list>"
    return "<mapping>" if isinstance(value, dict) else "<other>"


Targets = Annotated[
    Annotated[list[NamedTargetSettings], Tag("<list>")]
    | Annotated[dict[Name, TargetSettings | None], Tag("<mapping>")],
    Discriminator(_form),
]


class InventorySettings(Settings):
    """An inventory file: groups and targets."""

    groups: dict[Name, GroupSettings | None] | None = None
    """Shared settings, by the group's name."""
    targets: Targets | None = None
    """The machines, sites and mail domains: a list with names, or a mapping by name."""


class RunningSettings(Settings):
    """How a run goes about it."""

    jobs: Annotated[int, Field(ge=1, le=500)] = 16
    """How many targets side by side."""
    per_jump: Annotated[int, Field(ge=1, le=500)] = 10
    """Of these, how many through one jump host."""
    per_site: Annotated[int, Field(ge=1, le=500)] = 10
    """Of these, how many in one site."""
    connections_per_second: Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)] = 0
    """How many targets are begun in a second, those that are tried again included; 0: no limit."""
    deadline: Annotated[int, Field(ge=1, le=3600)] = 120
    """Seconds after which a target is given up, connecting included."""
    run_deadline: Annotated[int, Field(ge=1, le=604_800)] | None = None
    """Seconds after which nothing more is asked of any target; no limit unless said."""
    retries: Annotated[int, Field(ge=0, le=5)] = 2
    """How often a target is tried again that could not be reached, where that may pass. A log-in
    is never repeated."""


class SigningSettings(Settings):
    """With which key runs and bundles are signed (assess key)."""

    key: Name
    """The key's name, as 'assess key new NAME' made it."""
    passphrase: Secret | None = None
    """Of a key that is kept in a file; leave it out for one in the system's keyring."""


class TimestampSettings(Settings):
    """A time stamp authority, which says when a run was finished."""

    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=2048)]
    """Its address (RFC 3161 over HTTP)."""
    ca_file: Text
    """PEM file with the certificates by which its stamps are verified."""


class HistorySettings(Settings):
    """A PostgreSQL database for the history, in the place of a file in the folder."""

    url: Annotated[
        str,
        AfterValidator(_database),
        Field(max_length=2048, json_schema_extra={"pattern": r"^postgresql(\+psycopg)?://"}),
    ]
    """Its address, such as postgresql+psycopg://assess@db.example.nl/assess; never a password."""
    password: Secret | None = None
    """Where its password comes from; leave it out for PGPASSWORD, ~/.pgpass or none."""


class AssessmentSettings(InventorySettings):
    """The settings of one client's folder, assessment.yaml."""

    organisation: Annotated[str, Field(max_length=200)] = ""
    """The company whose promises are assessed."""
    assessor: Annotated[str, Field(max_length=200)] = ""
    """Who assesses, as the report names it."""
    language: LanguageWord = "nl"
    """Of the report: nl or en."""
    statement: Annotated[str, AfterValidator(_statement)] | None = None
    """The privacy statement: a file, relative to this one, or an https address."""
    profile: Text = "mkb"
    """Which measures and checks apply: a profile's name, or the path of a profile file."""
    inventory: Paths | None = None
    """Further files with groups and targets, relative to this one."""
    checks: dict[str, dict[str, object] | None] | None = None
    """Parameters that differ from the profile's, by check."""
    run: RunningSettings | None = None
    """How many targets side by side, how fast, and how long it may take (docs/limits.md)."""
    signing: SigningSettings | None = None
    """The key that signs runs and bundles; without it, a key called default is taken."""
    timestamp: TimestampSettings | None = None
    """Who stamps the time of a run; without it, times are those of this machine."""
    history: HistorySettings | None = None
    """A database for the history; without it, a file in this folder."""
