"""Synology DSM 6 and 7.

DSM keeps its settings in a hundred files of as many forms. Its own web interface reads them through
``synowebapi``, which answers in JSON: so do we, with methods that only read (``get``, ``list``,
``load``). It needs root; where ``sudo`` refuses, what anybody on the NAS may read is left.
"""

from __future__ import annotations

from assessor.devices.dsm.questions import QUESTIONS
from assessor.devices.dsm.read import read
from assessor.devices.system import DeviceSystem, Session
from assessor.model.target import DeviceOs

__all__ = ["SYSTEM"]

SYSTEM = DeviceSystem(
    os=DeviceOs.DSM,
    title="Synology DSM",
    session=Session.EXEC,
    questions=QUESTIONS,
    read=read,
)
