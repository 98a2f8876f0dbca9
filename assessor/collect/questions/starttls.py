"""What is said on a connection before TLS begins on it, for each protocol that has a way to.

``SERVICES`` names the services that can be asked, with their usual ports. Those in ``UPGRADES``
begin in clear; the others speak TLS at once. What is said is what a client of that protocol says:
a greeting and the request to begin with TLS, never a name, a password or a command beyond.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Protocol

SERVICES = {
    "https": 443,
    "smtps": 465,
    "imaps": 993,
    "pop3s": 995,
    "ldaps": 636,
    "ftps": 990,
    "tls": 443,
    "smtp": 25,
    "submission": 587,
    "imap": 143,
    "pop3": 110,
    "ldap": 389,
    "ftp": 21,
    "rdp": 3389,
    "postgresql": 5432,
    "mysql": 3306,
}
"""Each service that can be asked, with its registered port; ``tls`` is any other with TLS."""

_OUR_NAME = b"assess.invalid"
"""Said in EHLO. The domain is reserved (RFC 6761), so that it is nobody's."""

_MOST_LINES = 100

# MySQL's protocol: the flags of its handshake (mysql_com.h, CLIENT_...).
_MYSQL_LONG_PASSWORD = 0x00000001
_MYSQL_PROTOCOL_41 = 0x00000200
_MYSQL_SSL = 0x00000800
_MYSQL_SECURE_CONNECTION = 0x00008000
_MYSQL_PLUGIN_AUTH = 0x00080000
_MYSQL_ERROR = 0xFF
_MYSQL_UTF8 = 33

# [MS-RDPBCGR] 2.2.1.1.1: TLS, CredSSP and CredSSP with early user authorization are offered.
_RDP_PROTOCOLS = 0x0000000B
_RDP_RESPONSE = 2
_RDP_FAILURE = 3


class NotOfferedError(Exception):
    """The service speaks its protocol, and does not let TLS begin."""


class NotSpokenError(Exception):
    """What answers does not speak the protocol."""


class Line(Protocol):
    """A connection that is spoken on in turns; both reads are bounded in bytes and time."""

    def send(self, data: bytes) -> None:
        """Sends all of ``data``."""

    def line(self) -> bytes:
        """What comes up to the end of the line, without it."""

    def exactly(self, count: int) -> bytes:
        """The next ``count`` bytes."""


def upgrade(service: str, line: Line) -> None:
    """Brings a connection to the point where TLS begins.

    Raises:
        NotOfferedError: the service does not offer TLS.
        NotSpokenError: another protocol is spoken there.
    """
    prelude = UPGRADES.get(service)
    if prelude is not None:
        prelude(line)


def _smtp(line: Line) -> None:
    """RFC 3207."""
    if not _smtp_reply(line)[0].startswith(b"220"):
        raise NotOfferedError("the mail server takes no mail from here")
    line.send(b"EHLO " + _OUR_NAME + b"\r\n")
    offers = _smtp_reply(line)
    if not any(offer[4:].strip().upper() == b"STARTTLS" for offer in offers):
        raise NotOfferedError("STARTTLS is not among what the mail server offers")
    line.send(b"STARTTLS\r\n")
    answer = _smtp_reply(line)[0]
    if not answer.startswith(b"220"):
        raise NotOfferedError(f"STARTTLS was answered with {_shown(answer)}")


def _smtp_reply(line: Line) -> list[bytes]:
    """All lines of one reply; the last has a space after its code."""
    lines: list[bytes] = []
    while len(lines) < _MOST_LINES:
        one = line.line()
        if not one[:3].isdigit() or one[3:4] not in (b" ", b"-", b""):
            raise NotSpokenError(f"no reply of a mail server: {_shown(one)}")
        lines.append(one)
        if one[3:4] != b"-":
            return lines
    raise NotSpokenError("a reply without an end")


def _imap(line: Line) -> None:
    """RFC 9051, section 6.2.1."""
    greeting = line.line()
    if not greeting.upper().startswith((b"* OK", b"* PREAUTH")):
        raise NotSpokenError(f"no greeting of an IMAP server: {_shown(greeting)}")
    line.send(b"a STARTTLS\r\n")
    for _ in range(_MOST_LINES):
        answer = line.line()
        if answer.startswith(b"a "):
            if not answer.upper().startswith(b"A OK"):
                raise NotOfferedError(f"STARTTLS was answered with {_shown(answer)}")
            return
    raise NotSpokenError("no answer to STARTTLS")


def _pop3(line: Line) -> None:
    """RFC 2595, section 4."""
    greeting = line.line()
    if not greeting.startswith(b"+OK"):
        raise NotSpokenError(f"no greeting of a POP3 server: {_shown(greeting)}")
    line.send(b"STLS\r\n")
    answer = line.line()
    if not answer.startswith(b"+OK"):
        raise NotOfferedError(f"STLS was answered with {_shown(answer)}")


def _ftp(line: Line) -> None:
    """RFC 4217."""
    _smtp_reply(line)
    line.send(b"AUTH TLS\r\n")
    answer = _smtp_reply(line)[0]
    if not answer.startswith((b"234", b"334")):
        raise NotOfferedError(f"AUTH TLS was answered with {_shown(answer)}")


