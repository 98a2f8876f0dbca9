"""Reads ``linux_mail.sh`` and judges Postfix, Dovecot and Exim by their settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from assessor.api import Captured, Fact, Message, NotCaptured, records

from .settings import LOOPBACK, PLACES, Node, tree
from .sites import OLD

POSTFIX, DOVECOT, EXIM = "Postfix", "Dovecot", "Exim"
NAMES = {"postfix": POSTFIX, "dovecot": DOVECOT, "exim": EXIM}
_SENDS_ENCRYPTED = frozenset(
    {"may", "encrypt", "dane", "dane-only", "fingerprint", "verify", "secure", "half-dane"}
)
_STRONG = _SENDS_ENCRYPTED - {"may", "encrypt"}
_ALL_NETWORKS = re.compile(r"(0\.0\.0\.0/0|\[?::\]?/0|0/0)\Z")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is concluded of one mail server; see ``sites.judge`` for the kinds of messages."""

    engine: str
    faults: tuple[Message, ...] = ()
    gaps: tuple[Message, ...] = ()
    advice: tuple[Message, ...] = ()
    missing: NotCaptured | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """What the script saw.

    Attributes:
        running: ``postfix``, ``dovecot``, ``exim``, on this machine itself.
        postfix: Postfix's settings, with its defaults.
        services: its services that take in mail from the network (``submission/inet``).
        own: settings of one service alone (``submission/inet/smtpd_tls_security_level``).
        dovecot: Dovecot's settings, with its defaults.
        blocks: Dovecot's settings as its files group them; ``None`` where they were not whole.
    """

    running: tuple[str, ...]
    contained: tuple[str, ...]
    others: tuple[str, ...]
    installed: tuple[str, ...]
    hidden: bool
    postfix: Mapping[str, str]
    services: tuple[str, ...]
    own: Mapping[str, str]
    dovecot: Mapping[str, str]
    blocks: tuple[Node, ...] | None


def read_mail(output: str) -> Mail | None:
    """What the script saw; ``None`` when its output is not whole or has a line of another form."""
    found = records(output)
    if found is None or not {kind for kind, _ in found} <= _KINDS:
        return None

    def texts(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(text for each, text in found if each == kind))

    def pairs(kind: str) -> Mapping[str, str]:
        parts = (text.partition("=") for text in texts(kind))
        return {name.strip(): value.strip() for name, _, value in parts}

    servers = [text.partition(" ") for text in texts("process")]
    if any(name not in NAMES or place not in PLACES for name, _, place in servers):
        return None
    lines = [text.removeprefix("| ") for kind, text in found if kind == "dovecot"]
    blocks = tree(lines, " ") if texts("dovecot_version") else None
    return Mail(
        running=tuple(name for name, _, place in servers if place == "host"),
        contained=tuple(name for name, _, place in servers if place != "host"),
        others=texts("other"),
        installed=texts("installed"),
        hidden=("processes", "hidden") in found,
        postfix=pairs("postfix"),
        services=texts("postfix_service"),
        own=pairs("postfix_own"),
        dovecot=pairs("dovecot_setting"),
        blocks=None if blocks is None else tuple(blocks),
    )


_KINDS = frozenset(
    {"process", "processes", "other", "installed", "postfix", "postfix_service", "postfix_own"}
    | {"dovecot", "dovecot_version", "dovecot_setting"}
)


def _said(message: str, engine: str, **facts: Fact) -> Message:
    return Message(message, {"engine": engine, **facts})


# --- Postfix ------------------------------------------------------------------------------------


