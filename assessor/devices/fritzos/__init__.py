"""AVM FRITZ!OS, asked over TR-064.

The text of a file is taken too: the same questions in brackets, each above its answer, for whoever
asks a box by other means. The box's own export is encrypted, and says nothing to anybody.
"""

from __future__ import annotations

from assessor.devices.fritzos.box import read
from assessor.devices.fritzos.questions import QUESTIONS
from assessor.devices.system import DeviceSystem, Session
from assessor.model.target import DeviceOs

SYSTEM = DeviceSystem(
    os=DeviceOs.FRITZOS,
    title="AVM FRITZ!OS",
    session=Session.NONE,
    questions=QUESTIONS,
    read=read,
)
