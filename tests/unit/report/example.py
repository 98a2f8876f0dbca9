"""A made-up run that looks like a real one: twelve promises, five systems, every verdict.

Its verdicts and texts are written by hand; nothing here was measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from assessor.inputs.frameworks import load_frameworks
from assessor.inputs.measures import load_measures
from assessor.model.attestation import EvidenceFile
from assessor.model.capture import Capture, Reason
from assessor.model.check import CheckInfo, ParameterInfo, ProbeKind, Severity, Source
from assessor.model.evidence import TargetEvidence
from assessor.model.finding import Finding, Message, Outcome
from assessor.model.language import Language
from assessor.model.measure import MeasureKind
from assessor.model.plan import TargetPlan
from assessor.model.run import Reference, RunResult
from assessor.model.statement import Claim, ClaimVerdict, MeasureVerdict, Parameter, Verdict
from assessor.model.target import Platform, Privilege, Role, TransportKind
from assessor.model.texts import CheckTexts
from tests import factories as make

TEMPLATES = Path(__file__).resolve().parents[3] / "reports"
_PROFILES = TEMPLATES.parent / "profiles"
_FRAMEWORKS = load_frameworks(
    _PROFILES / "frameworks.yaml", tuple(load_measures(_PROFILES / "measures.yaml"))
)

STATEMENT = """\
# Privacyverklaring Bakkerij Zoet

Bakkerij Zoet, gevestigd in Gouda, is verantwoordelijk voor de verwerking van persoonsgegevens \
zoals weergegeven in deze verklaring.

## Welke gegevens wij bewaren

Wij bewaren uw naam, adres, telefoonnummer en bestellingen. Meer hebben wij niet nodig.

## Hoe wij uw gegevens beveiligen

- Ons netwerk en onze computers zijn beschermd met een firewall.
- De schijven van onze laptops en servers zijn versleuteld.
- Wij installeren beveiligingsupdates binnen twee weken.
- Alle medewerkers hebben een eigen account met een sterk wachtwoord, dat elk kwartaal wordt \
gewijzigd.
- Inloggen op afstand kan alleen met een extra code.
- Op iedere computer draait een virusscanner.
- Wie toegang heeft tot gegevens, wordt vastgelegd.

## Onze website

Onze website gebruikt een betrouwbaar certificaat (SSL), zodat uw gegevens versleuteld worden \
verstuurd.

## Reservekopieën en ruimte

- Wij maken elke nacht een back-up en bewaren die op een andere plaats.
- De server staat in een afgesloten ruimte met een rookmelder.
- Onze medewerkers hebben een geheimhoudingsverklaring getekend.
- Wij nemen passende maatregelen om uw gegevens te beschermen.

## Vragen

