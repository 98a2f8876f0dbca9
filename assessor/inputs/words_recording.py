"""Writes attestations and waivers down.

A file is copied before the attestation that names it is written, and that is written whole: no
attestation names a file that is not there, whatever breaks off.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from assessor import bundled
from assessor.errors import InputError, UsageError, WordError
from assessor.inputs.evidence_files import MAX_FILES, IncomingFile, inspect, keep
from assessor.inputs.files import write_whole
from assessor.inputs.measures import load_measures
from assessor.inputs.problems import Problems, did_you_mean
from assessor.inputs.questions import LONGEST_DAYS
from assessor.inputs.settings import NAME
from assessor.inputs.word_settings import CHECK, MAX_PERSON, MAX_TEXT
from assessor.inputs.words_reading import (
    ATTESTATIONS_FOLDER,
    WAIVERS_FILE,
    read_waivers,
    waivers_of,
)
from assessor.inputs.yaml_text import block
from assessor.model.attestation import Answer, Attestation, Waiver
from assessor.yamlfile import parse_yaml

LONGEST_WAIVER = timedelta(days=366)
"""How far ahead a waiver may end: whoever accepts a deviation looks at it again within a year."""


def record_attestation(
    folder: Path,
    *,
    measure: str,
    answer: Answer,
    by: str,
    role: str,
    text: str,
    given: date,
    expires: date,
    files: Sequence[IncomingFile] = (),
    now: datetime,
    known_measures: Collection[str] | None = None,
) -> Attestation:
    """Writes a person's word down in ``attestations/<id>.yaml``, with copies of its evidence.

    Args:
        folder: the assessment folder.
        measure: an id of the catalogue.
        answer: whether the measure is in place.
        by: who says so.
        role: what that person is in the company.
        text: what is said, in the person's own words.
        given: the day from which it holds; today or earlier.
        expires: the last day on which it counts; see ``questions.default_expiry``.
        files: the evidence; at most ``MAX_FILES`` of ``MAX_FILE_BYTES`` each.
        now: the moment of recording, with a time zone.
        known_measures: ids of the catalogue; those of the bundled catalogue unless said.

    Raises:
        WordError: something of it cannot be taken; ``field`` and ``code`` say what.
        UsageError: it cannot be written.
    """
    today = now.astimezone().date()
    _require_measure(measure, known_measures)
    _require_days(given, expires, today)
    if len(files) > MAX_FILES:
        raise WordError(
            f"more than {MAX_FILES} files",
            field="files",
            code="too-many-files",
            mend="put pages together in one document",
            most=MAX_FILES,
        )
    said = {
        "by": _line(by, "by", MAX_PERSON),
        "role": _line(role, "role", MAX_PERSON),
        "text": _said(text, "text", MAX_TEXT),
    }
    _require_folder(folder)
    for file in files:
        inspect(file)  # all of them are looked at before the first is copied
    attestation = Attestation(
        id=f"{measure}-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}",
        measure=measure,
        answer=answer,
        **said,
        given=given,
        expires=expires,
        recorded_at=now.astimezone(UTC).replace(microsecond=0),
        files=tuple(keep(folder, file) for file in files),
    )
    _write_attestation(folder, attestation)
    return attestation


def record_waiver(
    folder: Path,
    *,
    check: str,
    target: str,
    reason: str,
    by: str,
    until: date,
    now: datetime,
    longest: timedelta = LONGEST_WAIVER,
) -> Waiver:
    """Adds an accepted deviation to ``waivers.yaml``; what stands there stays as it is.

    Args:
        folder: the assessment folder.
        check: a check's id.
        target: the target's name.
        reason: why it is accepted.
        by: who accepts it.
        until: the last day on which it counts.
        now: the moment of recording, with a time zone.
        longest: how far ahead it may end.

    Raises:
        WordError: something of it cannot be taken.
        InputError: ``waivers.yaml`` is broken.
        UsageError: it cannot be written.
    """
    today = now.astimezone().date()
    if until < today:
        raise WordError(
            f"until {until}: that day is over",
            field="until",
            code="until-over",
            day=until.isoformat(),
        )
    if until - today > longest:
        raise WordError(
            f"until {until}: a deviation is accepted for {longest.days} days at most",
            field="until",
            code="until-far",
            mend=f"choose {today + longest} or earlier, and look at it again then",
            day=(today + longest).isoformat(),
        )
    for field, name, form in (("check", check, CHECK), ("target", target, NAME)):
        if not form.fullmatch(name):
            raise WordError(f"{name!r} is no {field}'s name", field=field, code="no-name")
    waiver = Waiver(
        check=check,
        target=target,
        reason=_said(reason, "reason", MAX_TEXT),
        by=_line(by, "by", MAX_PERSON),
        until=until,
        recorded_at=now.astimezone(UTC).replace(microsecond=0),
    )
    _require_folder(folder)
    with _alone_in(folder):
        _append_waiver(folder / WAIVERS_FILE, waiver)
    return waiver


def _write_attestation(folder: Path, attestation: Attestation) -> None:
    path = folder / ATTESTATIONS_FOLDER / f"{attestation.id}.yaml"
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {path.parent}: {error.strerror}") from None
    entry: dict[str, object] = {
        "measure": attestation.measure,
        "answer": attestation.answer.value,
        "by": attestation.by,
        "role": attestation.role,
        "text": attestation.text,
        "given": attestation.given,
        "expires": attestation.expires,
        "recorded_at": attestation.recorded_at,
    }
    if attestation.files:
        entry["files"] = [
            {"name": file.name, "sha256": file.sha256, "size": file.size}
            for file in attestation.files
        ]
    write_whole(path, block(entry), replace=False)


def _append_waiver(path: Path, waiver: Waiver) -> None:
    try:
        text = path.read_text(encoding="utf-8-sig") if path.exists() else ""
    except (OSError, UnicodeDecodeError):
        text = ""  # what is wrong with it is told below, with its place
    problems = Problems()
    before = read_waivers(path, problems)
    problems.raise_any()
    entry = {
        "check": waiver.check,
        "target": waiver.target,
        "reason": waiver.reason,
        "by": waiver.by,
        "until": waiver.until,
        "recorded_at": waiver.recorded_at,
    }
    item = block([entry])
    joint = "" if not text or text.endswith("\n") else "\n"
    for indent in ("", "  ", "    "):  # a list may stand further in; all its items alike
        whole = text + joint + "".join(f"{indent}{line}\n" for line in item.splitlines())
        if _reads_as(whole, path, (*before, waiver)):
            write_whole(path, whole, replace=True)
            return
    raise InputError(
        "a waiver cannot be added behind what stands here",
        path=path,
        mend="write each waiver with a hyphen before it, one setting a line",
    )


def _reads_as(text: str, path: Path, wanted: tuple[Waiver, ...]) -> bool:
    problems = Problems()
    try:
        found = waivers_of(parse_yaml(text, path), problems)
    except InputError:
        return False
    return found == wanted and not len(problems)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Waits until no other process changes the folder's waivers, and keeps others waiting."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"cannot open {folder}: {error.strerror}") from None
    try:
        with suppress(OSError):  # a network share may lock no folder; then the last one wins
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _require_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise UsageError(f"there is no folder {folder}", mend=f"make it with: assess init {folder}")


def _require_measure(measure: str, measures: Collection[str] | None) -> None:
    known = (
        load_measures(bundled.folder("profiles") / "measures.yaml")
        if measures is None
        else measures
    )
    if measure not in known:
        raise WordError(
            f"the catalogue has no measure {measure!r}",
            field="measure",
            code="no-measure",
            mend=did_you_mean(measure, known) or "assess attest --list --all shows them",
        )


def _require_days(given: date, expires: date, today: date) -> None:
    if given > today:
        raise WordError(
            f"given on {given}: that day is still to come",
            field="given",
            code="given-ahead",
            mend="give the day on which it was seen to be so: today or earlier",
            day=given.isoformat(),
        )
    if expires < today:
        raise WordError(
            f"expires on {expires}: that day is over",
            field="expires",
            code="expires-over",
            mend="look whether it still holds, and give the day on which you looked",
            day=expires.isoformat(),
        )
    if expires > given + timedelta(days=LONGEST_DAYS):
        raise WordError(
            f"expires on {expires}: nobody's word holds longer than five years",
            field="expires",
            code="expires-far",
            mend=f"choose {given + timedelta(days=LONGEST_DAYS)} or earlier",
            day=(given + timedelta(days=LONGEST_DAYS)).isoformat(),
        )


def _line(text: str, field: str, longest: int) -> str:
    return " ".join(_said(text, field, longest).split())


def _said(text: str, field: str, longest: int) -> str:
    """``text`` without what neither YAML nor a reader can take."""
    kept = "".join(_plain(each) for each in text.replace("\r\n", "\n")).strip()
    if not kept:
        raise WordError(f"{field} is empty", field=field, code="empty")
    if len(kept) > longest:
        raise WordError(
            f"{field} is longer than {longest} characters",
            field=field,
            code="too-long",
            most=longest,
        )
    return kept


def _plain(character: str) -> str:
    if character in "\n\t":
        return character
    match unicodedata.category(character)[0]:
        case "Z":
            return " "
        case "C":
            return ""
        case _:
            return character