def judge_postfix(mail: Mail) -> Verdict:
    """Postfix, for mail that comes in, mail that goes out, and passwords of those who send."""
    settings = mail.postfix
    needed = {"inet_interfaces", "smtpd_tls_security_level", "smtp_tls_security_level"}
    if not needed | {"smtpd_sasl_auth_enable", "smtpd_tls_auth_only"} <= settings.keys():
        return Verdict(POSTFIX, gaps=(_said("mail_settings_unseen", POSTFIX),))
    faults: list[Message] = []
    advice: list[Message] = []
    sending = _level(settings, "smtp", {})
    delivers = not settings.get("default_transport", "").startswith(("error", "discard", "local"))
    if delivers and sending not in _SENDS_ENCRYPTED:
        faults.append(_said("outgoing_plain", POSTFIX))
    elif delivers and sending not in _STRONG:
        advice.append(_said("dane_advised", POSTFIX))
    interfaces = settings["inet_interfaces"].replace(",", " ").split()
    if not all(word == "loopback-only" or LOOPBACK.match(word) for word in interfaces):
        faults += _receiving(mail)
        restrictions = " ".join(
            settings.get(name, "")
            for name in ("smtpd_relay_restrictions", "smtpd_recipient_restrictions")
        )
        networks = settings.get("mynetworks", "").replace(",", " ").split()
        closes = re.search(r"\b(reject|defer)(_unauth_destination)?\b", restrictions)
        if closes is None or any(_ALL_NETWORKS.match(network) for network in networks):
            advice.append(_said("open_relay", POSTFIX))
        protocols = settings.get("smtpd_tls_mandatory_protocols", "")
        if _allows_old(protocols):
            advice.append(_said("old_mail_protocols", POSTFIX))
    return Verdict(POSTFIX, tuple(faults), advice=tuple(advice))


def _level(settings: Mapping[str, str], side: str, own: Mapping[str, str]) -> str:
    """The security level; where it is empty, two older settings stand for it (postconf(5))."""
    level = own.get(f"{side}_tls_security_level", settings.get(f"{side}_tls_security_level", ""))
    if level:
        return level
    if own.get(f"{side}_enforce_tls", settings.get(f"{side}_enforce_tls")) == "yes":
        return "encrypt"
    return "may" if own.get(f"{side}_use_tls", settings.get(f"{side}_use_tls")) == "yes" else "none"


def _receiving(mail: Mail) -> list[Message]:
    """Faults of the services that take in mail, each with the settings of its own."""
    plain, password = [], []
    certificates = ("smtpd_tls_cert_file", "smtpd_tls_eccert_file", "smtpd_tls_dcert_file")
    certified = any(
        mail.postfix.get(name, "none").lower() not in ("", "none")
        for name in (*certificates, "smtpd_tls_chain_files")
    )
    for service in mail.services:
        own = {
            name.removeprefix(f"{service}/"): value
            for name, value in mail.own.items()
            if name.startswith(f"{service}/")
        }
        settings = {**mail.postfix, **own}
        wrapped = settings.get("smtpd_tls_wrappermode") == "yes"
        level = _level(mail.postfix, "smtpd", own)
        name = service.removesuffix("/inet")
        if LOOPBACK.match(name.rpartition(":")[0]):
            continue
        if not certified or not (wrapped or level in ("may", "encrypt", "verify", "secure")):
            plain.append(name)
        elif settings["smtpd_sasl_auth_enable"] == "yes":
            enforced = wrapped or level != "may" or settings["smtpd_tls_auth_only"] == "yes"
            password += [] if enforced else [name]
    found = [_said("incoming_plain", POSTFIX, services=", ".join(plain))] if plain else []
    if password:
        found.append(_said("password_plain", POSTFIX, services=", ".join(password)))
    return found


def _allows_old(protocols: str) -> bool:
    """Whether outdated protocols are left on: ``>=TLSv1`` or a list (postconf(5))."""
    least = re.search(r">=\s*(\S+?)[,\s]*\Z", protocols)
    if least is not None:
        return least[1] in OLD
    words = protocols.replace(",", " ").split()
    if any(not word.startswith("!") for word in words):
        return any(word in OLD for word in words)
    return not {"!TLSv1", "!TLSv1.1"} <= set(words)


# --- Dovecot ------------------------------------------------------------------------------------


_WITH_LOG_IN = frozenset({"imap", "pop3", "submission", "sieve"})


