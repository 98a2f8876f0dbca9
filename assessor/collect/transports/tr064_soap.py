"""The XML of TR-064: a device's description, questions, answers and faults.

What comes back is hostile until shown otherwise: no entity, no document type, no network, and
nothing is believed to be an answer but the element that an answer has.

Sources: DSL Forum TR-064 (May 2004); UPnP Device Architecture 1.0, 2 and 3; AVM, "TR-064 First
Steps" (errors 401, 402, 606).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_TYPE = re.compile(r"urn:[\w.-]{1,40}:service:(?P<name>[\w.-]{1,60}:\d{1,2})")
_PATH = re.compile(r"/(?!/)[\w./-]{0,200}")
_MOST_SERVICES = 200
_MOST_ARGUMENTS = 200
_LONGEST = 16_384
_DOCUMENT_TYPE = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class NotSoapError(Exception):
    """What came is no such document; says why in few words."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the description, such as ``WLANConfiguration:1``."""

    type: str
    control: str


@dataclass(frozen=True, slots=True)
class Fault:
    """The device says that it will not: its number and words."""

    code: int
    words: str


Arguments = tuple[tuple[str, str], ...]
"""What an action gave, in the device's order."""


def _parsed(raw: bytes) -> etree._Element:
    if b"\x00" in raw or _DOCUMENT_TYPE.search(raw):
        raise NotSoapError("a document type or no text")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise NotSoapError("no XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotSoapError("a document type")
    return root


def _named(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def services_of(raw: bytes) -> Mapping[str, Service]:
    """The services that a description (``tr64desc.xml``) lists, by name and number.

    Raises:
        NotSoapError: it is no description, or names a control URL that leads elsewhere.
    """
    root = _parsed(raw)
    if _named(root) != "root":
        raise NotSoapError("no description of a device")
    found: dict[str, Service] = {}
    for element in root.iter("{*}service"):
        texts = {_named(child): (child.text or "").strip() for child in element}
        kind = _TYPE.fullmatch(texts.get("serviceType", ""))
        if kind is None or len(found) >= _MOST_SERVICES:
            continue
        control = texts.get("controlURL", "")
        if not _PATH.fullmatch(control):
            raise NotSoapError("a control URL that is no path")
        found.setdefault(kind["name"], Service(texts["serviceType"], control))
    if not found:
        raise NotSoapError("a description without services")
    return found


def envelope(service: Service, action: str, arguments: Mapping[str, int]) -> bytes:
    """The question; ``action`` and the names of ``arguments`` are our own words."""
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in arguments.items())
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<s:Envelope xmlns:s="{_SOAP}"'
        ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>'
        f'<u:{action} xmlns:u="{service.type}">{inner}</u:{action}></s:Body></s:Envelope>'
    ).encode()


def answer_of(raw: bytes, action: str) -> Arguments | Fault:
    """What an action gave, or the fault in its place.

    Raises:
        NotSoapError: it is neither.
    """
    root = _parsed(raw)
    body = root.find(f"{{{_SOAP}}}Body") if root.tag == f"{{{_SOAP}}}Envelope" else None
    first = next(iter(body), None) if body is not None else None
    if first is None:
        raise NotSoapError("no SOAP envelope")
    if _named(first) == "Fault":
        return _fault(first)
    if _named(first) != f"{action}Response":
        raise NotSoapError("the answer to another question")
    given: list[tuple[str, str]] = []
    for child in first:
        name = _named(child)
        if not re.fullmatch(r"[\w.-]{1,80}", name) or len(given) >= _MOST_ARGUMENTS:
            raise NotSoapError("arguments that no action has")
        given.append((name, _line("".join(str(text) for text in child.itertext()))))
    return tuple(given)


def _fault(element: etree._Element) -> Fault:
    texts = {
        _named(each): (each.text or "") for each in element.iter() if isinstance(each.tag, str)
    }
    code = texts.get("errorCode", "").strip()
    words = texts.get("errorDescription") or texts.get("faultstring") or ""
    return Fault(int(code) if re.fullmatch(r"\d{1,5}", code) else 0, _line(words)[:120])


def _line(text: str) -> str:
    """``text`` on one line, without characters that steer a terminal."""
    return _CONTROL.sub(" ", text)[:_LONGEST]
