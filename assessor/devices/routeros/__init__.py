"""MikroTik RouterOS 6 and 7.

The account needs a group with the policies ``ssh`` and ``read``; with ``sensitive`` besides, the
export shows passphrases, of which only marks are kept. Version 6 knows no ``show-sensitive``: its
``/export`` shows them without being asked.
"""

from __future__ import annotations

from assessor.devices.routeros.reading import EXPORT, OLDER_EXPORT, QUESTIONS, read
from assessor.devices.system import DeviceSystem, Session
from assessor.model.target import DeviceOs

SYSTEM = DeviceSystem(
    os=DeviceOs.ROUTEROS,
    title="MikroTik RouterOS",
    session=Session.CLI,
    questions=QUESTIONS,
    read=read,
    driver="mikrotik_routeros",
    alternatives={EXPORT: (OLDER_EXPORT,)},
    # No colours, a terminal that draws nothing, not asked what it is, and wide enough that nothing
    # is broken (manual.mikrotik.com, "Command Line Interface", console login options).
    user="+cte511w4098h",
)