def judge_dovecot(mail: Mail) -> Verdict:
    """Dovecot, for those who read their mail."""
    settings = mail.dovecot
    clear = settings.get("auth_allow_cleartext") or {"yes": "no", "no": "yes"}.get(
        settings.get("disable_plaintext_auth", "")
    )
    if mail.blocks is None or "ssl" not in settings or clear not in ("yes", "no"):
        return Verdict(DOVECOT, gaps=(_said("mail_settings_unseen", DOVECOT),))
    listens = settings.get("listen", "*").replace(",", " ").split()
    served = settings.get("protocols", "imap").split()
    at_home = bool(listens) and all(LOOPBACK.match(address) for address in listens)
    if at_home or not _WITH_LOG_IN.intersection(served):
        return Verdict(DOVECOT)
    faults: list[Message] = []
    if settings["ssl"] == "no" or _says(mail.blocks, "ssl", "no"):
        faults.append(_said("reading_plain", DOVECOT))
    elif settings["ssl"] != "required" and (
        clear == "yes"
        or _says(mail.blocks, "disable_plaintext_auth", "no")
        or _says(mail.blocks, "auth_allow_cleartext", "yes")
    ):
        faults.append(_said("password_plain", DOVECOT, services="imap, pop3"))
    least = settings.get("ssl_min_protocol", "TLSv1.2")
    if least in (*OLD, "ANY"):
        faults.append(_said("old_reading_protocols", DOVECOT, protocol=least))
    return Verdict(DOVECOT, tuple(faults))


def _says(nodes: tuple[Node, ...], name: str, value: str, *, inside: bool = False) -> bool:
    """Whether a block for other machines sets ``name`` to ``value``."""
    for node in nodes:
        if node.children is None:
            if inside and node.words[0] == name and node.words[-1] == value:
                return True
            continue
        at_home = node.words[0] in ("remote", "local") and LOOPBACK.match(
            node.words[-1].partition("/")[0]
        )
        # A listener has an "ssl" of its own, which is about something else.
        grouped = node.words[0] in ("protocol", "remote", "local", "local_name") and not at_home
        if grouped and _says(tuple(node.children), name, value, inside=True):
            return True
    return False


# --- Exim ---------------------------------------------------------------------------------------


def judge_exim(answer: Captured | NotCaptured) -> Verdict:
    """Exim, by what it says of its own settings (``exim -bP``)."""
    if isinstance(answer, NotCaptured):
        return Verdict(EXIM, gaps=(_said("mail_settings_unseen", EXIM),), missing=answer)
    *lines, last = answer.stdout.removesuffix("\n").split("\n")
    settings = {
        name.strip(): value.strip() for name, _, value in (line.partition("=") for line in lines)
    }
    # What is asked last is a truth value, which shows by its name alone: nothing was cut off.
    whole = answer.whole and last in ("prod_requires_admin", "no_prod_requires_admin")
    if answer.exit_status or not whole or _EXIM_NEEDED - settings.keys():
        return Verdict(EXIM, gaps=(_said("mail_settings_unseen", EXIM),))
    if _at_home(settings["local_interfaces"]):
        return Verdict(EXIM)
    faults = []
    if not settings["tls_advertise_hosts"]:
        faults.append(_said("incoming_plain", EXIM, services="smtp"))
    # Who offers log-in to all may still hold back by a condition of each way to log in.
    asked = settings["auth_advertise_hosts"]
    gaps = [_said("password_unclear", EXIM)] if asked and "tls_" not in asked else []
    advice = [] if settings["tls_certificate"] else [_said("own_certificate", EXIM)]
    return Verdict(EXIM, tuple(faults), tuple(gaps), tuple(advice))


_EXIM_NEEDED = frozenset(
    {"tls_advertise_hosts", "tls_certificate", "local_interfaces", "auth_advertise_hosts"}
)


def _at_home(interfaces: str) -> bool:
    """Whether a list of Exim's (``<; 127.0.0.1 ; ::1``) names this machine alone."""
    separator = ";" if interfaces.startswith("<;") else " : "
    names = [part.strip() for part in interfaces.removeprefix("<;").split(separator)]
    return all(LOOPBACK.match(name.replace("::::", "::")) for name in names)
