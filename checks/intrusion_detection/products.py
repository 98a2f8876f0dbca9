"""The programs that watch for attacks that we know, and by what they are recognised."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Product:
    """A program that watches for attacks.

    Attributes:
        message: what it watches, as the id of the message for a program that works.
        units: its systemd services; any of them may stand for it.
        processes: names of its processes as the kernel shows them (15 characters).
        tools: commands that show that it is installed.
        folders: folders that show that it is installed.
        rules: the kind of rules file it goes by, where rules grow old.
    """

    name: str
    message: str
    units: tuple[str, ...]
    processes: tuple[str, ...]
    tools: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    rules: str = ""


FAIL2BAN = Product(
    "fail2ban",
    "watches_log_ins",
    ("fail2ban.service",),
    ("fail2ban-server",),
    ("fail2ban-client",),
)
CROWDSEC = Product(
    "CrowdSec", "watches_log_ins", ("crowdsec.service",), ("crowdsec",), ("crowdsec",)
)
CROWDSEC_BOUNCER = Product(
    "CrowdSec firewall bouncer", "", ("crowdsec-firewall-bouncer.service",), ("crowdsec-firewa",)
)
WAZUH = Product(
    "Wazuh",
    "watches_host",
    ("wazuh-agent.service", "ossec.service"),
    ("wazuh-agentd", "ossec-agentd"),
    folders=("/var/ossec",),
)
OSQUERY = Product(
    "osquery",
    "watches_host",
    ("osqueryd.service",),
    ("osqueryd",),
    ("osqueryd",),
    ("/opt/osquery",),
)
PLAIN = (
    Product("sshguard", "watches_log_ins", ("sshguard.service",), ("sshg-blocker",), ("sshguard",)),
    Product("psad", "watches_network", ("psad.service",), ("psad",), ("psad",)),
    Product(
        "Suricata",
        "watches_network",
        ("suricata.service",),
        ("Suricata-Main", "suricata"),
        ("suricata",),
        rules="suricata",
    ),
    Product(
        "Snort",
        "watches_network",
        ("snort.service", "snort3.service"),
        ("snort", "snort3"),
        ("snort",),
        rules="snort",
    ),
    Product("Zeek", "watches_network", ("zeek.service",), ("zeek",), ("zeek",), ("/opt/zeek",)),
    Product(
        "Wazuh manager",
        "watches_host",
        ("wazuh-manager.service",),
        ("wazuh-analysisd", "ossec-analysisd"),
    ),
    Product(
        "Falco",
        "watches_host",
        (
            "falco.service",
            "falco-modern-bpf.service",
            "falco-bpf.service",
            "falco-kmod.service",
        ),
        ("falco",),
        ("falco",),
    ),
    Product("Samhain", "watches_files", ("samhain.service",), ("samhain",), ("samhain",)),
)
"""Programs that do their work whenever they run, apart from the age of their rules."""

INTEGRITY = ("AIDE", "Tripwire")
LOOKED_FOR = (
    *(product.name for product in (FAIL2BAN, CROWDSEC, WAZUH, OSQUERY)),
    *(product.name for product in PLAIN if product.name != "Wazuh manager"),
    *INTEGRITY,
)
