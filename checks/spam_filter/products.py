"""Services and products that filter mail, by the names of their servers and their greetings.

Only those are here that filter whatever passes them by default. A provider that merely offers a
filter is not: whether it is on cannot be seen.
"""

from __future__ import annotations

import re

# The names that MX records end in.
SERVICES = {
    "mail.protection.outlook.com": "Microsoft 365 (Exchange Online Protection)",
    "mx.microsoft": "Microsoft 365 (Exchange Online Protection)",
    "l.google.com": "Google Workspace (Gmail)",
    "smtp.google.com": "Google Workspace (Gmail)",
    "googlemail.com": "Google Workspace (Gmail)",
    "pphosted.com": "Proofpoint",
    "ppe-hosted.com": "Proofpoint Essentials",
    "mimecast.com": "Mimecast",
    "barracudanetworks.com": "Barracuda Email Security",
    "iphmx.com": "Cisco Secure Email",
    "messagelabs.com": "Symantec Email Security.cloud",
    "spamexperts.com": "N-able SpamExperts",
    "spamexperts.eu": "N-able SpamExperts",
    "spamexperts.net": "N-able SpamExperts",
    "antispamcloud.com": "N-able SpamExperts",
    "hornetsecurity.com": "Hornetsecurity",
    "antispameurope.com": "Hornetsecurity",
    "trendmicro.com": "Trend Micro Email Security",
    "trendmicro.eu": "Trend Micro Email Security",
    "hydra.sophos.com": "Sophos Email",
    "mailcontrol.com": "Forcepoint Email Security",
    "fireeyecloud.com": "Trellix Email Security",
    "mxrecord.mx": "Cloudflare Email Security",
    "mxrecord.io": "Cloudflare Email Security",
}

# What filters say of themselves in their greeting.
_BANNERS = {
    "FortiMail": re.compile(r"\bfortimail\b", re.IGNORECASE),
    "Barracuda": re.compile(r"\bbarracuda\b", re.IGNORECASE),
    "Cisco Secure Email": re.compile(r"\bironport\b", re.IGNORECASE),
    "MailCleaner": re.compile(r"\bmailcleaner\b", re.IGNORECASE),
    "Proxmox Mail Gateway": re.compile(r"\bproxmox\b", re.IGNORECASE),
    "SpamTitan": re.compile(r"\bspamtitan\b", re.IGNORECASE),
    "Symantec Messaging Gateway": re.compile(r"\bsymantec messaging gateway\b", re.IGNORECASE),
    "Trend Micro": re.compile(r"\b(interscan|trend ?micro)\b", re.IGNORECASE),
}


def service_of(server: str) -> str | None:
    """The filtering service that the mail server ``server`` belongs to."""
    name = server.lower().rstrip(".")
    return next(
        (
            service
            for suffix, service in SERVICES.items()
            if name == suffix or name.endswith(f".{suffix}")
        ),
        None,
    )


def product_of(banner: str) -> str | None:
    """The filter that a greeting names."""
    return next((name for name, pattern in _BANNERS.items() if pattern.search(banner)), None)
