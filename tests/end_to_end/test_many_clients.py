"""``assess run --all``: many clients; one has broken settings, and one a name full of HTML."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.end_to_end.assess import assess, last_run
from tests.end_to_end.inventory import ssh_entry, write_assessment
from tests.lab.sshd import SshLab

STRANGE = '<script>alert("x")</script> & Zn.'


@pytest.fixture(name="root", scope="module")
def _root(tmp_path_factory: pytest.TempPathFactory, ssh_lab: SshLab) -> Path:
    root = tmp_path_factory.mktemp("klanten")
    entry = ssh_entry("web", ssh_lab.host("dash"))
    write_assessment(root / "bakker", [entry], organisation="Bakker ICT")
    write_assessment(root / "groep" / "slager", [entry], organisation=STRANGE)
    broken = root / "broken"
    broken.mkdir()
    (broken / "assessment.yaml").write_text("targets: [{name: x, role: nonsense}]\n")
    # A run's folder is no client, and what a link leads to is somebody else's.
    (root / "link").symlink_to(root / "bakker")
    return root


def test_every_client_is_run_and_one_page_tells_of_all(root: Path) -> None:
    done = assess(root, "run", "--all", ".", "--lang", "en", "--clients", "2")

    assert done.returncode == 2, "the worst of them: settings that are wrong"
    for folder in ("bakker", "groep/slager"):
        assert (last_run(root / folder) / "report.en.html").exists()
    assert not (root / "broken" / "runs").exists()
    assert done.stderr.count("exit ") == 3
    page = (root / "clients.en.html").read_text(encoding="utf-8")
    assert "Bakker ICT" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "settings are wrong" in page
    assert f"bakker/runs/{last_run(root / 'bakker').name}/report.en.html" in page


def test_a_root_without_clients_is_told(tmp_path: Path) -> None:
    done = assess(tmp_path, "run", "--all", ".")
    assert done.returncode == 2
    assert "no assessments beneath it" in done.stderr
    refused = assess(tmp_path, "run", "--all", ".", "--resume")
    assert refused.returncode == 2
    assert "as its own settings say" in refused.stderr


def test_the_words_of_the_page_are_there_in_both_languages() -> None:
    from assessor import bundled

    words = yaml.safe_load((bundled.folder("reports") / "clients.yaml").read_text("utf-8"))
    assert set(words) == {"nl", "en"}
    assert set(words["nl"]) == set(words["en"])
