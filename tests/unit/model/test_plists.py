"""Property lists: whole ones are read, everything else is no answer."""

from __future__ import annotations

import pytest

from assessor.model.plists import read_plist

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0">'
BODY = "<dict><key>On</key><true/><key>Names</key><array><string>a</string></array></dict>"
WHOLE = f"{HEAD}{BODY}</plist>\n"


def test_a_whole_one_is_read() -> None:
    assert read_plist(f"\n{WHOLE}") == {"On": True, "Names": ["a"]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Error: no such domain",
        WHOLE.strip()[:-1],
        WHOLE.replace("</dict>", ""),
        WHOLE.replace("<true/>", "<date>tomorrow</date>"),
        WHOLE.replace("<true/>", "<integer>many</integer>"),
        f'<!DOCTYPE plist [<!ENTITY a "aaaa">]>{HEAD}<string>&a;</string></plist>',
        f'<!DOCTYPE plist [<!ENTITY a SYSTEM "file:///etc/passwd">]>{HEAD}<string>&a;</string></plist>',
    ],
)
def test_what_is_damaged_cut_off_or_reaches_out_is_none(text: str) -> None:
    assert read_plist(text) is None
