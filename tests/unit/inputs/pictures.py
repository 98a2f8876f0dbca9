"""Small pictures for the tests of logos."""

from __future__ import annotations

import base64

# One white pixel (PNG), and the first bytes of a JPEG: enough to be told apart.
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJg"
    "gg=="
)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"


def svg(inside: str, more: str = "") -> bytes:
    """An SVG with ``inside`` within it and ``more`` among the attributes of its root."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 40 20" {more}>{inside}</svg>'
    ).encode()
