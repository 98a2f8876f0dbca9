"""A message as JSON, for webhooks, ntfy, Microsoft Teams and Slack. Pure.

Names come from settings and statements. No receiver may take them for markup: Slack gets
``plain_text``, Teams gets ``TextRun``s, which know no Markdown, and ntfy is not told of any.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from assessor.history.comparison import Comparison
from assessor.history.notify.changes import system
from assessor.history.notify.mail import as_text
from assessor.history.notify.message import Message, Tone
from assessor.history.notify.news import Failed, Finished, News
from assessor.history.notify.texts import Texts

LARGEST_NTFY = 3800
"""Bytes of a message; ntfy makes a file of what is longer than 4096 (message-size-limit)."""
LONGEST_SLACK_HEADER = 150
LONGEST_SLACK_TEXT = 2900
"""Slack takes 3000 characters in a section."""
LARGEST_TEAMS = 20_000
"""Bytes of all texts; Teams takes 28 KB, the card's own words included."""

MOST_CHANGES = 200

_PRIORITIES = {Tone.FAILED: 4, Tone.WORSE: 4, Tone.CHANGED: 3, Tone.SAME: 2, Tone.TEST: 3}
_TAGS = {Tone.FAILED: "warning", Tone.WORSE: "warning"}


def webhook(news: News, message: Message, texts: Texts, delivery: str) -> bytes:
    """What a webhook gets: ids for programs, and the message for people."""
    what = news.what
    body: dict[str, Any] = {
        "version": 1,
        "type": news.event.value,
        "id": delivery,
        "organisation": news.organisation,
        "run": news.run,
        "tone": message.tone.value,
        "language": message.language,
        "subject": message.subject,
        "text": as_text(message),
        "link": message.link,
    }
    if isinstance(what, Failed):
        body |= {"reason": what.reason.value, "day": what.day.isoformat()}
    if isinstance(what, Finished):
        body |= _finished(what, texts)
    return _json(body)


def _finished(what: Finished, texts: Texts) -> dict[str, Any]:
    run, comparison = what.run, what.comparison
    changes = [] if comparison is None else list(_changes(what, comparison, texts))
    return {
        "started_at": f"{run.started_at:%Y-%m-%dT%H:%M:%SZ}",
        "finished_at": f"{run.finished_at:%Y-%m-%dT%H:%M:%SZ}",
        "about": "promises" if run.claims else "measures",
        "verdicts": {verdict.value: number for verdict, number in run.verdicts().items()},
        "targets": {"asked": len(run.targets), "seen": sum(row.seen for row in run.targets)},
        "first": comparison is None,
        "changes": changes[:MOST_CHANGES],
        "more_changes": max(0, len(changes) - MOST_CHANGES),
        "todo": [
            {"title": todo.title, "where": todo.where, "todo": todo.todo, "who": todo.who}
            for todo in what.todos.get(texts.language, ())
        ],
    }


def _changes(what: Finished, comparison: Comparison, texts: Texts) -> Iterator[dict[str, Any]]:
    for item in comparison.promises:
        yield {
            "about": "promise" if what.run.claims else "measure",
            "change": item.change.value,
            "measures": list(item.measures),
            "before": item.before and item.before.value,
            "after": item.after and item.after.value,
        }
    for one in comparison.findings:
        yield {
            "about": "target",
            "change": one.change.value,
            "target": system(one.target, what.names, texts),
            "measures": [one.measure],
            "check": one.check,
            "before": one.before and one.before.value,
            "after": one.after and one.after.value,
        }


def ntfy(message: Message, url: str) -> tuple[str, bytes]:
    """The address and the body for a topic at ``url``; the last part of it is the topic."""
    parts = urlsplit(url)
    folder, _, topic = parts.path.rstrip("/").rpartition("/")
    body: dict[str, Any] = {
        "topic": topic,
        "title": message.subject,
        "message": _cut(as_text(message), LARGEST_NTFY),
        "priority": _PRIORITIES[message.tone],
    }
    if message.tone in _TAGS:
        body["tags"] = [_TAGS[message.tone]]
    if message.link:
        body["click"] = message.link
    return f"{parts.scheme}://{parts.netloc}{folder}/", _json(body)


def slack(message: Message) -> bytes:
    """A message of blocks."""
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(message.subject[:LONGEST_SLACK_HEADER])}
    ]
    blocks += [
        {"type": "section", "text": _plain(text[:LONGEST_SLACK_TEXT])} for text in _parts(message)
    ]
    # Shown in notifications, where it is read as markup.
    escaped = message.subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _json({"text": escaped, "blocks": blocks})


def teams(message: Message) -> bytes:
    """A message with an adaptive card, as workflows and incoming webhooks of Teams take it."""
    body: list[dict[str, Any]] = [_runs(message.subject, weight="Bolder", size="Medium")]
    left = LARGEST_TEAMS
    for text in _parts(message):
        shown = _cut(text, max(left, 0))
        left -= len(shown.encode())
        # A run knows no line feeds of its own: each line is a block.
        for number, line in enumerate(filter(None, shown.split("\n"))):
            body.append(_runs(line, spacing="Medium" if number == 0 else "None"))
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "lang": message.language,
        "body": body,
    }
    if message.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "assess", "url": message.link}]
    return _json(
        {
            "type": "message",
            "attachments": [
                {
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "contentUrl": None,
                    "content": card,
                }
            ],
        }
    )


def _parts(message: Message) -> Iterator[str]:
    yield "\n".join(message.lead)
    for section in message.sections:
        yield "\n".join((section.title, *section.lines))
    yield message.footer


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _runs(text: str, *, spacing: str = "None", **look: str) -> dict[str, Any]:
    # "{{DATE(...)}}" would be replaced by a day.
    shown = text.replace("{{", "{ {")
    run = {"type": "TextRun", "text": shown, **look}
    return {"type": "RichTextBlock", "spacing": spacing, "inlines": [run]}


def _cut(text: str, most: int) -> str:
    """At most ``most`` bytes of ``text`` as UTF-8."""
    raw = text.encode()
    return text if len(raw) <= most else raw[: max(most - 3, 0)].decode(errors="ignore") + "…"


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
