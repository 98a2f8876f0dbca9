"""Reads who is told of runs: the part ``notify`` of ``assessment.yaml``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assessor.errors import InputError
from assessor.inputs.notify_settings import MailSettings, NotifySettings
from assessor.inputs.problems import Problems
from assessor.inputs.targets import located_path
from assessor.inputs.validation import validate
from assessor.model.language import Language
from assessor.model.notice import (
    Attach,
    MailNotice,
    Notice,
    NtfyNotice,
    Place,
    SlackNotice,
    TeamsNotice,
    WebhookNotice,
    When,
)
from assessor.yamlfile import read_yaml

SETTINGS_FILE = "assessment.yaml"


@dataclass(frozen=True, slots=True)
class Notices:
    """Who is told, and in whose name."""

    organisation: str
    notices: tuple[Notice, ...]


def load_notices(folder: Path) -> Notices:
    """Who is told of the runs in ``folder``; nobody where there are no settings.

    Nothing else of the settings is judged: a run that failed because they are wrong is told too.

    Raises:
        InputError: the file is no YAML, or its part ``notify`` is wrong; says where.
    """
    path = folder / SETTINGS_FILE
    if not path.exists():
        return Notices("", ())
    located = read_yaml(path)
    value = located.value if isinstance(located.value, dict) else {}
    listed = value.get("notify")
    if listed is None:
        return Notices("", ())
    if not isinstance(listed, list):
        raise InputError(
            "must be a list",
            path=path,
            line=located.line("notify"),
            field="notify",
            mend="write a hyphen before each item",
        )
    problems = Problems()
    found = [
        validate(NotifySettings, located.at("notify", position), problems)
        for position in range(len(listed))
    ]
    problems.raise_any()
    organisation = value.get("organisation")
    language = Language.EN if value.get("language") == "en" else Language.NL
    return Notices(
        organisation[:200] if isinstance(organisation, str) else "",
        make_notices([one for one in found if one is not None], folder, language),
    )


def make_notices(
    settings: Sequence[NotifySettings], folder: Path, language: Language
) -> tuple[Notice, ...]:
    """The settings as the model has them; ``language`` is that of the report."""
    return tuple(
        Notice(
            _place(one, folder),
            When(one.when),
            Language(one.language) if one.language else language,
            one.link or "",
        )
        for one in settings
    )


def _place(settings: NotifySettings, folder: Path) -> Place:
    def ca_file(name: str | None) -> Path | None:
        return Path(located_path(name, folder)) if name else None

    if settings.mail:
        return _mail(settings.mail, ca_file(settings.mail.ca_file))
    if webhook := settings.webhook:
        return WebhookNotice(webhook.url, webhook.key, ca_file(webhook.ca_file))
    if ntfy := settings.ntfy:
        return NtfyNotice(ntfy.url, ntfy.token, ca_file(ntfy.ca_file))
    if teams := settings.teams:
        return TeamsNotice(teams.url, ca_file(teams.ca_file))
    assert settings.slack is not None  # noqa: S101 - the settings see to it that there is one
    return SlackNotice(settings.slack.url, ca_file(settings.slack.ca_file))


def _mail(mail: MailSettings, ca_file: Path | None) -> MailNotice:
    implicit = mail.tls == "implicit" or (mail.tls is None and mail.port == 465)
    return MailNotice(
        server=mail.server,
        port=mail.port or (465 if implicit else 587),
        implicit_tls=implicit,
        sender=mail.sender,
        to=tuple(dict.fromkeys(mail.to)),
        user=mail.user or "",
        password=mail.password,
        attach=Attach(mail.attach),
        ca_file=ca_file,
    )