Heeft u vragen over deze verklaring, mail dan naar privacy@bakkerijzoet.example.
"""

_MEASURES = (
    ("firewall", "technical", "Firewall", "Firewall"),
    ("disk-encryption", "technical", "Schijf- en bestandsversleuteling", "Disk encryption"),
    ("patching", "technical", "Beveiligingsupdates", "Security updates"),
    ("password-policy", "technical", "Sterk wachtwoord", "Strong passwords"),
    ("password-rotation", "technical", "Periodiek wijzigen van wachtwoorden", "Password rotation"),
    ("mfa", "technical", "Tweestapsverificatie", "Multi-factor authentication"),
    ("endpoint-protection", "technical", "Antivirus", "Endpoint protection"),
    ("access-logging", "technical", "Registreren van toegang", "Access logging"),
    ("tls", "technical", "Versleutelde verbindingen", "Encrypted connections"),
    ("backup", "technical", "Back-ups", "Backups"),
    ("offsite-backup", "technical", "Externe back-upopslag", "Off-site backup"),
    ("physical-access", "physical", "Fysieke toegangsbeveiliging", "Physical access control"),
    ("fire-safety", "physical", "Brandveiligheid", "Fire safety"),
    ("confidentiality-agreement", "organisational", "Geheimhouding", "Confidentiality"),
    ("general-measures", "mixed", "Passende maatregelen", "Appropriate measures"),
)

_NCSC = Source(
    "ICT-beveiligingsrichtlijnen voor TLS", "2.1", "https://www.ncsc.nl/documenten", "2025-01-23"
)
_BASICS = Source(
    "De 5 basisprincipes van veilig digitaal ondernemen",
    "principe 3",
    "https://www.digitaltrustcenter.nl/de-5-basisprincipes",
    "2024-11-05",
)

_NFT = make.make_probe("nft_ruleset")
_LSBLK = make.make_probe(
    "lsblk", text="/usr/bin/lsblk -J -o NAME,TYPE,FSTYPE,MOUNTPOINTS", privilege=Privilege.NONE
)
_APT = make.make_probe(
    "apt_upgradable",
    kind=ProbeKind.SCRIPT,
    text="apt list --upgradable 2>/dev/null\necho end\n",
    privilege=Privilege.NONE,
)
_SHADOW = make.make_probe("shadow", text="/usr/bin/getent shadow")
_SSHD = make.make_probe("sshd_settings", text="/usr/sbin/sshd -T")
_TLS = make.make_probe(
    "handshake",
    kind=ProbeKind.REQUEST,
    text='{"kind":"tls-handshake","port":443}',
    privilege=Privilege.NONE,
)

_CHECKS: tuple[CheckInfo, ...] = (
    make.make_check_info("host_firewall", probes=[_NFT], sources=(_BASICS,)),
    make.make_check_info(
        "disk_encryption", measures=("disk-encryption",), probes=[_LSBLK], sources=(_BASICS,)
    ),
    make.make_check_info(
        "security_updates",
        measures=("patching",),
        severity=Severity.CRITICAL,
        probes=[_APT],
        parameters={
            "max_age_days": ParameterInfo(
                30, "days", "within_days",
                {"nl": "Hoogste leeftijd van een open update", "en": "Oldest open update"},
            )
        },
        sources=(_BASICS,),
    ),
    make.make_check_info(
        "password_policy",
        measures=("password-policy", "password-rotation"),
        severity=Severity.MEDIUM,
        probes=[_SHADOW],
        parameters={
            "max_days": ParameterInfo(
                365, "days", "interval_days",
                {"nl": "Hoogste leeftijd van een wachtwoord", "en": "Oldest password"},
            )
        },
        sources=(_BASICS,),
    ),
    make.make_check_info("ssh_login", measures=("mfa",), probes=[_SSHD], sources=(_BASICS,)),
    make.make_check_info(
        "malware_protection", measures=("endpoint-protection",), probes=[], sources=(_BASICS,)
    ),
    make.make_check_info(
        "access_logging", measures=("access-logging",), probes=[], sources=(_BASICS,)
    ),
    make.make_check_info("backups", measures=("backup", "offsite-backup"), probes=[], sources=()),
    make.make_check_info("tls_certificate", measures=("tls",), probes=[_TLS], sources=(_NCSC,)),
)  # fmt: skip

_TEXTS: dict[str, tuple[tuple[str, str, dict[str, str], dict[str, str]], ...]] = {
    "host_firewall": (
        (
            "Firewall op de computer",
            "Een firewall houdt verkeer tegen dat niet nodig is.",
            {
                "default_deny": "Inkomend verkeer is standaard dicht; open staan {ports}.",
                "open_by_default": "Inkomend verkeer is standaard open.",
            },
            {"open_by_default": "Zet het standaardbeleid voor inkomend verkeer op weigeren."},
        ),
        (
            "Firewall on the computer",
            "A firewall stops traffic that is not needed.",
            {
                "default_deny": "Inbound traffic is closed unless allowed; open are {ports}.",
                "open_by_default": "Inbound traffic is open by default.",
            },
            {"open_by_default": "Set the default policy for inbound traffic to refuse."},
        ),
    ),
    "disk_encryption": (
        (
            "Versleutelde schijven",
            "Van een gestolen computer met een versleutelde schijf is niets te lezen.",
            {
                "encrypted": "Alle schijven met gegevens zijn versleuteld.",
                "plain": "Niet versleuteld: {volumes}.",
            },
            {"plain": "Versleutel {volumes}. Maak eerst een back-up, want dat kan niet "
                      "zonder de schijf opnieuw in te richten."},
        ),
        (
            "Encrypted disks",
            "Nothing can be read from a stolen computer with an encrypted disk.",
            {
                "encrypted": "All disks that hold data are encrypted.",
                "plain": "Not encrypted: {volumes}.",
            },
            {"plain": "Encrypt {volumes}. Make a backup first: the disk has to be set up anew."},
        ),
    ),
    "security_updates": (
        (
            "Beveiligingsupdates",
            "De meeste inbraken gebruiken fouten waarvoor allang een update is.",
            {
                "current": "Er staan geen beveiligingsupdates open.",
                "pending": "Er staan {count} beveiligingsupdates open, de oudste sinds {since}: "
                           "{packages}.",
            },
            {"pending": "Installeer de updates en zet automatische beveiligingsupdates aan."},
        ),
        (
            "Security updates",
            "Most break-ins use faults for which there has long been an update.",
            {
                "current": "No security updates are pending.",
                "pending": "{count} security updates are pending, the oldest since {since}: "
                           "{packages}.",
            },
            {"pending": "Install the updates and turn on automatic security updates."},
        ),
    ),
    "password_policy": (
        (
            "Wachtwoorden",
            "Korte wachtwoorden zijn in minuten te raden.",
            {
                "strong": "Een wachtwoord moet ten minste {length} tekens lang zijn.",
                "rotated": "Elk wachtwoord is binnen de beloofde tijd gewijzigd.",
                "too_old": "Te lang niet gewijzigd: {accounts}, het oudste sinds {since}.",
                "rotation_outdated": "Verplicht wijzigen op vaste tijden wordt niet meer "
                                     "aangeraden. Wijzig een wachtwoord als het gelekt kan zijn.",
            },
            {"too_old": "Laat {accounts} een nieuw wachtwoord kiezen, of pas de belofte aan."},
        ),
        (
            "Passwords",
            "Short passwords can be guessed in minutes.",
            {
                "strong": "A password must be at least {length} characters long.",
                "rotated": "Every password was changed within the promised time.",
                "too_old": "Not changed for too long: {accounts}, the oldest since {since}.",
                "rotation_outdated": "Forced changes at fixed times are no longer advised. Change "
                                     "a password when it may have leaked.",
            },
            {"too_old": "Have {accounts} choose a new password, or change the promise."},
        ),
    ),
    "ssh_login": (
        (
            "Inloggen op afstand",
            "Met een extra code is een gestolen wachtwoord niet genoeg.",
            {
                "two_steps": "Inloggen vraagt een sleutel en een code.",
                "password_only": "Inloggen kan met alleen een wachtwoord.",
            },
            {"password_only": "Zet inloggen met alleen een wachtwoord uit."},
        ),
        (
            "Logging in from afar",
            "With an extra code, a stolen password is not enough.",
            {
                "two_steps": "Logging in takes a key and a code.",
                "password_only": "A password alone is enough to log in.",
            },
            {"password_only": "Turn off logging in with a password alone."},
        ),
    ),
    "malware_protection": (
        (
            "Virusscanner",
            "Een virusscanner houdt bekende schadelijke programma's tegen.",
            {"active": "{product} draait; de kennis is van {date}.", "none": "Geen gevonden."},
            {"none": "Installeer een virusscanner die zichzelf bijwerkt."},
        ),
        (
            "Virus scanner",
            "A virus scanner stops known malicious programs.",
            {"active": "{product} runs; its knowledge is of {date}.", "none": "None was found."},
            {"none": "Install a virus scanner that updates itself."},
        ),
    ),
    "access_logging": (
        (
            "Registreren van toegang",
            "Zonder logboek is achteraf niet te zien wie waarbij kon.",
            {"kept": "Inloggen wordt vastgelegd en {days} dagen bewaard."},
            {},
        ),
        (
            "Access logging",
            "Without a log nobody can see afterwards who had access to what.",
            {"kept": "Logging in is recorded and kept for {days} days."},
            {},
        ),
    ),
    "backups": (
        (
            "Back-ups",
            "Alleen een back-up helpt na gijzelsoftware of brand.",
            {"recent": "De laatste back-up is van {at}.", "same_place": "De back-ups staan op "
             "{place}, in hetzelfde pand."},
            {"same_place": "Bewaar een tweede back-up buiten het pand."},
        ),
        (
            "Backups",
            "Only a backup helps after ransomware or fire.",
            {"recent": "The last backup is of {at}.", "same_place": "The backups are on {place}, "
             "in the same building."},
            {"same_place": "Keep a second backup outside the building."},
        ),
    ),
    "tls_certificate": (
        (
            "Certificaat van de website",
            "Een geldig certificaat zorgt dat niemand meeleest.",
            {"valid": "Het certificaat is geldig tot {until} en van {issuer}."},
            {},
        ),
        (
            "The website's certificate",
            "A valid certificate makes sure that nobody reads along.",
            {"valid": "The certificate is valid until {until} and was issued by {issuer}."},
            {},
        ),
    ),
}  # fmt: skip

_ATTESTATIONS = (
    make.make_attestation(
        "physical-access", text="De serverkast is op slot; de sleutel ligt bij de eigenaar.",
        by="Jo Zoet", role="eigenaar",
        files=(EvidenceFile("serverkast.jpg", make.make_digest("photo"), 182_044),),
    ),
    make.make_attestation(
        "fire-safety", text="De rookmelder is op 1 maart getest.", by="Jo Zoet", role="eigenaar",
        expires=date(2026, 12, 10),
    ),
    make.make_attestation(
        "confidentiality-agreement", text="Alle vier de medewerkers hebben getekend.",
        by="Jo Zoet", role="eigenaar", given=date(2024, 3, 1), expires=date(2026, 2, 28),
    ),
)  # fmt: skip

_LSBLK_OUTPUT = """\
{"blockdevices": [
  {"name": "sda", "type": "disk", "fstype": null, "mountpoints": [null], "children": [
    {"name": "sda1", "type": "part", "fstype": "ext4", "mountpoints": ["/"]},
    {"name": "sda2", "type": "part", "fstype": "ext4", "mountpoints": ["/srv/data"]}
  ]}
]}
"""
_NFT_OUTPUT = (
    '{"nftables": [{"metainfo": {"version": "1.0.6"}}, {"chain": {"family": "inet", '
    '"table": "filter", "name": "input", "hook": "input", "policy": "drop"}}]}\n'
)


def example_reference() -> Reference:
    """The catalogue, the checks and their texts in both languages."""
    return make.make_reference(
        measures=[
            make.make_measure(name, MeasureKind(kind), nl=nl, en=en)
            for name, kind, nl, en in _MEASURES
        ],
        checks=_CHECKS,
        texts={
            check: {
                language: CheckTexts(*texts)
                for language, texts in zip((Language.NL, Language.EN), both, strict=True)
            }
            for check, both in _TEXTS.items()
        },
        frameworks=_FRAMEWORKS,
    )


def example_result() -> RunResult:
    """The run: four machines, of which one gives few rights and one is off, and a website."""
    evidence = {each.target: each for each in _evidence()}
    findings = _findings({
        (name, stored.capture.probe): stored.digest
        for name, each in evidence.items()
        for stored in each.captures.values()
    })  # fmt: skip
    by_measure: dict[str, list[Finding]] = {}
    for finding in findings:
        by_measure.setdefault(finding.measure, []).append(finding)
    claims = tuple(_claims(by_measure))
    measures = {line.measure: line for claim in claims for line in claim.measures}
    return make.make_result(
        plan=_plan(),
        evidence=evidence.values(),
        findings=findings,
        statement=make.make_statement(STATEMENT, source="https://bakkerijzoet.example/privacy"),
        claims=claims,
        measures=measures.values(),
    )


def _plan() -> Iterable[TargetPlan]:
    linux = {"nft": _NFT, "lsblk": _LSBLK, "apt": _APT, "shadow": _SHADOW, "sshd": _SSHD}
    for name, role, address in (
        ("kassa", Role.WORKSTATION, "192.0.2.21"),
        ("kantoor", Role.WORKSTATION, "192.0.2.22"),
        ("server", Role.SERVER, "192.0.2.10"),
        ("nas", Role.NAS, "192.0.2.11"),
    ):
        yield make.make_target_plan(make.make_target(name, role=role, address=address), linux)
    site = make.make_target(
        "website",
        role=Role.SITE,
        transport=TransportKind.NETWORK,
        platform=Platform.NETWORK,
        address="bakkerijzoet.example",
        port=443,
    )
    yield make.make_target_plan(site, {"tls": _TLS})


def _evidence() -> Iterable[TargetEvidence]:
    pending = "".join(f"package{n}/stable-security 1.{n} amd64\n" for n in range(12)) + "end\n"
    for name in ("kassa", "kantoor", "server"):
        refused = name == "kantoor"
        captures: list[Capture] = [
            make.make_not_captured("nft") if refused else make.make_captured("nft", _NFT_OUTPUT),
            make.make_captured("lsblk", _LSBLK_OUTPUT),
            make.make_captured("apt", pending if name == "kassa" else "end\n"),
            make.make_not_captured("shadow")
            if refused
            else make.make_captured("shadow", "anna:[redacted 4f2a]:20300:0:99999:7:::\n"),
            make.make_captured("sshd", "passwordauthentication no\n", stderr=""),
        ]
        yield make.make_evidence(name, captures, clock_skew_s=-190.0 if name == "kassa" else 0.2)
    yield make.make_evidence(
        "nas",
        complete=False,
        gap=make.make_not_captured("", Reason.UNREACHABLE, "192.0.2.11:22: no route to host"),
    )
    yield make.make_evidence("website", [make.make_captured("tls", '{"protocol":"TLSv1.3"}\n')])


def _findings(digests: dict[tuple[str, str], str]) -> tuple[Finding, ...]:
    def proof(target: str, *probes: str) -> tuple[str, ...]:
        return tuple(digests[target, probe] for probe in probes if (target, probe) in digests)

    def seen(
        target: str, check: str, measure: str, outcome: Outcome, message: str, probe: str,
        **facts: str | int | tuple[str, ...],
    ) -> Finding:  # fmt: skip
        return make.make_finding(
            outcome, target=target, check=check, measure=measure, message=message, facts=facts,
            observed=facts, expected={"policy": "drop"} if check == "host_firewall" else {},
            parameters={"max_age_days": 14} if check == "security_updates" else {},
            evidence=proof(target, probe),
        )  # fmt: skip

    good, bad = Outcome.PASS, Outcome.FAIL
    sudo = "assess ALL=(root) NOPASSWD: /usr/sbin/nft -j list ruleset"
    found = [
        seen("kassa", "host_firewall", "firewall", good, "default_deny", "nft", ports=("22",)),
        make.make_not_observed(
            target="kantoor", mend=sudo, evidence=proof("kantoor", "nft")
        ),
        seen("server", "host_firewall", "firewall", good, "default_deny", "nft",
             ports=("22", "443")),
        seen("kassa", "disk_encryption", "disk-encryption", bad, "plain", "lsblk",
             volumes=("/", "/srv/data")),
        seen("kantoor", "disk_encryption", "disk-encryption", bad, "plain", "lsblk",
             volumes=("/", "/srv/data")),
        seen("server", "disk_encryption", "disk-encryption", bad, "plain", "lsblk",
             volumes=("/", "/srv/data")),
        seen("kassa", "security_updates", "patching", bad, "pending", "apt", count=12,
             since="2026-10-02", packages=("openssl", "linux-image-amd64", "libexpat1")),
        seen("kantoor", "security_updates", "patching", good, "current", "apt"),
        seen("server", "security_updates", "patching", good, "current", "apt"),
        *(
            seen(name, "password_policy", "password-policy", good, "strong", "shadow", length=12)
            for name in ("kassa", "kantoor", "server")
        ),
        *(
            make.make_finding(
                good if name == "server" else bad,
                target=name, check="password_policy", measure="password-rotation",
                message="rotated" if name == "server" else "too_old",
                facts={"accounts": ("anna", "piet"), "since": "2025-08-01"},
                expected={"max_days": 92}, observed={"oldest": "2025-08-01"},
                parameters={"max_days": 92}, advice=(Message("rotation_outdated"),),
                evidence=proof(name, "shadow"),
            )
            for name in ("kassa", "server")
        ),
        make.make_not_observed(
            target="kantoor", check="password_policy", measure="password-rotation",
            mend="assess ALL=(root) NOPASSWD: /usr/bin/getent shadow",
            evidence=proof("kantoor", "shadow"),
        ),
        *(
            seen(name, "ssh_login", "mfa", good, "two_steps", "sshd")
            for name in ("kassa", "kantoor", "server")
        ),
        *(
            seen(name, "malware_protection", "endpoint-protection", good, "active", "clam",
                 product="ClamAV", date="2026-11-23")
            for name in ("kassa", "kantoor", "server")
        ),
        seen("server", "access_logging", "access-logging", good, "kept", "log", days=180),
        seen("server", "backups", "backup", good, "recent", "bak", at="2026-11-24T02:14:00Z"),
        seen("server", "backups", "offsite-backup", bad, "same_place", "bak", place="nas"),
        seen("website", "tls_certificate", "tls", good, "valid", "tls", until="2027-02-01",
             issuer="Example CA"),
        *(
            make.make_not_observed(
                Reason.UNREACHABLE, target="nas", check=check, measure=measure,
                detail="192.0.2.11:22: no route to host",
            )
            for check, measure in (
                ("host_firewall", "firewall"), ("security_updates", "patching"),
                ("ssh_login", "mfa"),
            )
        ),
    ]  # fmt: skip
    return tuple(found)


def _claims(findings: dict[str, list[Finding]]) -> Iterable[ClaimVerdict]:
    def line(measure: str, verdict: Verdict, rule: str) -> MeasureVerdict:
        return make.make_measure_verdict(
            measure,
            verdict,
            rule,
            findings.get(measure, ()),
            attestations=[each for each in _ATTESTATIONS if each.measure == measure],
        )

    partly, kept, unproven = Verdict.PARTLY, Verdict.KEPT, Verdict.UNPROVEN
    rows: tuple[tuple[str, Verdict, str, tuple[MeasureVerdict, ...]], ...] = (
        ("Ons netwerk en", partly, "some-unknown", (line("firewall", partly, "some-unknown"),)),
        ("De schijven", Verdict.BROKEN, "all-fail",
         (line("disk-encryption", Verdict.BROKEN, "all-fail"),)),
        ("Wij installeren", partly, "some-fail", (line("patching", partly, "some-fail"),)),
        ("Alle medewerkers hebben", partly, "some-broken",
         (line("password-policy", kept, "all-pass"),
          line("password-rotation", partly, "some-fail"))),
        ("Inloggen op afstand", partly, "some-unknown", (line("mfa", partly, "some-unknown"),)),
        ("Op iedere computer", kept, "all-pass",
         (line("endpoint-protection", kept, "all-pass"),)),
        ("Wie toegang heeft", kept, "all-pass", (line("access-logging", kept, "all-pass"),)),
        ("Onze website gebruikt", kept, "all-pass", (line("tls", kept, "all-pass"),)),
        ("Wij maken elke nacht", partly, "some-broken",
         (line("backup", kept, "all-pass"),
          line("offsite-backup", Verdict.BROKEN, "all-fail"))),
        ("De server staat", Verdict.ATTESTED, "kept-or-attested",
         (line("physical-access", Verdict.ATTESTED, "attested"),
          line("fire-safety", Verdict.ATTESTED, "attested"))),
        ("Onze medewerkers hebben", Verdict.EXPIRED, "attestation-expired",
         (line("confidentiality-agreement", Verdict.EXPIRED, "attestation-expired"),)),
        ("Wij nemen passende", unproven, "no-check",
         (line("general-measures", unproven, "no-check"),)),
    )  # fmt: skip
    parameters: dict[str, dict[str, dict[str, Parameter]]] = {
        "Alle medewerkers hebben": {"password-rotation": {"interval_days": 92}},
        "Wij installeren": {"patching": {"within_days": 14}},
    }
    for beginning, verdict, rule, lines in rows:
        claim = _claim(beginning, tuple(each.measure for each in lines), parameters)
        yield make.make_claim_verdict(claim, verdict, rule, lines)


def _claim(
    beginning: str,
    measures: tuple[str, ...],
    parameters: dict[str, dict[str, dict[str, Parameter]]],
) -> Claim:
    start = STATEMENT.index(beginning)
    quote = STATEMENT[start : STATEMENT.index("\n", start)]
    heading = STATEMENT[:start].rsplit("## ", 1)[1].split("\n", 1)[0]
    return make.make_claim(
        quote,
        start=start,
        heading=heading,
        measures=measures,
        parameters=parameters.get(beginning, {}),
    )
