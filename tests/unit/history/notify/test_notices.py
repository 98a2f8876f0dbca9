"""``notify`` in ``assessment.yaml``."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.errors import InputError
from assessor.inputs.assessment import load_assessment
from assessor.inputs.notices import load_notices
from assessor.model.language import Language
from assessor.model.notice import (
    Attach,
    MailNotice,
    NtfyNotice,
    SlackNotice,
    TeamsNotice,
    WebhookNotice,
    When,
)
from assessor.model.target import SecretSource

GOOD = """
notify:
  - mail: {server: mail.example.nl, from: a@example.nl, to: b@example.nl, ca_file: ca.pem,
           user: a, password: {env: MAIL}, attach: bundle}
    when: always
    language: en
  - mail: {server: mail.example.nl, port: 465, from: a@example.nl, to: [b@example.nl, c@example.nl]}
  - webhook: {url: 'https://hooks.example.nl/a', key: {env: KEY}}
    when: worse
  - ntfy: {url: {env: NTFY}, token: {command: pass show ntfy}}
    when: failed
  - teams: {url: {env: TEAMS}}
    link: https://reports.example.nl/{run}/report.{language}.html
  - slack: {url: {env: SLACK}}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "assessment.yaml").write_text(
        "language: nl\norganisation: Bakker ICT\n"
        f"targets: [{{name: here, role: server, transport: local}}]\n{text}",
        encoding="utf-8",
    )
    return folder


def test_every_way_of_telling_is_read(tmp_path: Path) -> None:
    folder = write(tmp_path, GOOD)
    found = load_notices(folder)
    assert found.organisation == "Bakker ICT"
    first, second, webhook, ntfy, teams, slack = (each.place for each in found.notices)
    assert first == MailNotice(
        "mail.example.nl",
        587,
        False,
        "a@example.nl",
        ("b@example.nl",),
        "a",
        SecretSource("env", ("MAIL",)),
        Attach.BUNDLE,
        tmp_path / "ca.pem",
    )
    assert isinstance(second, MailNotice)
    assert (second.implicit_tls, second.port, len(second.to)) == (True, 465, 2)
    assert webhook == WebhookNotice("https://hooks.example.nl/a", SecretSource("env", ("KEY",)))
    assert isinstance(ntfy, NtfyNotice)
    assert isinstance(teams, TeamsNotice)
    assert isinstance(slack, SlackNotice)
    assert [each.when for each in found.notices] == [
        *(When.ALWAYS, When.CHANGE, When.WORSE, When.FAILED, When.CHANGE, When.CHANGE)
    ]
    assert [each.language for each in found.notices][:2] == [Language.EN, Language.NL]
    assert load_assessment(folder).notices == found.notices


def test_nobody_is_told_where_nobody_is_named(tmp_path: Path) -> None:
    assert load_notices(tmp_path).notices == ()
    assert load_notices(write(tmp_path, "")).notices == ()


def test_a_failure_is_told_although_the_other_settings_are_wrong(tmp_path: Path) -> None:
    folder = write(tmp_path, "profile: 7\ninventory: [nowhere.yaml]\n" + GOOD)
    with pytest.raises(InputError):
        load_assessment(folder)
    assert len(load_notices(folder).notices) == 6


@pytest.mark.parametrize(
    ("item", "said", "field"),
    [
        ("{when: always}", "one of mail, webhook", "notify[0]"),
        ("{slack: {url: {env: A}}, teams: {url: {env: B}}}", "one of mail", "notify[0]"),
        ("{slack: {url: 'https://hooks.slack.com/T/s3cr3t'}}", "never stands", "slack.url"),
        ("{slack: {url: ask}}", "cannot be asked", "slack.url"),
        ("{teams: {url: {env: 'A B'}}}", "environment variable", "teams.url"),
        ("{webhook: {url: 'http://a.example/s3cr3t', key: {env: A}}}", "https://", "webhook.url"),
        ("{webhook: {url: 'https://u:s3cr3t@a.example/', key: {env: A}}}", "password", "url"),
        ("{webhook: {url: 'https://a.example/'}}", "is missing", "webhook.key"),
        ("{webhook: {url: 'https://a.example/', key: s3cr3t}}", "never stands", "webhook.key"),
        ("{mail: {server: m, from: a@b.nl, to: []}}", "at least 1", "mail.to"),
        ("{mail: {server: m, from: a@b.nl, to: 'Jan <a@b.nl>'}}", "e-mail address", "mail.to"),
        ('{mail: {server: m, from: "a@b.nl\\nBcc: x@y.nl", to: a@b.nl}}', "e-mail", "mail.from"),
        ("{mail: {server: m, from: a@b.nl, to: a@b.nl, user: a}}", "both a user", "mail"),
        ("{mail: {server: m, from: a@b.nl, to: a@b.nl, password: s3cr3t}}", "never", "password"),
        ("{mail: {server: m, from: a@b.nl, to: a@b.nl, tls: none}}", "one of starttls", "mail.tls"),
        ("{slack: {url: {env: A}}, when: sometimes}", "one of always", "when"),
        ("{slack: {url: {env: A}}, link: 'http://a.example/'}", "https://", "link"),
        ("{slack: {url: {env: A}}, language: fr}", "one of nl", "language"),
    ],
    ids=[
        *("no-way", "two-ways", "slack-in-clear", "ask", "variable", "http", "userinfo"),
        *("no-key", "key-in-clear", "no-recipient", "display-name", "header", "no-password"),
        *("password-in-clear", "no-tls", "when", "link", "language"),
    ],
)
def test_a_fault_is_told_with_its_place_and_without_the_secret(
    tmp_path: Path, item: str, said: str, field: str
) -> None:
    folder = write(tmp_path, f"notify:\n  - {item}\n")
    with pytest.raises(InputError) as caught:
        load_notices(folder)
    text = str(caught.value)
    assert said in text
    assert field in text
    assert "assessment.yaml:5" in text
    assert "s3cr3t" not in text
    with pytest.raises(InputError, match=r"notify\[0\]"):
        load_assessment(folder)


def test_notify_must_be_a_list(tmp_path: Path) -> None:
    folder = write(tmp_path, "notify: {slack: {url: {env: A}}}\n")
    with pytest.raises(InputError, match="must be a list"):
        load_notices(folder)
