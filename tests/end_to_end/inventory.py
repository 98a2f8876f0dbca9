"""Assessment folders made of the lab's hosts and sites."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.lab.sshd import LabHost


def ssh_entry(name: str, host: LabHost, **more: object) -> dict[str, Any]:
    """The inventory's entry for a host of the SSH lab."""
    entry: dict[str, Any] = {
        "name": name,
        "role": "server",
        "transport": "ssh",
        "address": host.address,
        "port": host.port,
        "user": host.user,
        "known_hosts": [str(host.known_hosts)],
    }
    if host.identity_file:
        entry["identity_files"] = [str(host.identity_file)]
    if host.jump:
        entry["jump"] = list(host.jump)
    return entry | more


def site_entry(name: str, port: int, authority: Path) -> dict[str, Any]:
    """The inventory's entry for a site of the nginx lab, whose authority is named."""
    return {
        "name": name,
        "role": "site",
        "transport": "network",
        "address": f"{name}.lab.example",
        "port": port,
        # Nobody answers at that resolver: what the DNS says of these names is not to be had here.
        "options": {
            "connect_to": "127.0.0.1",
            "ca_file": str(authority),
            "resolver": "127.0.0.1:9",
        },
    }


def write_assessment(folder: Path, targets: list[dict[str, Any]], **settings: object) -> None:
    """Writes ``assessment.yaml`` for ``targets``."""
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump({"language": "en", **settings, "targets": targets}, sort_keys=False)
    (folder / "assessment.yaml").write_text(text)
