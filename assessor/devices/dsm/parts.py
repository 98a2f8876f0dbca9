"""The answers of a DSM, each told, refused, or not asked; and what a file holds of them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from assessor.devices.answers import FILE, sections
from assessor.devices.dsm.questions import ASKED, Api, Ask, question
from assessor.model.answers import UnparsedError

NO_SUCH_API = 102
"""DSM's error where a package, or this version of DSM, does not have an interface."""
HEADING = "### "
"""How a file of several answers names the question that each belongs to."""
_REFUSED = re.compile(r"\[exit [1-9]\d{0,5}\]")
_EMPTY_GREP = re.compile(r"\s*\[exit 1\]\s*")
# By fields that only one method has: what a file with the answer to a single method is about.
_TELLING: Mapping[frozenset[str], Api] = {
    frozenset({"volumes", "storagePools"}): Api.STORAGE,
    frozenset({"volumes", "disks"}): Api.STORAGE,
    frozenset({"task_list"}): Api.BACKUPS,
    frozenset({"enable_ssh", "enable_telnet"}): Api.TERMINAL,
    frozenset({"enable_firewall"}): Api.FIREWALL,
    frozenset({"otp_enforce_option"}): Api.SECOND_FACTOR,
    frozenset({"strong_password"}): Api.PASSWORDS,
    frozenset({"model", "firmware_ver"}): Api.SYSTEM,
    frozenset({"model", "version_string"}): Api.SYSTEM,
    frozenset({"shares"}): Api.SHARES,
    frozenset({"users"}): Api.USERS,
    frozenset({"enable_snmp"}): Api.SNMP,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What a method of the web interface said.

    Attributes:
        data: of its answer; ``None`` where it told nothing.
        absent: this DSM has no such interface, so nothing of the kind runs on it.
        refused: why it told nothing.
    """

    data: object = None
    absent: bool = False
    refused: str = ""


NOT_ASKED = Reply(refused="not asked")


@dataclass(frozen=True, slots=True)
class Parts:
    """All that was told."""

    texts: Mapping[Ask, str] = field(default_factory=dict)
    replies: Mapping[Api, Reply] = field(default_factory=dict)

    def text(self, ask: Ask) -> str | None:
        """The output of a command that worked; ``None`` where it did not."""
        return self.texts.get(ask)

    def reply(self, api: Api) -> Reply:
        """What a method said."""
        return self.replies.get(api, NOT_ASKED)

    def data(self, api: Api) -> Mapping[str, object] | None:
        """The object that a method told; ``None`` where it told none."""
        data = self.reply(api).data
        return data if isinstance(data, dict) else None


def parts(answers: Mapping[str, str]) -> Parts:
    """The parts of the answers to our questions, or of a file.

    Raises:
        UnparsedError: a file is none that a DSM writes.
    """
    if FILE in answers:
        return _of_file(answers[FILE])
    return _of_questions(answers)


def _of_questions(answers: Mapping[str, str]) -> Parts:
    texts = {}
    for ask in Ask:
        said = answers.get(ask.value)
        if said is not None and _EMPTY_GREP.fullmatch(said) and ask.value.startswith("grep"):
            texts[ask] = ""
        elif said is not None and not _REFUSED.search(said):
            texts[ask] = said
    replies = {api: read_reply(answers[question(api)]) for api in ASKED if question(api) in answers}
    return Parts(texts, replies)


def read_reply(said: str) -> Reply:
    """What ``synowebapi`` said: JSON, behind lines of its own about the call."""
    at = said.find("{")
    if at < 0:
        return Reply(refused=said.strip() or "no answer")
    try:
        answer, end = json.JSONDecoder().raw_decode(said, at)
    except (ValueError, RecursionError):
        return Reply(refused="not JSON, or cut off")
    if said[end:].strip():
        return Reply(refused=said[end:].strip())
    return _reply(answer)


def _reply(answer: object) -> Reply:
    if not isinstance(answer, dict):
        return Reply(refused="no object")
    if answer.get("success") is True:
        # Without data there is nothing that it told.
        return Reply(answer.get("data"), refused="" if "data" in answer else "no data")
    error = answer.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return Reply(absent=code == NO_SUCH_API, refused=f"error {code}")


def _of_file(text: str) -> Parts:
    if text.startswith(HEADING):
        return _of_questions(sections(text, HEADING))
    if text.lstrip().startswith("{"):
        return Parts(replies=_of_json(text))
    settings = {line.split("=", 1)[0].strip() for line in text.splitlines() if "=" in line}
    if {"majorversion", "buildnumber"} <= settings:
        return Parts({Ask.VERSION: text})
    if "unique" in settings and "synology_" in text:
        return Parts({Ask.SETTINGS: text})
    raise UnparsedError("not of a Synology DSM")


def _of_json(text: str) -> Mapping[Api, Reply]:
    """The answer to one method, or to several at once (``SYNO.Entry.Request``)."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnparsedError("not JSON, or cut off") from error
    reply = _reply(answer)
    data = reply.data
    if not isinstance(data, dict):
        raise UnparsedError("no answer of a Synology DSM")
    results = data.get("result")
    if isinstance(results, list) and "has_fail" in data:
        named = {api.value: api for api in Api}
        found = {}
        for one in results:
            asked = f"{one.get('api')} {one.get('method')}" if isinstance(one, dict) else ""
            if asked in named:
                found[named[asked]] = _reply(one)
        if found:
            return found
    for fields, api in _TELLING.items():
        if fields <= data.keys():
            return {api: reply}
    raise UnparsedError("no answer of a Synology DSM that is known")
