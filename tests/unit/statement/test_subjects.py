# ruff: noqa: E501 -- tables of wordings read best one to a line
"""What a claim is about: the kinds of machine that count for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from assessor.bundled import folder
from assessor.model.language import Language
from assessor.model.statement import Claim
from assessor.model.target import Role
from assessor.statement.claims import find_claims
from assessor.statement.lexicon import Lexicon, load_lexicon
from assessor.statement.reading import parse_statement

ROUTER = (Role.ROUTER,)
SITE = (Role.SITE,)
SERVER = (Role.SERVER,)
WORKSTATION = (Role.WORKSTATION,)
MAIL = (Role.MAIL_DOMAIN,)
NAS = (Role.NAS,)
HOST = (Role.SERVER, Role.SITE)
NOTHING: tuple[Role, ...] = ()

Roles = tuple[Role, ...] | None


@cache
def lexicon(language: Language) -> Lexicon:
    return load_lexicon(folder("profiles") / "lexicon", language)


def last_claim(sentence: str, language: Language) -> Claim:
    heading = "Beveiliging" if language is Language.NL else "Security"
    text = f"## {heading}\n\n{sentence}\n"
    statement = parse_statement(text.encode(), source="test.md", language=language)
    found = find_claims(statement, lexicon(language))
    assert found and found[-1].measures, "no claim with a measure"
    return found[-1]


@pytest.mark.parametrize(
    ("sentence", "roles"),
    [
        ("Onze wifi-router heeft een sterk wachtwoord dat elk halfjaar wijzigt.", ROUTER),
        ("Het draadloze netwerk is beveiligd met WPA3.", ROUTER),
        ("De webwinkel is voorzien van een SSL-certificaat.", SITE),
        ("Wij beveiligen ons klantportaal tegen hackers met een WAF.", SITE),
        ("De website wordt elke nacht geback-upt.", HOST),
        ("De software van onze website houden wij up-to-date.", HOST),
        ("Alle servers krijgen binnen een week beveiligingsupdates.", SERVER),
        ("De harde schijven van laptops zijn versleuteld.", WORKSTATION),
        ("Op iedere laptop staat een virusscanner.", WORKSTATION),
        ("Laptops en telefoons zijn beveiligd met een code.", WORKSTATION),
        ("E-mail wordt versleuteld verstuurd met TLS.", MAIL),
        ("De bestanden op de NAS zijn versleuteld.", NAS),
        ("Telefoons zijn beveiligd met een pincode.", NOTHING),
        ("Onze tablets liggen op kantoor. Ze zijn vergrendeld met een toegangscode.", NOTHING),
        ("Het boekhoudprogramma is beveiligd met een wachtwoord en tweestapsverificatie.", NOTHING),
        ("Wij werken in de cloud. Ook deze is beschermd met gebruikersnaam en wachtwoord.", NOTHING),
        ("De back-upserver heeft een sterk wachtwoord.", NOTHING),
        ("De mailbox is beveiligd met tweestapsverificatie.", NOTHING),
        # about all, or it does not say
        ("Ons netwerk wordt beschermd door een firewall.", None),
        ("Alle computers hebben een virusscanner.", None),
        ("Op alle systemen installeren wij beveiligingsupdates.", None),
        ("Onze systemen en laptops hebben een virusscanner.", None),
        ("Wij gebruiken sterke wachtwoorden.", None),
        # a place, a means, or someone else's
        ("Dagelijks maken wij back-ups op een externe server.", None),
        ("De back-ups staan op een NAS.", None),
        ("Gegevens die via onze website binnenkomen, slaan wij versleuteld op.", None),
        ("Wij bewaren wachtwoorden nooit leesbaar, ook niet in uw telefoon.", None),
        ("De extra code komt binnen op de telefoon van de beheerder.", None),
        ("Onze website vermeldt dat wij sterke wachtwoorden gebruiken en virusscanners.", None),
        # labels and introductions
        ("Voor onze laptops geldt:\n\n- schijfversleuteling\n- schermvergrendeling", WORKSTATION),
        ("### Website\n\n- SSL-certificaat", SITE),
        ("### Website en cookies op een rij\n\n- virusscanner", None),
        ("Wij nemen deze maatregelen:\n\n- Laptops: bitlocker\n- Virusscanner", None),
    ],
)  # fmt: skip
def test_what_a_dutch_claim_is_about(sentence: str, roles: Roles) -> None:
    assert last_claim(sentence, Language.NL).roles == roles


@pytest.mark.parametrize(
    ("sentence", "roles"),
    [
        ("Our Wi-Fi router has a strong password.", ROUTER),
        ("The wireless network is secured with WPA2.", ROUTER),
        ("Our website uses HTTPS.", SITE),
        ("The software of our website is kept up to date.", HOST),
        ("Security patches are installed on our servers within a week.", SERVER),
        ("Laptop hard drives are encrypted.", WORKSTATION),
        ("Workstations lock automatically after 10 minutes of inactivity.", WORKSTATION),
        ("E-mail is sent encrypted with TLS.", MAIL),
        ("The files on the NAS are encrypted.", NAS),
        ("Staff phones are protected with a PIN.", NOTHING),
        ("Our tablets stay in the office. They are protected with a passcode.", NOTHING),
        ("The CRM is protected with a username and password.", NOTHING),
        # about all, or it does not say
        ("A firewall protects our network.", None),
        ("Anti-virus software runs on every computer.", None),
        ("We use strong, unique passwords.", None),
        # a place, a means, or someone else's
        ("Daily backups are stored on an external server.", None),
        ("Secure storage of backups off-site", None),
        ("Data sent through our website are encrypted at rest.", None),
        ("The database is encrypted, as is each backup on a NAS.", None),
        ("The server room has an access control system with passwords.", None),
    ],
)  # fmt: skip
def test_what_an_english_claim_is_about(sentence: str, roles: Roles) -> None:
    assert last_claim(sentence, Language.EN).roles == roles


def scoped(path: Path) -> set[tuple[str, tuple[Role, ...]]]:
    statement = parse_statement(path.read_bytes(), source=path.name)
    return {
        (measure, claim.roles)
        for claim in find_claims(statement, lexicon(statement.language))
        for measure in claim.measures
        if claim.roles is not None
    }


@pytest.mark.parametrize("language", ["nl", "en"])
def test_what_the_example_statement_is_about(language: str) -> None:
    found = scoped(folder("profiles") / f"example-statement.{language}.md")
    assert found >= {
        ("tls", SITE),
        ("password-rotation", ROUTER),
        ("wifi-security", ROUTER),
        ("disk-encryption", WORKSTATION),
        ("screen-lock", WORKSTATION),
    }
    unscoped = {"firewall", "endpoint-protection", "patching", "backup", "mfa", "password-policy"}
    assert not unscoped & {measure for measure, _ in found}
