"""Why a restore test broke off, from what the target and its programs say."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from assessor.restore.answers import Answers
from assessor.restore.order import MOST_FILES, Order, Tool


@dataclass(frozen=True, slots=True)
class Fault:
    """Why it broke off.

    Attributes:
        code: the word for it in records; never rename one.
        message: what happened, for people.
        mend: what would make it work.
        said: what the program itself said, without secrets.
        damage: the backup itself is not whole: nothing can be mended in the command.
    """

    code: str
    message: str
    mend: str = ""
    said: str = ""
    damage: bool = False


# What the programs say (LC_ALL=C). In this order: a full disk makes programs say other things too.
_SAYINGS: dict[str, tuple[str, ...]] = {
    "disk-full": ("no space left on device", "disk quota exceeded", "file too large"),
    "wrong-password": (
        "wrong password",
        "passphrase supplied in .* is incorrect",
        "key .* is incorrect",
        "couldn't decrypt configuration",
    ),
    "password-missing": (
        "empty password is not a password",
        "can ?not acquire a passphrase",
        "resolving password failed",
        "unable to decrypt configuration",
        "unable to open password",
    ),
    "no-snapshot": (
        "no matching id",
        "no snapshots? (?:matched|found)",
        "archive .* does not exist",
        "multiple ids",
    ),
    "locked": ("repository is already locked", "failed to create/acquire the lock"),
    "repository-unreachable": (
        "could not resolve",
        "no such host",
        "connection refused",
        "timed out",
        "no route to host",
        "network is unreachable",
        "host key verification failed",
        "connection closed by remote",
    ),
    "no-access": (
        "permission denied",
        "access denied",
        "access is denied",
        "forbidden",
        "unauthorized",
        "operation not permitted",
    ),
    "damaged": (
        "ciphertext verification failed",
        "integrity ?error",
        "unexpected eof",
        "unexpected end of",
        "premature end",
        "short read",
        "crc error",
        "checksum mismatch",
        "hash mismatch",
        "invalid compressed",
        "invalid data returned",
        "invalid magic",
        "corrupt",
        "object with key .* not found",
        "(?:blob|pack|chunk) .* (?:missing|not found)",
        "is not present in the index",
        r"load\(<(?:data|index)/.*returned error",
        "does not match id",
        "does not look like a tar",
    ),
    "no-repository": (
        "is there a repository",
        "repository .* does not exist",
        "not a valid repository",
        "directory not found",
        "didn't find section",
        "unable to open config",
        "no such file or directory",
        "please specify repository",
        "repository location",
    ),
}

_MESSAGES: dict[str, tuple[str, str]] = {
    "no-parent": ("there is no folder {parent} on the target", "name another with --scratch"),
    "no-scratch": (
        "no folder can be made below {parent} on the target",
        "name another folder with --scratch, in which the account may write",
    ),
    "too-little-space": (
        "too little space below {parent}: {free} MB, and twice the limit of {limit} MB is wanted",
        "take a smaller --limit-mb, or another folder with --scratch",
    ),
    "no-tool": (
        "{tool} is not installed on the target",
        "install it there, or name the machine that has it",
    ),
    "no-against": (
        "{against} is not there on the target, or the account may not see it",
        "mind --against",
    ),
    "against-many": (
        "--against {against} is one file, and the sample holds more",
        "name one file with --sample, or a folder with --against",
    ),
    "no-env-file": (
        "{env_file} on the target is not there or may not be read by the account",
        "mind the path; where root alone may read it, the target needs privilege: sudo",
    ),
    "no-password-file": (
        "{password_file} on the target is not there or may not be read by the account",
        "mind the path; where root alone may read it, the target needs privilege: sudo",
    ),
    "no-sudo": ("sudo is not installed on the target", "log in as root, or add --no-sudo"),
    "sudo": (
        "sudo does not let the account run /bin/sh as root",
        "take an administrator's account, or add --no-sudo to restore as the account itself",
    ),
    "sudo-password": (
        "sudo refuses the password",
        "check sudo_password of this target in the inventory",
    ),
    "absent": ("not in this backup: {absent}", "give the path as it was backed up"),
    "empty": (
        "the sample is empty: nothing with content was found to restore",
        "name files with --sample, or look whether the backup holds what it should",
    ),
    "too-large": (
        "the sample is too large: {files} files, {size} MB; at most {most} files, {limit} MB",
        "name fewer or smaller files, or raise --limit-mb",
    ),
    "disk-full": (
        "the disk that holds {scratch} is full",
        "name a folder on another disk with --scratch",
    ),
    "wrong-password": ("the repository's password is wrong", "check the password"),
    "password-missing": (
        "the repository wants a password, and none was found",
        "name --password-file or --env-file on the target, or --password env:NAME or ask",
    ),
    "no-snapshot": (
        "there is no such backup: {snapshot}",
        "look with {tool} which backups there are; --host says of which machine",
    ),
    "locked": ("the repository is locked by another program", "try again when it is done"),
    "damaged": ("the backup is damaged: {tool} could not read it back", ""),
    "repository-unreachable": (
        "the target cannot reach the repository",
        "look whether it is up, and whether the target knows its host key",
    ),
    "no-access": (
        "the account may not read the repository, or not write what it restores",
        "let root do it: privilege: sudo for this target in the inventory",
    ),
    "no-repository": ("there is no repository at {repository}", "mind --repository"),
    "program": ("{tool} ended with exit status {detail}", "see what it says"),
    "broken-off": ("the connection broke off: {detail}", ""),
    "no-end": ("the script did not come to its end", ""),
}

# Exit statuses with a meaning of their own (restic 0.17 and later, "Exit status codes").
_RESTIC_STATUS = {"10": "no-repository", "11": "locked", "12": "wrong-password"}


def fault_of(order: Order, answers: Answers, secrets: Iterable[str] = ()) -> Fault:
    """Why a test that did not come to its end broke off."""
    code, detail = answers.failure or ("no-end", "")
    complaints = answers.complaints()
    if code == "program" and order.tool is Tool.RESTIC and detail in _RESTIC_STATUS:
        code = _RESTIC_STATUS[detail]
    elif code in ("program", "no-snapshot") or _from_sayings(complaints, code) == "disk-full":
        code = _from_sayings(complaints, code)
    message, mend = _MESSAGES.get(code, _MESSAGES["no-end"])
    files, size = answers.over or (0, 0)
    facts = {
        "parent": order.parent,
        "scratch": order.scratch,
        "tool": order.tool.value,
        "free": int(detail) // 1024 if detail.isascii() and detail.isdigit() else 0,
        "limit": order.limit_mb,
        "against": order.against,
        "env_file": order.env_file,
        "password_file": order.password_file,
        "absent": ", ".join(answers.absent[:10]),
        "files": files,
        "size": -(-size // 1024**2),
        "most": MOST_FILES,
        "snapshot": _asked_for(order),
        "repository": order.repository or f"the place that {order.env_file} names",
        "detail": detail,
    }
    return Fault(
        code,
        message.format(**facts),
        mend.format(**facts),
        without_secrets(complaints, secrets),
        damage=code == "damaged",
    )


def _from_sayings(complaints: str, code: str) -> str:
    for known, patterns in _SAYINGS.items():
        if re.search("|".join(patterns), complaints, re.IGNORECASE):
            return known
    return code


def _asked_for(order: Order) -> str:
    if order.snapshot != "latest":
        return order.snapshot
    if not order.tool.knows_hosts:
        return f"the newest archive in {order.repository}"
    return f"the newest of {order.host or 'this machine'}"


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """``text`` without passwords: those given, and those in addresses."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "(left out)")
    return re.sub(r"://[^/@\s]*@", "://", text)
