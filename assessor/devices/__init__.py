"""Configurations of routers, firewalls, access points and NAS, read into one form for all makers.

``device.py`` is that form. Each folder below is one system (``DeviceOs``): what it is asked, and
how its answers are read. ``reading.py`` joins them. Nothing here connects, and nothing judges.
"""
