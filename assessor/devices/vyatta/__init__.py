"""Ubiquiti EdgeOS and VyOS, which both grew from Vyatta.

They are asked with our own driver, which sets nothing: Netmiko's would set the width and length of
the terminal. The pager is passed by with ``| no-more``, as RANCID's successors do
(github.com/ytti/oxidized, model/edgeos.rb and model/vyos.rb). ``show configuration commands`` shows
administrators their secrets, which ``show configuration`` hides (docs.vyos.io, "Command Line
Interface"); operators see asterisks in both.
"""

from __future__ import annotations

from assessor.devices.system import DeviceSystem, Session
from assessor.devices.vyatta.reader import QUESTIONS, read
from assessor.model.target import DeviceOs

SYSTEM = DeviceSystem(
    os=DeviceOs.VYATTA,
    title="Ubiquiti EdgeOS or VyOS",
    session=Session.CLI,
    questions=QUESTIONS,
    read=read,
    driver="plain",
)
