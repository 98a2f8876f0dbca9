"""The client's version of a real run is searched for every word of its folder: there is none."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from assessor import concluding, pipeline
from assessor.evidence.store import RunFolder
from assessor.model.language import Language
from assessor.model.presentation import Presentation
from assessor.model.report_settings import Audience
from assessor.model.run import Reference, RunResult
from assessor.report.html import render_html
from assessor.report.texts import load_texts
from assessor.report.view import build_view
from tests import factories as make
from tests.end_to_end.assess import ROOT, assess, last_run
from tests.end_to_end.inventory import ssh_entry, write_assessment
from tests.lab.sshd import SshLab
from tests.leaks import common_text, leaks, private_words, shown, told
from tests.unit.report.whole_json import render_json

REPORTS = ROOT / "reports"
CLIENT = Presentation(audience=Audience.CLIENT)
STATEMENT = """# Privacyverklaring

Wij beschermen onze computers met een firewall. De schijven van onze servers zijn versleuteld.
Wij installeren beveiligingsupdates binnen twee weken. Inloggen op afstand kan alleen met een extra
code. Wij leggen vast wie toegang heeft. Alleen wie het nodig heeft, heeft rechten op de gegevens.
Wij maken elke nacht een back-up. Onze medewerkers hebben een geheimhoudingsverklaring getekend.
"""


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory, ssh_lab: SshLab) -> Path:
    """A client with this machine and one over SSH, of which people tell too much."""
    folder = tmp_path_factory.mktemp("bakker")
    host = ssh_lab.host("sudo")
    write_assessment(
        folder,
        [
            ssh_entry("kantoorserver-qx7", host, privilege="sudo", tags=["zolder-qx7"]),
            {"name": "hier-qx7", "role": "workstation", "transport": "local", "label": "de kassa"},
            {"name": "dicht-qx7", "role": "nas", "address": "nas-qx7.example", "port": 9,
             "platform": "dsm", "user": "beheerder-qx7", "jump": "poort-qx7@127.0.0.1:9"},
        ],
        organisation="Bakkerij Zoet",
        assessor="Koek ICT",
        language="nl",
        statement="verklaring-qx7.md",
        checks={"access_rights": {"allowed_administrators": ["baas-qx7", host.user]}},
    )  # fmt: skip
    (folder / "verklaring-qx7.md").write_text(STATEMENT, "utf-8")
    (folder / "contract-qx7.txt").write_text("signed\n")
    done = assess(
        folder, "attest", "confidentiality-agreement", "--answer", "yes", "--by", "Jo Zoet",
        "--role", "eigenaar", "--text",
        f"Getekend; staat op hier-qx7 ({host.address}), in /srv/qx7/map, bij {host.user}.",
        "--file", "contract-qx7.txt",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    done = assess(folder, "run", "-q", "--vantage", "laptop-qx7")
    assert done.returncode in {0, 1, 3}, done.stderr
    return folder


@pytest.fixture(name="run", scope="module")
def _run(folder: Path) -> tuple[RunResult, Reference]:
    run = RunFolder(last_run(folder))
    checks = pipeline.checks_of(run)
    return concluding.conclude(run, checks), checks.reference()


@pytest.mark.parametrize("language", list(Language))
def test_no_word_of_the_run_stands_in_the_clients_version(
    run: tuple[RunResult, Reference], folder: Path, language: Language
) -> None:
    result, reference = run
    texts = load_texts(REPORTS, language)
    private = private_words(result) | _stored_words(last_run(folder))
    nothing = make.make_result(plan=[], facts=result.facts)
    common = common_text(
        result,
        reference,
        [
            *texts.entries.values(),
            shown(render_html(build_view(nothing, reference, language, texts, CLIENT), REPORTS)),
            told(render_json(nothing, reference, language, texts, CLIENT)),
        ],
    )

    page = render_html(build_view(result, reference, language, texts, CLIENT), REPORTS)
    document = render_json(result, reference, language, texts, CLIENT)

    assert leaks(shown(page), private, common) == set()
    assert leaks(told(document), private, common) == set()
    assert "qx7" not in page + document
    for alias in ("de kassa", "server 1"):
        assert alias in page
    answers = {each.digest for it in result.evidence.values() for each in it.captures.values()}
    assert len(answers) > 40
    assert set(re.findall(r"\b[0-9a-f]{64}\b", document)) >= answers

    # The search finds what is there: the internal report is full of it.
    internal = render_html(build_view(result, reference, language, texts), REPORTS)
    assert len(leaks(shown(internal), private, common)) > 300
    assert internal.count("qx7") > 20


def _stored_words(run: Path) -> set[str]:
    """The names, users, addresses and paths in the plan as it is kept, by their fields."""
    plan = json.loads((run / "plan.json").read_text("utf-8"))
    found: set[str] = set()
    for each in plan["targets"]:
        target = each["target"]
        found |= {target["name"], target["address"], target["user"] or "", *target["jump"]}
        found |= {*target["identity_files"], *target["known_hosts"], *target["tags"]}
    words = yaml.safe_load((run / "words.json").read_text("utf-8"))
    found |= {file["name"] for each in words["attestations"] for file in each["files"]}
    return {word.lower() for word in found if len(word) > 2}
