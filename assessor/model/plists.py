"""Property lists, in which macOS answers (``plist(5)``)."""

from __future__ import annotations

import plistlib


def read_plist(text: str) -> object:
    """The value of a property list in XML; ``None`` where it is damaged or cut off.

    Nothing outside the text is read: the standard library refuses declarations of entities.
    """
    xml = text.strip()
    if not xml.endswith("</plist>"):
        return None
    try:
        found: object = plistlib.loads(xml.encode(), fmt=plistlib.FMT_XML)
    except Exception:  # damaged XML, dates, numbers and nesting each raise something of their own
        return None
    return found