def _ldap(line: Line) -> None:
    """RFC 4511, section 4.14: an extended request with the name of StartTLS."""
    name = b"1.3.6.1.4.1.1466.20037"
    operation = b"\x77" + bytes([len(name) + 2]) + b"\x80" + bytes([len(name)]) + name
    message = b"\x02\x01\x01" + operation
    line.send(b"\x30" + bytes([len(message)]) + message)
    body = _ber(line)
    # messageID INTEGER 1, then [APPLICATION 24] with resultCode ENUMERATED first.
    if body[:3] != b"\x02\x01\x01" or body[3:4] != b"\x78":
        raise NotSpokenError("no answer of a directory server")
    at = 5 if body[4:5] < b"\x80" else 5 + (body[4] & 0x7F)
    if body[at : at + 2] != b"\x0a\x01" or len(body) < at + 3:
        raise NotSpokenError("no answer of a directory server")
    if body[at + 2]:
        raise NotOfferedError(f"StartTLS was answered with result {body[at + 2]}")


def _ber(line: Line) -> bytes:
    """The contents of one SEQUENCE."""
    head = line.exactly(2)
    if head[0] != 0x30:
        raise NotSpokenError("no answer of a directory server")
    length = head[1]
    if length & 0x80:
        width = length & 0x7F
        if not 1 <= width <= 2:
            raise NotSpokenError("an answer of a directory server that is too long")
        length = int.from_bytes(line.exactly(width), "big")
    if not 7 <= length <= 4096:
        raise NotSpokenError("an answer of a directory server of a strange length")
    return line.exactly(length)


def _rdp(line: Line) -> None:
    """[MS-RDPBCGR] 2.2.1.1 and 2.2.1.2, in X.224 (ISO 8073) in TPKT (RFC 1006)."""
    negotiation = struct.pack("<BBHI", 1, 0, 8, _RDP_PROTOCOLS)
    request = struct.pack("!BBHHB", 6 + len(negotiation), 0xE0, 0, 0, 0) + negotiation
    line.send(struct.pack("!BBH", 3, 0, 4 + len(request)) + request)
    version, _, length = struct.unpack("!BBH", line.exactly(4))
    if version != 3 or not 11 <= length <= 512:
        raise NotSpokenError("no answer of a remote desktop")
    answer = line.exactly(length - 4)
    if answer[1] != 0xD0:
        raise NotSpokenError("no answer of a remote desktop")
    negotiated = answer[7:]
    if len(negotiated) < 8 or negotiated[0] not in (_RDP_RESPONSE, _RDP_FAILURE):
        raise NotOfferedError("the remote desktop knows its own encryption only")
    kind, _, _, value = struct.unpack_from("<BBHI", negotiated)
    if kind == _RDP_FAILURE or value == 0:
        raise NotOfferedError("the remote desktop refuses TLS")


def _postgresql(line: Line) -> None:
    """PostgreSQL, Frontend/Backend Protocol, SSLRequest."""
    line.send(struct.pack("!II", 8, 80877103))
    answer = line.exactly(1)
    if answer == b"N":
        raise NotOfferedError("the database answers that it has no TLS")
    if answer != b"S":
        raise NotSpokenError("no answer of PostgreSQL")


def _mysql(line: Line) -> None:
    """MySQL, Client/Server Protocol: Protocol::HandshakeV10 and Protocol::SSLRequest."""
    head = line.exactly(4)
    length, sequence = int.from_bytes(head[:3], "little"), head[3]
    if not 1 <= length <= 4096 or sequence != 0:
        raise NotSpokenError("no greeting of MySQL")
    greeting = line.exactly(length)
    if greeting[0] == _MYSQL_ERROR:
        raise NotOfferedError("the database takes no connection from here")
    # Version in text, connection number, 8 bytes and a filler, then the lower flags.
    at = greeting.find(b"\0") + 1 + 4 + 8 + 1
    if greeting[0] != 10 or at < 15 or len(greeting) < at + 2:
        raise NotSpokenError("no greeting of MySQL")
    flags = struct.unpack_from("<H", greeting, at)[0]
    if not flags & _MYSQL_SSL:
        raise NotOfferedError("the database answers that it has no TLS")
    wanted = (
        _MYSQL_LONG_PASSWORD
        | _MYSQL_PROTOCOL_41
        | _MYSQL_SSL
        | _MYSQL_SECURE_CONNECTION
        | _MYSQL_PLUGIN_AUTH
    )
    request = struct.pack("<IIB23x", wanted, 1 << 24, _MYSQL_UTF8)
    line.send(len(request).to_bytes(3, "little") + b"\x01" + request)


def _shown(answer: bytes) -> str:
    """What a service said, short and harmless, for people."""
    return repr(answer[:80].decode("ascii", "replace"))


UPGRADES: dict[str, Callable[[Line], None]] = {
    "smtp": _smtp,
    "submission": _smtp,
    "imap": _imap,
    "pop3": _pop3,
    "ldap": _ldap,
    "ftp": _ftp,
    "rdp": _rdp,
    "postgresql": _postgresql,
    "mysql": _mysql,
}
"""The services that begin in clear."""
