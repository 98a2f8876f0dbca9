"""The forms of a message: e-mail, JSON for receivers, the signature, and what is remembered."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import hmac
import json
import re
import subprocess
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from assessor import bundled
from assessor.errors import EvidenceError, UsageError
from assessor.history.notify import payloads
from assessor.history.notify.mail import Attachment, Envelope, mail
from assessor.history.notify.message import Message, Whereabouts, write
from assessor.history.notify.news import News, Trial
from assessor.history.notify.signature import key_bytes, signed_headers
from assessor.history.notify.told import KEPT, Told, delivery_id, read_told, told_text
from assessor.model.finding import Outcome
from assessor.model.language import Language
from assessor.model.notice import MailNotice, SlackNotice, TeamsNotice
from assessor.model.statement import Verdict
from assessor.model.target import SecretSource
from tests.unit.history.notify.support import claim, finding, finished, run, texts

AT = datetime(2026, 11, 24, 9, 5, tzinfo=UTC)
HOSTILE = (
    "<!channel> <script>alert(1)</script> *vet* [x](https://evil.example) {{DATE(2026-01-01)}}"
    " & \r\nBcc: evil@evil.example"
)


def message(organisation: str = "Bakkerij Zoet", link: str = "") -> Message:
    before = run([claim("firewall", Verdict.KEPT)], [finding("srv1", Outcome.PASS)])
    after = run([claim("firewall", Verdict.BROKEN)], [finding("srv1", Outcome.FAIL)])
    news = finished(after, before, organisation=organisation)
    where = Whereabouts(link=link, path="runs/r/report.en.html")
    return write(news, texts()).with_report(where, texts())


def parsed(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def sent(
    organisation: str = "Bakkerij Zoet", attachment: Attachment | None = None, link: str = ""
) -> bytes:
    envelope = Envelope("assess@bakker.example", "jan@bakker.example", AT, "assess.1f")
    return mail(message(organisation, link), envelope, bundled.folder("reports"), attachment)


def test_an_email_has_both_parts_of_the_same_words() -> None:
    raw = sent(link="https://reports.example/?a=1&b=2")
    found = parsed(raw)
    assert found["To"] == "jan@bakker.example"
    assert found["Message-ID"] == "<assess.1f@bakker.example>"
    assert found["Auto-Submitted"] == "auto-generated"
    plain = found.get_body(("plain",))
    html = found.get_body(("html",))
    assert plain is not None
    assert html is not None
    soup = BeautifulSoup(html.get_content(), "lxml")
    assert soup.body is not None
    shown = " ".join(soup.body.get_text(" ").split())
    for line in filter(None, plain.get_content().splitlines()):
        assert " ".join(line.split()) in shown
    assert [a["href"] for a in soup.find_all("a")] == ["https://reports.example/?a=1&b=2"]
    assert not soup.find_all(["img", "script", "link", "form"])
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()


def test_an_organisation_cannot_write_headers_or_markup() -> None:
    found = parsed(sent(HOSTILE))
    assert found["Bcc"] is None
    assert str(found["Subject"]).startswith("<!channel>")
    html = found.get_body(("html",))
    assert html is not None
    assert not BeautifulSoup(html.get_content(), "lxml").find_all("script")


def test_an_attachment_arrives_as_it_was() -> None:
    data = bytes(range(256)) * 100
    found = parsed(sent(attachment=Attachment("r.assess.zip", "application/zip", data)))
    (part,) = found.iter_attachments()
    assert part.get_filename() == "r.assess.zip"
    assert part.get_content() == data


def test_slack_is_given_nothing_that_it_reads_as_markup() -> None:
    body = json.loads(payloads.slack(message(HOSTILE)))
    assert "<" not in body["text"]
    assert "&lt;!channel&gt;" in body["text"]
    kinds = {block["text"]["type"] for block in body["blocks"]}
    assert kinds == {"plain_text"}
    assert all(len(block["text"]["text"]) <= 3000 for block in body["blocks"])
    assert len(body["blocks"][0]["text"]["text"]) <= 150


def test_teams_is_given_texts_that_know_no_markdown() -> None:
    body = json.loads(payloads.teams(message(HOSTILE)))
    (attachment,) = body["attachments"]
    card = attachment["content"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    runs = [run for block in card["body"] for run in block["inlines"]]
    assert {run["type"] for run in runs} == {"TextRun"}
    assert not any("{{" in run["text"] or "\n" in run["text"] for run in runs)


def test_ntfy_is_told_the_topic_apart_from_the_server() -> None:
    url, raw = payloads.ntfy(message(), "https://ntfy.example/push/bakker")
    body = json.loads(raw)
    assert (url, body["topic"]) == ("https://ntfy.example/push/", "bakker")
    assert body["title"] == "Bakkerij Zoet: 1 promise got worse"
    assert (body["priority"], body["tags"]) == (4, ["warning"])


def test_every_receiver_gets_no_more_than_it_takes() -> None:
    long = message("é" * 4000)
    many = Message("en", long.subject, long.tone, ("ë" * 400,) * 200, long.sections, "end")
    _, raw = payloads.ntfy(many, "https://ntfy.example/t")
    assert len(json.loads(raw)["message"].encode()) <= 4096
    assert len(payloads.teams(many)) < 28_000
    for block in json.loads(payloads.slack(many))["blocks"]:
        assert len(block["text"]["text"]) <= 3000


def test_a_webhook_gets_ids_for_programs_and_words_for_people() -> None:
    before = run([claim("firewall", Verdict.KEPT)], [finding("192.0.2.7", Outcome.PASS)])
    after = run([claim("firewall", Verdict.BROKEN)], [finding("192.0.2.7", Outcome.FAIL)])
    news = finished(after, before)
    raw = payloads.webhook(news, write(news, texts()), texts(), "id1")
    body: dict[str, Any] = json.loads(raw)
    assert body["type"] == "run.finished"
    assert body["verdicts"] == {"broken": 1}
    assert [(one["about"], one["change"]) for one in body["changes"]] == [
        ("promise", "worse"),
        ("target", "worse"),
    ]
    assert b"192.0.2.7" not in raw
    assert "Wij hebben" not in raw.decode()


def test_the_signature_is_that_of_standard_webhooks() -> None:
    """Made by the rules of https://www.standardwebhooks.com, and again by openssl."""
    secret = base64.b64encode(b"k" * 32).decode()
    body = '{"type":"test","naam":"Café"}'.encode()
    headers = signed_headers(key_bytes(f"whsec_{secret}"), "msg_1", 1700000000, body)
    assert headers["webhook-id"] == "msg_1"
    assert headers["webhook-timestamp"] == "1700000000"
    version, _, signature = headers["webhook-signature"].partition(",")
    assert version == "v1"
    signed = b"msg_1.1700000000." + body
    done = subprocess.run(
        ["openssl", "dgst", "-sha256", "-hmac", "k" * 32, "-binary"],
        input=signed,
        capture_output=True,
        check=True,
    )
    assert base64.b64decode(signature) == done.stdout
    assert hmac.new(b"k" * 32, signed, hashlib.sha256).digest() == done.stdout


