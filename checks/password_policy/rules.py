"""What a new password must satisfy, from PAM's stack and the files that its modules read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from .pam import Entry

FLOOR = 6
"""libpwquality takes a smaller minlen for this one (pwquality.conf(5))."""
CREDITS = ("dcredit", "ucredit", "lcredit", "ocredit")
PASSWDQC_MIN = "disabled,24,11,8,7"
"""The default of passwdqc(5): by number of character classes, the third for pass phrases."""
HASHES = ("yescrypt", "gost_yescrypt", "sha512", "sha256", "blowfish", "md5", "bigcrypt")
WEAK_HASHES = frozenset({"md5", "bigcrypt", "des"})
QUALITY = ("pam_pwquality.so", "pam_passwdqc.so", "pam_cracklib.so")


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for new passwords.

    Attributes:
        shortest: the length of the shortest password that passes; ``None`` where none is asked.
        module: the module that looks at quality; the empty string where none does.
        enforced: a password that the module finds weak is refused, not only commented on.
        dictionary: words from a dictionary are refused.
        composition: kinds of characters are demanded.
        hash_method: how a new password is stored; the empty string where nothing says so.
        unclear: what could not be understood, for people; the empty string where all was.
    """

    shortest: int | None = None
    module: str = ""
    enforced: bool = False
    dictionary: bool = False
    composition: bool = False
    hash_method: str = ""
    unclear: str = ""


class _UnclearError(Exception):
    """A setting that we do not understand, so that nothing may be concluded."""


def read_rules(
    entries: list[Entry],
    *,
    installed: frozenset[str],
    pwquality: list[str],
    passwdqc: list[str],
    encrypt_method: str,
) -> Rules:
    """The rules that ``entries`` make, in the order in which a password meets them."""
    try:
        return _rules(entries, installed, pwquality, passwdqc, encrypt_method)
    except _UnclearError as unclear:
        return Rules(unclear=str(unclear))


def _rules(
    entries: list[Entry],
    installed: frozenset[str],
    pwquality: list[str],
    passwdqc: list[str],
    encrypt_method: str,
) -> Rules:
    lengths: list[int] = []
    module = ""
    enforced = dictionary = composition = False
    method = encrypt_method.lower()
    for entry in entries:
        if entry.module == "pam_unix.so":
            if "minlen" in entry.arguments:
                lengths.append(_number(entry.arguments["minlen"], "pam_unix minlen"))
            method = next((name for name in HASHES if name in entry.arguments), method)
            break  # what stands behind it comes too late
        if entry.module not in QUALITY or (
            "pam_unix.so" in installed and entry.module not in installed
        ):
            continue
        module = entry.module
        judged = _quality(entry, pwquality, passwdqc)
        if judged.enforced and entry.refuses:
            enforced = True
            lengths += [judged.shortest] if judged.shortest is not None else []
            dictionary |= judged.dictionary
            composition |= judged.composition
    return Rules(max(lengths, default=None), module, enforced, dictionary, composition, method)


def _quality(entry: Entry, pwquality: list[str], passwdqc: list[str]) -> Rules:
    if entry.module == "pam_passwdqc.so":
        return _passwdqc(entry.arguments, passwdqc)
    if entry.module == "pam_cracklib.so":
        settings = {"minlen": "9", **dict.fromkeys(CREDITS, "1"), **entry.arguments}
    else:
        settings = {"minlen": "8", **dict.fromkeys(CREDITS, "0")}
        settings |= _assignments(pwquality)
        settings |= entry.arguments
    credit = [_number(settings[name], name) for name in CREDITS]
    shortest = max(_number(settings["minlen"], "minlen"), FLOOR) - sum(n for n in credit if n > 0)
    demanded = _number(settings.get("minclass", "0"), "minclass") > 1 or any(n < 0 for n in credit)
    return Rules(
        shortest,
        entry.module,
        enforced=settings.get("enforcing", "1") != "0",
        dictionary=settings.get("dictcheck", "1") != "0",
        composition=demanded,
    )


def _passwdqc(arguments: Mapping[str, str], file: list[str]) -> Rules:
    settings = dict(arguments)
    if "config" in arguments:
        if arguments["config"] != "/etc/passwdqc.conf" or not file:
            raise _UnclearError(f"passwdqc config={arguments['config']}")
        settings = _assignments(file) | settings
    words = settings.get("min", PASSWDQC_MIN).split(",")
    if len(words) != 5:
        raise _UnclearError("passwdqc min")
    lengths = [_number(word, "passwdqc min") for word in words if word != "disabled"]
    enforce = settings.get("enforce", "everyone")
    return Rules(
        min(lengths, default=None),
        "pam_passwdqc.so",
        enforced=enforce in ("everyone", "users"),
        dictionary=True,
        composition=words[0] == "disabled",
    )


def _assignments(lines: list[str]) -> dict[str, str]:
    """``name = value`` or ``name value``; a name alone is a switch; the last word counts."""
    settings = {}
    for line in lines:
        match = re.match(r"\s*([A-Za-z_]+)(?:\s*=\s*|\s+|\Z)(.*)\Z", line)
        if match is None:
            raise _UnclearError(line.strip()[:60])
        settings[match[1].lower()] = match[2].strip()
    return settings


def _number(text: str, name: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,4}", text):
        raise _UnclearError(f"{name} = {text[:40]}")
    return int(text)
