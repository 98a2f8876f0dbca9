# ruff: noqa: E501 -- tables of wordings read best one to a line
"""What is a promise, what is none, and what it promises."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from assessor.bundled import folder
from assessor.model.language import Language
from assessor.model.statement import Claim, StatementText
from assessor.statement.claims import find_claims
from assessor.statement.lexicon import Lexicon, load_lexicon
from assessor.statement.reading import parse_statement


@cache
def lexicon(language: Language) -> Lexicon:
    return load_lexicon(folder("profiles") / "lexicon", language)


def statement(text: str, language: Language = Language.NL) -> StatementText:
    return parse_statement(text.encode(), source="test.md", language=language)


def claims(text: str, language: Language = Language.NL) -> tuple[Claim, ...]:
    return find_claims(statement(text, language), lexicon(language))


def measures(text: str, language: Language = Language.NL) -> set[str]:
    return {m for claim in claims(text, language) for m in claim.measures}


# One wording or more for every measure, below a heading about security. None is from a real statement.
DUTCH = {
    "access-control": ["Ons klantsysteem is alleen te openen met gebruikersnaam en wachtwoord."],
    "user-rights": ["Een collega ziet alleen de dossiers die hij nodig heeft: rechten worden per functie toegekend."],
    "authorisation-register": ["In een overzicht wordt bijgehouden wie tot welke systemen bevoegd is."],
    "password-policy": ["Wij gebruiken lange, unieke wachtwoorden.", "Paswoorden bewaren we in een wachtwoordkluis."],
    "password-rotation": ["Onze wachtwoorden vernieuwen wij elk kwartaal."],
    "mfa": ["Inloggen op de boekhouding vraagt een extra code.", "MFA staat aan voor alle beheerders."],
    "screen-lock": ["Computers vergrendelen na vijf minuten inactiviteit."],
    "interface-lock": ["USB-poorten zijn uitgeschakeld."],
    "endpoint-protection": ["Alle werkplekken hebben een virusscanner.", "Anti-malware"],
    "firewall": ["Achter de router staat een firewall."],
    "network-segmentation": ["Bezoekers gebruiken een gescheiden gastnetwerk."],
    "remote-access": ["Thuiswerken gaat via een VPN-verbinding."],
    "wifi-security": ["Het draadloze netwerk is beveiligd met WPA3."],
    "disk-encryption": ["De harde schijven van laptops zijn versleuteld.", "BitLocker op alle toestellen"],
    "tls": ["U herkent de versleutelde verbinding; de site draait op https.", "SSL-certificaat"],
    "web-hardening": ["De webshop is beveiligd tegen aanvallen van hackers."],
    "mail-encryption": ["E-mail met medische gegevens versturen wij versleuteld.", "STARTTLS op de mailserver"],
    "mail-authentication": ["Ons domein heeft SPF, DKIM en DMARC."],
    "dnssec": ["Onze domeinnamen zijn ondertekend met DNSSEC."],
    "spam-filter": ["Inkomende mail gaat door een spamfilter."],
    "backup": ["Er worden elke nacht reservekopieën gemaakt.", "Wekelijkse back-up"],
    "offsite-backup": ["De back-ups staan op een tweede locatie."],
    "restore-test": ["Wij testen jaarlijks het terugzetten van back-ups."],
    "recovery-plan": ["Na een storing kunnen wij de toegang tot gegevens snel herstellen."],
    "patching": ["Beveiligingsupdates worden binnen een week geïnstalleerd.", "Software is altijd up-to-date."],
    "access-logging": ["Elke toegang tot het dossier wordt gelogd."],
    "input-control": ["Het systeem legt vast wie een gegeven heeft gewijzigd en wanneer; dat wordt bijgehouden."],
    "intrusion-detection": ["Wij monitoren ons netwerk op verdachte activiteiten."],
    "penetration-testing": ["Jaarlijks laten wij een pentest uitvoeren."],
    "database-rights": ["De database staat in een afgeschermde omgeving en is niet bereikbaar van buitenaf."],
    "environment-separation": ["Testomgeving en productieomgeving zijn gescheiden."],
    "data-separation": ["Gegevens van verschillende klanten bewaren wij gescheiden."],
    "pseudonymisation": ["Voor onderzoek worden persoonsgegevens gepseudonimiseerd."],
    "analytics-anonymisation": ["In Google Analytics is het laatste octet van het IP-adres gemaskeerd."],
    "cookie-consent": ["Trackingcookies plaatsen wij pas na uw toestemming."],
    "retention": ["Sollicitatiebrieven verwijderen wij vier weken na afloop van de procedure."],
    "data-location": ["Al onze servers staan binnen de Europese Unie."],
    "mobile-device-lock": ["Telefoons van medewerkers zijn beveiligd met een pincode."],
    "availability": ["De servers zijn dubbel uitgevoerd, zodat de beschikbaarheid gewaarborgd is."],
    "confidentiality-agreement": ["Medewerkers hebben een geheimhoudingsplicht."],
    "contractual-penalty": ["Op schending van de geheimhouding staat een boete."],
    "processor-agreement": ["Met leveranciers hebben wij verwerkersovereenkomsten gesloten."],
    "awareness-training": ["Onze medewerkers volgen elk jaar een training over gegevensbescherming."],
    "security-policy": ["Wij hebben een informatiebeveiligingsbeleid."],
    "certification": ["Ons datacenter is ISO 27001 gecertificeerd."],
    "breach-notification": ["Datalekken melden wij binnen 72 uur."],
    "emergency-plan": ["Er ligt een calamiteitenplan klaar."],
    "privacy-by-design": ["Wij vragen alleen gegevens die nodig zijn voor uw opdracht.", "Privacy by design"],
    "physical-access": ["Ons kantoor heeft een alarm en camerabewaking.", "Afgesloten archiefkasten"],
    "ups": ["De servers hebben noodstroom."],
    "climate-control": ["De serverruimte heeft airconditioning."],
    "fire-safety": ["Rookmelders en brandblussers"],
    "water-safety": ["De serverruimte is beschermd tegen wateroverlast."],
    "media-destruction": ["Papieren dossiers gaan door de papierversnipperaar."],
    "general-measures": ["Wij treffen passende maatregelen om uw gegevens te beveiligen.", "Wij houden uw gegevens veilig."],
}  # fmt: skip
ENGLISH = {
    "access-control": ["Systems can only be reached with a username and password."],
    "user-rights": ["Staff only have access to the files they need for their job.", "Role-based access"],
    "authorisation-register": ["Access rights are reviewed every quarter."],
    "password-policy": ["We use strong, unique passwords.", "Passwords are hashed with bcrypt."],
    "password-rotation": ["Passwords are changed every 90 days."],
    "mfa": ["Administrators log in with two-factor authentication."],
    "screen-lock": ["Workstations lock automatically after 10 minutes of inactivity."],
    "interface-lock": ["USB ports are disabled."],
    "endpoint-protection": ["Anti-virus software runs on every computer."],
    "firewall": ["Our network is protected by a firewall."],
    "network-segmentation": ["Guests use a separate Wi-Fi network."],
    "remote-access": ["Remote access is only possible through a VPN."],
    "wifi-security": ["The wireless network is secured with WPA2."],
    "disk-encryption": ["Laptop hard drives are encrypted.", "Data at rest is encrypted."],
    "tls": ["Our website uses HTTPS.", "Encryption of data in transit"],
    "web-hardening": ["A web application firewall shields the site.", "Protection against DDoS attacks"],
    "mail-encryption": ["E-mail is sent encrypted with S/MIME."],
    "mail-authentication": ["Our domain publishes SPF and DMARC."],
    "dnssec": ["Our domains are signed with DNSSEC."],
    "spam-filter": ["Incoming mail passes a spam filter."],
    "backup": ["We make daily backups.", "Regular back-ups"],
    "offsite-backup": ["Backups are stored at a second location."],
    "restore-test": ["We test the restoring of backups twice a year."],
    "recovery-plan": ["We can restore access to data promptly after an incident."],
    "patching": ["Security patches are installed within a week.", "Software is kept up to date."],
    "access-logging": ["Every access to customer data is logged."],
    "input-control": ["It can be traced who entered, changed or removed data."],
    "intrusion-detection": ["We monitor our network for suspicious activity.", "Intrusion detection system"],
    "penetration-testing": ["An outside firm carries out a yearly penetration test."],
    "database-rights": ["The database is not publicly accessible."],
    "environment-separation": ["Test and production systems are separated."],
    "data-separation": ["Data of different customers are stored separately."],
    "pseudonymisation": ["Personal data are pseudonymised before research."],
    "analytics-anonymisation": ["IP addresses are anonymised in our web statistics."],
    "cookie-consent": ["Tracking cookies are placed only after your consent."],
    "retention": ["Applications are deleted four weeks after the procedure has ended."],
    "data-location": ["All servers are located in the European Union."],
    "mobile-device-lock": ["Staff phones are protected with a PIN."],
    "availability": ["Redundant servers ensure availability."],
    "confidentiality-agreement": ["Employees are bound by a confidentiality agreement."],
    "contractual-penalty": ["Violations carry contractual penalties."],
    "processor-agreement": ["We have data processing agreements with all suppliers."],
    "awareness-training": ["Employees are trained in data protection every year."],
    "security-policy": ["We have a documented information security policy."],
    "certification": ["Our data centre is certified to ISO 27001."],
    "breach-notification": ["Data breaches are reported within 72 hours."],
    "emergency-plan": ["A business continuity plan is in place."],
    "privacy-by-design": ["We only collect the data that we need.", "Privacy by default"],
    "physical-access": ["Locked server room", "The building has an alarm system."],
    "ups": ["Uninterruptible power supply for servers"],
    "climate-control": ["Air conditioning in the server room"],
    "fire-safety": ["Smoke detectors and fire extinguishers"],
    "water-safety": ["Server rooms are protected against flooding."],
    "media-destruction": ["Paper files are shredded."],
    "general-measures": ["We take appropriate technical and organisational measures.", "We keep your personal data completely safe."],
}  # fmt: skip


@pytest.mark.parametrize(
    ("measure", "wording"), [(m, w) for m, wordings in DUTCH.items() for w in wordings]
)
def test_dutch_wordings_of_every_measure(measure: str, wording: str) -> None:
    assert measure in measures(f"## Beveiliging\n\n{wording}\n")


@pytest.mark.parametrize(
    ("measure", "wording"), [(m, w) for m, wordings in ENGLISH.items() for w in wordings]
)
def test_english_wordings_of_every_measure(measure: str, wording: str) -> None:
    assert measure in measures(f"## Security\n\n{wording}\n", Language.EN)


def test_the_lexicons_know_exactly_the_measures_of_the_catalogue() -> None:
    import yaml

    catalogue: dict[str, Any] = yaml.safe_load(
        (folder("profiles") / "measures.yaml").read_text("utf-8")
    )
    for language, wordings in ((Language.NL, DUTCH), (Language.EN, ENGLISH)):
        known = {rule.measure for some in lexicon(language).rules.values() for rule, _ in some}
        assert known == set(catalogue) == set(wordings)


NO_PROMISE = [
    # negations
    "Wij maken geen back-ups.",
    "Een firewall gebruiken wij niet.",
    "Onze laptops zijn niet versleuteld.",
    "Tweestapsverificatie hebben we nog niet.",
    # rights and duties of the reader
    "U heeft het recht om uw gegevens te laten verwijderen.",
    "U kunt uw cookies zelf verwijderen in uw browser.",
    "U moet zelf een sterk wachtwoord kiezen.",
    "Wij raden u aan om een virusscanner te gebruiken.",
    "U krijgt binnen vier weken antwoord op uw verzoek.",
    # descriptions
    "Wij verzamelen naam, adres, e-mailadres en wachtwoord.",
    "Onze website maakt gebruik van cookies.",
    "Daarnaast werken wij in de cloud.",
    # the world of others
    "Wij zijn niet verantwoordelijk voor de beveiliging van andere websites.",
    "Lees de privacyverklaring van Google.",
    # bad news
    "Honderd procent veiligheid kan niemand garanderen, ook wij kunnen dat niet garanderen.",
    "Hoe beveiligen wij uw gegevens?",
]


@pytest.mark.parametrize("sentence", NO_PROMISE)
def test_what_promises_nothing_is_no_claim(sentence: str) -> None:
    assert measures(f"# Privacy\n\n{sentence}\n") == set()


NO_PROMISE_ENGLISH = [
    "We do not make backups.",
    "Our laptops are not encrypted.",
    "You have the right to have your data deleted.",
    "You can delete cookies in your browser.",
    "You are responsible for keeping your password confidential.",
    "No method of transmission over the internet is 100% secure.",
    "We are not responsible for the security of other websites.",
    "Our website uses cookies.",
]


@pytest.mark.parametrize("sentence", NO_PROMISE_ENGLISH)
def test_what_promises_nothing_is_no_claim_in_english(sentence: str) -> None:
    assert measures(f"# Privacy\n\n{sentence}\n", Language.EN) == set()


def test_a_negation_does_not_reach_the_next_part_of_the_sentence() -> None:
    assert "backup" in measures("Wij verkopen uw gegevens niet, en wij maken dagelijks back-ups.")
    assert "patching" in measures("Wij gebruiken niet alleen een firewall maar installeren ook beveiligingsupdates.")  # fmt: skip


def test_a_bare_noun_counts_only_where_measures_are_listed() -> None:
    assert measures("## Beveiliging\n\nWij nemen deze maatregelen:\n\n- back-ups\n") == {"backup"}
    assert measures("## Welke gegevens verzamelen wij?\n\n- back-ups van klanten\n") == set()


def test_an_introduction_gives_context_but_is_no_claim_itself() -> None:
    found = claims("Wij nemen de volgende maatregelen:\n\n- Spamfilter\n- Firewall\n")
    assert [c.quote for c in found if c.measures and not c.quote.endswith(":")] == [
        "Spamfilter",
        "Firewall",
    ]


def test_what_stands_between_brackets_takes_no_promise_away() -> None:
    plain = "Beheerders loggen in met tweestapsverificatie"
    assert measures(f"{plain} (u kunt dit zelf ook instellen in uw account).") >= {"mfa"}
    assert measures(f"{plain}, u kunt dit zelf ook instellen in uw account.") == set()


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        # the label is a heading for what follows
        ("Backup and Recovery: We make backups of all data every night.", {"backup"}),
        ("Access Control: Only staff who need it can open the files.", {"user-rights"}),
        # the label names a measure itself, or what follows names none
        ("Firewall: It blocks access to our servers, which are monitored.", {"firewall", "intrusion-detection"}),
        ("Access control: as strict as it can be made.", {"access-control"}),
    ],
)  # fmt: skip
def test_what_the_label_of_an_item_says(item: str, expected: set[str]) -> None:
    assert measures(f"## Security\n\n- {item}\n", Language.EN) == expected


def test_a_phrase_does_not_take_its_words_from_two_things_that_are_listed() -> None:
    listed = "We use hashed passwords, role-based access, backups, and a firewall."
    assert measures(f"## Security\n\n{listed}\n", Language.EN) == {
        "password-policy",
        "user-rights",
        "backup",
        "firewall",
    }


def test_advice_to_the_reader_is_no_promise() -> None:
    items = "- Use a strong, unique password.\n- Keep the antivirus software of your computer updated.\n"
    assert measures(f"## What you can do to stay safe\n\n{items}", Language.EN) == set()
    assert measures(f"## Security\n\n{items}", Language.EN) != set()


def test_whom_we_tell_below_a_heading_about_breaches() -> None:
    sentence = "We email you within 72 hours to tell what happened."
    assert measures(f"## Security breaches\n\n{sentence}\n", Language.EN) == {"breach-notification"}
    assert measures(f"## Orders\n\n{sentence}\n", Language.EN) == set()


def test_the_sentence_before_tells_what_these_are() -> None:
    text = "## Beveiliging\n\nOnze telefoons staan op kantoor. Deze zijn beschermd met een code."
    assert claims(text)[-1].measures == ("mobile-device-lock",)


def test_the_same_holds_for_takes_over_what_was_promised() -> None:
    text = (
        "De mailbox heeft een sterk wachtwoord dat elk kwartaal wordt gewijzigd. "
        "Hetzelfde geldt voor de boekhouding."
    )
    assert set(claims(text)[1].measures) == {"password-policy", "password-rotation"}


def test_a_claim_keeps_its_place_its_heading_and_its_reasons() -> None:
    text = "# Over ons\n\nHallo.\n\n## Beveiliging\n\nOns netwerk heeft een firewall.\n"
    (claim,) = claims(text)
    assert text[claim.start : claim.end] == claim.quote == "Ons netwerk heeft een firewall."
    assert claim.heading == "Beveiliging"
    assert [(r.measure, r.phrase, r.rule) for r in claim.readings] == [
        ("firewall", "firewall", "firewall/firewall")
    ]
    assert 0 < claim.readings[0].score <= 1


def test_ids_stay_while_the_words_stay() -> None:
    once = claims("## Beveiliging\n\nWij hebben een firewall. Wij maken dagelijks back-ups.\n")
    moved = claims("## Beveiliging\n\nNieuw. Wij maken  dagelijks\nback-ups. Wij hebben een firewall.\n")  # fmt: skip
    assert {c.id for c in once} == {c.id for c in moved}
    twice = claims("## Beveiliging\n\nWij hebben een firewall. Wij hebben een firewall.\n")
    assert twice[1].id == f"{twice[0].id}-2"


def test_a_promise_that_no_rule_knows_is_left_for_a_person() -> None:
    text = "## Beveiliging\n\nWij nemen deze maatregelen:\n\n- Kwantumstabiele bitschuiver\n"
    assert [(c.quote, c.measures) for c in claims(text)] == [("Kwantumstabiele bitschuiver", ())]


@pytest.mark.parametrize(
    ("language", "sentence", "measure", "expected"),
    [
        (Language.NL, "Het wachtwoord wordt 3 maandelijks vernieuwd.", "password-rotation", {"interval_days": 92}),
        (Language.NL, "Het wachtwoord wordt 3-maandelijks vernieuwd.", "password-rotation", {"interval_days": 92}),
        (Language.NL, "Wachtwoorden wijzigen wij om de zes maanden.", "password-rotation", {"interval_days": 183}),
        (Language.NL, "Wachtwoorden verlopen na 90 dagen en worden gewijzigd.", "password-rotation", {"interval_days": 90}),
        (Language.NL, "Wij wijzigen onze wachtwoorden periodiek.", "password-rotation", None),
        (Language.NL, "Gegevens worden na 2 jaar verwijderd.", "retention", {"max_days": 731}),
        (Language.NL, "Gegevens worden na een jaar verwijderd.", "retention", {"max_days": 366}),
        (Language.NL, "Wij bewaren facturen maximaal zeven jaar.", "retention", {"max_days": 2557}),
        (Language.NL, "Wij bewaren logboeken 30 dagen tot maximaal 1 jaar.", "retention", {"max_days": 366}),
        (Language.NL, "Wij bewaren gegevens niet langer dan nodig.", "retention", None),
        (Language.NL, "Wij maken dagelijks back-ups.", "backup", {"interval_days": 1}),
        (Language.NL, "Twee keer per week maken wij back-ups.", "backup", {"interval_days": 4}),
        (Language.NL, "Datalekken melden wij binnen 24 uur.", "breach-notification", {"within_hours": 24}),
        (Language.NL, "Datalekken melden wij binnen twee dagen.", "breach-notification", {"within_hours": 48}),
        (Language.NL, "Beveiligingsupdates installeren wij binnen 14 dagen.", "patching", {"within_days": 14}),
        (Language.NL, "Onze wachtwoorden zijn sterk: minimaal 12 tekens.", "password-policy", {"min_length": 12}),
        (Language.NL, "Computers vergrendelen na vijf minuten inactiviteit.", "screen-lock", {"after_minutes": 5}),
        (Language.NL, "Onze servers staan in de EU, namelijk in Nederland.", "data-location", {"region": "NL"}),
        (Language.EN, "Passwords are changed every 90 days.", "password-rotation", {"interval_days": 90}),
        (Language.EN, "We delete applications after four weeks.", "retention", {"max_days": 28}),
        (Language.EN, "We make weekly backups.", "backup", {"interval_days": 7}),
        (Language.EN, "We test the restoring of backups twice a year.", "restore-test", {"interval_days": 183}),
        (Language.EN, "We report data breaches within 48 hours.", "breach-notification", {"within_hours": 48}),
        (Language.EN, "Our website uses TLS 1.3.", "tls", {"min_version": "1.3"}),
    ],
)  # fmt: skip
def test_conditions_become_parameters(
    language: Language, sentence: str, measure: str, expected: dict[str, Any] | None
) -> None:
    heading = "Beveiliging" if language is Language.NL else "Security"
    (claim,) = claims(f"## {heading}\n\n{sentence}\n", language)
    assert measure in claim.measures
    found = claim.parameters.get(measure)
    assert (None if found is None else dict(found)) == expected