def test_a_key_may_be_any_long_text_and_no_short_one() -> None:
    assert key_bytes("a long text of which nobody thinks") == b"a long text of which nobody thinks"
    for short in ("", "short", "whsec_" + base64.b64encode(b"short").decode(), "whsec_%%%"):
        with pytest.raises(UsageError) as caught:
            key_bytes(short)
        assert not short or short not in str(caught.value)


def test_what_was_told_is_read_back() -> None:
    told = [Told(f"id{number}", "run.finished", "r", "mail", AT) for number in range(KEPT + 5)]
    assert read_told(told_text(told)) == tuple(told[5:])


@given(st.one_of(st.text(), st.recursive(st.none() | st.text(), st.lists).map(json.dumps)))
def test_a_damaged_record_is_a_damaged_record(text: str) -> None:
    with pytest.raises(EvidenceError):
        read_told(text)


def test_a_delivery_is_the_same_one_only_for_the_same_news_by_the_same_way() -> None:
    source = SecretSource("env", ("URL",))
    place = MailNotice("mail.example", 587, False, "a@b.example", ("c@d.example",))
    ids = {
        delivery_id("run.finished 1", place, "c@d.example", Language.NL),
        delivery_id("run.finished 2", place, "c@d.example", Language.NL),
        delivery_id("run.finished 1", place, "e@d.example", Language.NL),
        delivery_id("run.finished 1", place, "c@d.example", Language.EN),
        delivery_id("run.finished 1", SlackNotice(source), "", Language.NL),
        delivery_id("run.finished 1", TeamsNotice(source), "", Language.NL),
        delivery_id("run.finished 1", SlackNotice(SecretSource("env", ("V",))), "", Language.NL),
    }
    assert len(ids) == 7
    assert delivery_id("run.finished 1", place, "C@d.example", Language.NL) in ids


def test_a_test_message_has_no_occasion() -> None:
    assert News("", Trial(date(2026, 11, 24))).occasion == ""


def test_a_webhook_is_verified_as_the_docs_say() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "notify.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    place: dict[str, Any] = {}
    exec(code, place)  # noqa: S102 - our own page
    verify = place["verify"]
    key, body, at = f"whsec_{base64.b64encode(b'k' * 32).decode()}", b'{"a":1}', 1_700_000_000
    headers = dict(signed_headers(key_bytes(key), "id1", at, body))
    seen: set[str] = set()

    verify(key, headers, body, seen, at + 10)

    assert seen == {"id1"}
    for wrong, reason in (
        ((key, headers, body, seen, at + 10), "came before"),
        ((key, headers, body, set(), at + 301), "too old"),
        ((key, headers, body + b" ", set(), at), "not signed"),
        ((key, headers | {"webhook-timestamp": str(at + 1)}, body, set(), at), "not signed"),
        ((key, headers | {"webhook-id": "id2"}, body, set(), at), "not signed"),
        (("another key that is long enough", headers, body, set(), at), "not signed"),
    ):
        with pytest.raises(ValueError, match=reason):
            verify(*wrong)
