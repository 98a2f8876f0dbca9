"""QNAP QTS and QuTS hero.

QTS keeps its settings in ``/etc/config``, most of them in ``uLinux.conf``, an INI file. Read are
the settings whose names QNAP's own scripts tell; what is kept in databases (the jobs of Hybrid
Backup Sync, two-step verification, access protection) is not read, and nothing is said of it.
"""

from __future__ import annotations

from assessor.devices.qts.questions import QUESTIONS
from assessor.devices.qts.read import read
from assessor.devices.system import DeviceSystem, Session
from assessor.model.target import DeviceOs

__all__ = ["SYSTEM"]

SYSTEM = DeviceSystem(
    os=DeviceOs.QTS,
    title="QNAP QTS",
    session=Session.EXEC,
    questions=QUESTIONS,
    read=read,
)
