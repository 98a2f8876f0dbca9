"""Countries that belong together, and networks whose addresses have no fixed place."""

from __future__ import annotations

EU = frozenset(
    {
        "AT",
        "BE",
        "BG",
        "HR",
        "CY",
        "CZ",
        "DK",
        "EE",
        "FI",
        "FR",
        "DE",
        "GR",
        "HU",
        "IE",
        "IT",
        "LV",
        "LT",
        "LU",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SK",
        "SI",
        "ES",
        "SE",
    }
)
"""The members of the European Union since 2020, by ISO 3166-1."""

EEA = EU | {"IS", "LI", "NO"}
"""The European Economic Area: the EU with Iceland, Liechtenstein and Norway. Not Switzerland, and
since 2020 not the United Kingdom."""

REGIONS = {"EEA": EEA, "EER": EEA, "EU": EU}

EVERYWHERE = {
    13335: "Cloudflare",
    209242: "Cloudflare",
    54113: "Fastly",
    16625: "Akamai",
    20940: "Akamai",
    32787: "Akamai",
    63949: "Akamai",
    15133: "Edgio",
    19551: "Imperva",
    30148: "Sucuri",
    200325: "bunny.net",
    60068: "CDN77",
    15169: "Google",
    396982: "Google",
    16509: "Amazon",
    14618: "Amazon",
    8075: "Microsoft",
    8068: "Microsoft",
    36459: "GitHub",
    2635: "Automattic",
    53831: "Squarespace",
    58182: "Wix",
    62597: "NS1",
}
"""Networks (autonomous systems) that answer for a site from many places, or whose fronts on several
continents hide where a site is behind them: by number, with the company."""
