"""Runs of a router's exported file, told to a real mail server and a real HTTPS receiver."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.devices.cases import HERE
from tests.end_to_end.assess import PROGRAM, assess, environment, last_run
from tests.lab.pki import Pki
from tests.transports.notifying_support import (
    MailServer,
    Receiver,
    mail_server,
    receiver,
    server_context,
    talker,
)

USER, WORD = "assess", "geheim-van-de-bakker"
KEY = "een-sleutel-die-lang-genoeg-is"
PATH = "/services/T024/only-who-has-this-may-post"
PRIVATE = ("janssen-prive", "198.51.100.77", "opmerking-van-jan")
ENDED = {0, 1, 3}
STATEMENT = """# Privacyverklaring

Onze router heeft een firewall die al het verkeer van buiten tegenhoudt.
Wij maken elke dag een back-up.
"""


@dataclass
class Client:
    """A client's folder, and those who are told."""

    folder: Path
    mail: MailServer
    https: Receiver
    variables: dict[str, str]
    settings: dict[str, Any]
    printed: list[str] = field(default_factory=list)

    def write(self, **changes: object) -> None:
        """Writes the settings."""
        text = yaml.safe_dump(self.settings | changes, sort_keys=False)
        (self.folder / "assessment.yaml").write_text(text)

    def router(self, case: str) -> None:
        """What the router's export says from now on."""
        shutil.copy(HERE / "routeros" / case / "configuration.rsc", self.folder / "router.rsc")

    def assess(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Runs ``assess`` there."""
        done = assess(self.folder, *words, **(self.variables | more))
        self.printed += [done.stdout, done.stderr]
        return done

    def letters(self) -> list[EmailMessage]:
        """The e-mails since the last time, one a recipient."""
        taken = [message for _, message, _ in self.mail.letters]
        self.mail.letters.clear()
        return taken

    def posts(self) -> list[Any]:
        """What was posted since the last time."""
        taken = [json.loads(body) for _, _, body in self.https.requests]
        self.https.requests.clear()
        return taken


@pytest.fixture(name="client")
def _client(tmp_path: Path) -> Iterator[Client]:
    folder = tmp_path / "client"
    folder.mkdir()
    pki = Pki(tmp_path)
    context = server_context(pki.issue("localhost"), tmp_path)
    (folder / "privacy.md").write_text(STATEMENT, encoding="utf-8")
    with mail_server(context, login=(USER, WORD)) as mail, receiver(context) as https:
        ca_file = str(pki.root_file)
        settings = {
            "organisation": "Bakker ICT",
            "statement": "privacy.md",
            "targets": [
                {"name": "kantoor", "role": "router", "platform": "routeros", "file": "router.rsc"}
            ],
            "notify": [
                {
                    "mail": {
                        "server": "localhost",
                        "port": mail.port,
                        "from": "assess@bakker.example",
                        "to": ["jan@bakker.example", "piet@bakker.example"],
                        "user": USER,
                        "password": {"env": "MAIL_WORD"},
                        "ca_file": ca_file,
                        "attach": "report",
                    }
                },
                {
                    "webhook": {
                        "url": f"{https.url}{PATH}",
                        "key": {"env": "HOOK_KEY"},
                        "ca_file": ca_file,
                    },
                    "when": "worse",
                    "language": "en",
                },
            ],
        }
        variables = {
            "MAIL_WORD": WORD,
            "HOOK_KEY": KEY,
            "XDG_CONFIG_HOME": str(tmp_path / "config"),
        }
        client = Client(folder, mail, https, variables, settings)
        client.write()
        client.router("verbose-v6")
        yield client
        kept = [
            path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file() and path.name != "assessment.yaml"
        ]
        everything = "\n".join(client.printed).encode() + b"\n".join(kept)
        for secret in (WORD, KEY):
            assert secret.encode() not in everything


def plain(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_a_run_tells_once_what_changed(client: Client) -> None:
    first = client.assess("run")
    assert first.returncode in ENDED, first.stderr
    assert "Told: mail to jan@bakker.example" in first.stderr
    letters = client.letters()
    assert [one["To"] for one in letters] == ["jan@bakker.example", "piet@bakker.example"]
    assert "eerste meting" in letters[0]["Subject"]
    assert client.posts() == [], "nothing got worse by looking for the first time"

    assert client.assess("notify").stdout.count("told before") == 2
    assert client.letters() == []

    client.router("bad-v6")
    assert client.assess("run", "-q").returncode in ENDED
    assert "1 belofte slechter" in client.letters()[0]["Subject"]
    (post,) = client.posts()
    assert post["subject"] == "Bakker ICT: 1 promise got worse"
    assert post["verdicts"] == {"broken": 1, "unproven": 1}

    assert client.assess("run", "-q").returncode in ENDED
    assert (client.letters(), client.posts()) == ([], []), "the same again is no news"

    assert client.assess("notify", "--again", last_run(client.folder).name).returncode == 0
    assert client.letters() == []
    record = (client.folder / ".assess" / "notified.json").read_text()
    assert "bakker.example" not in record


def test_the_attached_report_is_whole_and_a_message_says_nothing_of_a_machine(
    client: Client,
) -> None:
    client.assess("run", "-q", "--no-notify")
    client.router("bad-v6")
    with (client.folder / "router.rsc").open("a", encoding="utf-8") as export:
        export.write(
            "/user\nadd name=janssen-prive group=full\n"
            "/ip firewall filter\nadd chain=input action=accept src-address=198.51.100.77 "
            "comment=opmerking-van-jan\n"
        )
    client.assess("run", "-q")
    own = (last_run(client.folder) / "report.nl.html").read_text(encoding="utf-8")
    assert all(word in own for word in PRIVATE), "the run saw what must not be told"

    first, second = client.letters()
    for letter in (first, second):
        (report,) = letter.iter_attachments()
        assert report.get_filename() == "report.nl.html"
        assert "Bakker ICT" in report.get_content()
        assert "janssen-prive" not in report.get_content()
        html = letter.get_body(("html",))
        assert html is not None
        shown = f"{letter['Subject']} {plain(letter)} {html.get_content()}"
        assert "kantoor" in shown
        assert [word for word in PRIVATE if word in shown] == []
        assert re.findall(r"\d+\.\d+\.\d+\.\d+", shown) == []
        assert str(client.folder) not in shown
    (post,) = client.posts()
    assert [word for word in PRIVATE if word in json.dumps(post)] == []


def test_a_dry_run_connects_to_nobody_and_fetches_no_secret(client: Client) -> None:
    client.assess("run", "-q", "--no-notify")
    trap = client.folder / "fetched"
    notices = client.settings["notify"]
    notices[0]["mail"]["password"] = {"command": ["touch", str(trap)]}
    client.write()
    done = client.assess("notify", "--dry-run", MAIL_WORD="", HOOK_KEY="")
    assert done.returncode == 0, done.stderr
    assert "mail to piet@bakker.example in nl: would be told" in done.stdout
    assert "webhook in en: not due (when: worse)" in done.stdout
    assert "eerste meting" in done.stdout
    assert not trap.exists()
    assert (client.letters(), client.posts()) == ([], [])
    assert not (client.folder / ".assess" / "notified.json").exists()


def test_a_test_message_reaches_everybody_every_time(client: Client) -> None:
    ids = set()
    for _ in range(2):
        done = client.assess("notify", "--test")
        assert done.returncode == 0, done.stdout + done.stderr
        letters, (post,) = client.letters(), client.posts()
        assert all("proefbericht" in one["Subject"] for one in letters)
        assert post["type"] == "test"
        ids |= {one["Message-ID"] for one in letters} | {post["id"]}
    assert len(ids) == 6, "none may be taken for another that came before"


def test_a_run_that_fails_is_told_to_all_and_once(client: Client) -> None:
    client.write(profile="nowhere")
    done = client.assess("run", "-q")
    assert done.returncode == 2
    letters, (post,) = client.letters(), client.posts()
    assert len(letters) == 2
    assert "meting mislukt" in letters[0]["Subject"]
    assert "instellingen kloppen niet" in plain(letters[0])
    assert (post["type"], post["reason"]) == ("run.failed", "settings")
    assert client.assess("run", "-q").returncode == 2
    # As the scheduler says it, which knows no reason.
    assert client.assess("notify", "--failed", "-C", ".").returncode == 0
    assert (client.letters(), client.posts()) == ([], [])


def test_nothing_that_goes_wrong_changes_how_a_run_ends(client: Client) -> None:
    expected = client.assess("run", "-q", "--no-notify").returncode
    for notify in client.settings["notify"]:
        notify["when"] = "always"
    client.write()
    with talker(b"220 mail.example\r\n", [b"250 mail.example\r\n"]) as server:
        client.settings["notify"][0]["mail"]["port"] = server.port
        client.write()
        done = client.assess("run", "-q", HOOK_KEY="short")
    assert done.returncode == expected
    assert done.stderr.count("warning: mail to") == 2
    assert "no STARTTLS" in done.stderr
    assert "key of a webhook has at least" in done.stderr
    assert client.posts() == []
    assert client.assess("notify").returncode == 3


def test_who_was_not_reached_is_told_later_and_nobody_twice(client: Client) -> None:
    client.mail.refusals = ["550 5.1.1 not now"]
    done = client.assess("run", "-q")
    assert "mail to jan@bakker.example: not told: the server refused" in done.stderr
    assert [one["To"] for one in client.letters()] == ["piet@bakker.example"]
    later = client.assess("notify")
    assert later.returncode == 0
    assert [one["To"] for one in client.letters()] == ["jan@bakker.example"]


def test_a_damaged_record_is_put_aside(client: Client) -> None:
    client.assess("run", "-q")
    client.letters()
    record = client.folder / ".assess" / "notified.json"
    record.write_text('{"format": 1, "told": [{')
    done = client.assess("notify")
    assert done.returncode == 0
    assert "put aside" in done.stderr
    assert len(client.letters()) == 2
    assert json.loads(record.read_text())["format"] == 1


def test_what_was_told_is_known_after_a_kill(client: Client) -> None:
    """The first is told, the server then hangs, and the process dies."""
    client.assess("run", "-q", "--no-notify")
    client.mail.hang_after = 1
    notify = subprocess.Popen(
        [*PROGRAM, "notify"],
        cwd=client.folder,
        env=environment(**client.variables),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert client.mail.hangs.wait(60)
    os.kill(notify.pid, signal.SIGKILL)
    notify.wait(10)
    client.mail.hang_after = None
    assert [one["To"] for one in client.letters()] == ["jan@bakker.example"]

    assert client.assess("notify").returncode == 0
    assert [one["To"] for one in client.letters()] == ["piet@bakker.example"]


def test_a_bundle_goes_along_and_verifies(client: Client, tmp_path: Path) -> None:
    client.settings["notify"][0]["mail"]["attach"] = "bundle"
    client.write()
    word = {"ASSESS_KEY_PASSPHRASE": "vier woorden zonder verband"}
    made = client.assess("key", "new", "--store", "file", **word)
    assert made.returncode == 0, made.stderr
    client.assess("run", "-q", **word)
    (bundle,) = client.letters()[0].iter_attachments()
    path = tmp_path / "klant.assess.zip"
    path.write_bytes(bundle.get_content())
    done = client.assess("verify", str(path))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all as it was made" in done.stdout
