"""A box's wireless networks.

``NewBeaconType`` tells the protection (AVM, "TR-064 WLANConfiguration", 2.2 and 3). Which instance
is for guests differs by model; ``X_AVM-DE_APType`` tells it (2.18). The guest network is a network
of its own behind the box's firewall, whose devices reach the internet only (AVM, knowledge base,
"Setting up Wi-Fi guest access (private hotspot)").
"""

from __future__ import annotations

from assessor.devices.device import Protection, Secret, Segment, Storage, Topic, WifiNetwork
from assessor.devices.fritzos.questions import WLANS
from assessor.devices.fritzos.said import Box, Fields
from assessor.devices.secrets import secret

HOME, GUESTS = "home network", "guest network"
_TOPICS = (Topic.WIFI,)
_PROTECTIONS = {
    "None": Protection.OPEN,
    "Basic": Protection.WEP,
    "WPA": Protection.WPA,
    "WPAand11i": Protection.WPA_WPA2,
    "11i": Protection.WPA2,
    "11iandWPA3": Protection.WPA2_WPA3,
    "WPA3": Protection.WPA3,
    "OWE": Protection.OWE,
}
_WITH_TKIP = frozenset({Protection.WPA, Protection.WPA_WPA2})
_WITHOUT_SECRET = frozenset({Protection.OPEN, Protection.OWE})
_WPS = {"off": False, "inactive": True, "active": True, "success": True}


def read_wifi(box: Box) -> tuple[WifiNetwork, ...] | None:
    """The networks; ``None`` where the box did not tell of any."""
    questions = [f"WLANConfiguration:{number} GetInfo" for number in WLANS]
    if not any(question in box.answers for question in questions):
        box.note(_TOPICS, f"{questions[0]}: not answered")
        return None
    found = []
    for number, question in zip(WLANS, questions, strict=True):
        if not box.missing(question):
            fields = box.fields(question, *_TOPICS)
            if fields is not None:
                found.append(_network(box, number, question, fields))
    return tuple(found)


def _network(box: Box, number: int, question: str, fields: Fields) -> WifiNetwork:
    beacon = box.text(question, fields, "NewBeaconType", *_TOPICS)
    enabled = box.flag(question, fields, "NewEnable", *_TOPICS) is not False
    protection = _PROTECTIONS.get(beacon, Protection.UNKNOWN)
    if protection is Protection.UNKNOWN:
        box.note(_TOPICS, f"{question}: NewBeaconType: {beacon}")
    guest = _guest(box, number) if enabled else False
    return WifiNetwork(
        ssid=box.text(question, fields, "NewSSID", *_TOPICS),
        label=f"WLAN {number}",
        enabled=enabled,
        protection=protection,
        tkip=_tkip(protection),
        wps=_wps(box, number) if enabled else None,
        guest=guest,
        isolated=True if guest else None,
        secrets=_secrets(box, number, protection) if enabled else (),
    )


def _tkip(protection: Protection) -> bool | None:
    return None if protection is Protection.UNKNOWN else protection in _WITH_TKIP


def _guest(box: Box, number: int) -> bool:
    question = f"WLANConfiguration:{number} X_AVM-DE_GetWLANExtInfo"
    fields = box.fields(question, Topic.SEGMENTS)
    kind = (fields or {}).get("NewX_AVM-DE_APType", "")
    if fields is not None and kind not in {"normal", "guest"}:
        box.note([Topic.SEGMENTS], f"{question}: NewX_AVM-DE_APType: {kind}")
    return kind == "guest"


def _wps(box: Box, number: int) -> bool | None:
    fields = box.fields(f"WLANConfiguration:{number} X_AVM-DE_GetWPSInfo")
    return None if fields is None else _WPS.get(fields.get("NewX_AVM-DE_WPSStatus", ""))


def _secrets(box: Box, number: int, protection: Protection) -> tuple[Secret, ...]:
    if protection in _WITHOUT_SECRET:
        return ()
    question = f"WLANConfiguration:{number} GetSecurityKeys"
    fields = box.fields(question)
    name = "NewWEPKey0" if protection is Protection.WEP else "NewKeyPassphrase"
    value = (fields or {}).get(name, "")
    # A box that keeps it to itself leaves a secret of which nothing is known.
    return (secret(value, Storage.CLEAR) if value else Secret(),)


def read_segments(wifi: tuple[WifiNetwork, ...] | None) -> tuple[Segment, ...] | None:
    """The networks behind the box: the owner's, and that of the guests where it is on."""
    if wifi is None:
        return None
    segments = [Segment(HOME)]
    if any(each.guest and each.enabled for each in wifi):
        segments.append(Segment(GUESTS, guest=True, isolated=True))
    return tuple(segments)
