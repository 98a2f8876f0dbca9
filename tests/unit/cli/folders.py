"""Assessment folders for the tests of the commands."""

from __future__ import annotations

from pathlib import Path

STATEMENT = """\
# Privacyverklaring

Wij nemen de volgende maatregelen:

- Er hangen brandblussers en rookmelders in het kantoor.
- Alle medewerkers hebben een geheimhoudingsverklaring getekend.
"""


def assessment(folder: Path, *, language: str = "nl", statement: str | None = STATEMENT) -> Path:
    """A client's folder whose statement promises fire safety and confidentiality."""
    (folder / "profiles").mkdir(parents=True)
    (folder / "profiles" / "own.yaml").write_text(
        "id: own\ntitle: {nl: Eigen, en: Own}\nchecks: {host_firewall: {}}\nmeasures: [firewall]\n",
        encoding="utf-8",
    )
    settings = f"language: {language}\nprofile: own\ntargets: [{{name: web01, role: server}}]\n"
    if statement is not None:
        (folder / "privacy.md").write_text(statement, encoding="utf-8")
        settings += "statement: privacy.md\n"
    (folder / "assessment.yaml").write_text(settings, encoding="utf-8")
    return folder
