"""A client gets a bundle and verifies it: with assess, and with openssl by the page in docs."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.assess import ROOT, assess, last_run
from tests.end_to_end.inventory import ssh_entry, write_assessment
from tests.lab.sshd import SshLab
from tests.lab.tsa import Authority, authority

WORD = "vier woorden zonder verband"


@pytest.fixture(name="tsa", scope="module")
def _tsa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    with authority(tmp_path_factory.mktemp("tsa")) as lab:
        yield lab


@pytest.fixture(name="client", scope="module")
def _client(tmp_path_factory: pytest.TempPathFactory, ssh_lab: SshLab, tsa: Authority) -> Path:
    """A client's folder with two runs that were signed and stamped."""
    folder = tmp_path_factory.mktemp("client")
    write_assessment(
        folder,
        [ssh_entry("web", ssh_lab.host("dash"))],
        organisation="Bakker ICT",
        timestamp={"url": tsa.url, "ca_file": str(tsa.root)},
    )
    done = home(folder, "key", "new", "--store", "file")
    assert done.returncode == 0, done.stderr
    for _ in range(2):
        assert home(folder, "run", "-q").returncode in {0, 1, 3}
    return folder


def home(
    folder: Path, *words: str, config: str = "config", **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs ``assess`` with keys of its own."""
    variables = {"XDG_CONFIG_HOME": str(folder / config), "ASSESS_KEY_PASSPHRASE": WORD, **more}
    return assess(folder, *words, **variables)


def bundle(client: Path, folder: Path) -> Path:
    """The bundle of the last run, and the company's public key beside it."""
    path = folder / "bundle.zip"
    done = home(client, "bundle", "-o", str(path))
    assert done.returncode == 0, done.stderr
    (folder / "company.pub.pem").write_text(home(client, "key", "export").stdout)
    return path


def test_a_client_verifies_what_was_handed_over(client: Path, tmp_path: Path) -> None:
    path = bundle(client, tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    told = home(elsewhere, "verify", str(path), "--key", str(tmp_path / "company.pub.pem"))
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Signed by the key that you trust" in told.stdout
    assert "all as it was made" in told.stdout

    untold = home(elsewhere, "verify", str(path))
    assert untold.returncode == 0
    assert "assess key pin" in untold.stderr

    pin = home(elsewhere, "key", "pin", str(tmp_path / "company.pub.pem"), "Bakker ICT")
    assert pin.returncode == 0
    assert "that you trust" in home(elsewhere, "verify", str(path)).stdout


def test_it_holds_the_clients_report_and_the_other_one_only_when_asked(
    client: Path, tmp_path: Path
) -> None:
    def inside(*words: str) -> tuple[set[str], str]:
        path = tmp_path / "asked.zip"
        done = home(client, "bundle", "-o", str(path), *words)
        assert done.returncode == 0, done.stderr
        assert home(tmp_path, "verify", str(path)).returncode == 0
        with zipfile.ZipFile(path) as archive:
            names = {name for name in archive.namelist() if name.startswith("reports/")}
            return names, archive.read("README.txt").decode()

    names, readme = inside()
    assert names == {"reports/report.en.client.html", "reports/report.en.client.json"}
    assert "open report.en.client.html in a browser" in readme

    names, readme = inside("--audience", "internal,client", "--lang", "nl,en")
    assert names == {
        f"reports/report.{language}{audience}.{form}"
        for language in ("nl", "en")
        for audience in ("", ".client")
        for form in ("html", "json")
    }
    assert "open report.nl.html in a browser" in readme


def test_the_time_is_somebody_elses_word(client: Path, tmp_path: Path, tsa: Authority) -> None:
    path = bundle(client, tmp_path)
    untold = home(tmp_path, "verify", str(path))
    assert "--tsa-ca" in untold.stderr
    told = home(tmp_path, "verify", str(path), "--tsa-ca", str(tsa.root))
    assert told.returncode == 0, told.stdout
    assert "CN=Lab time authority" in told.stdout
    assert "An independent time stamp" in (last_run(client) / "report.en.html").read_text()


def test_without_an_authority_the_run_is_whole_and_says_so(client: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone"
    shutil.copytree(client, alone)
    settings = alone / "assessment.yaml"
    settings.write_text(
        re.sub(r"http://127\.0\.0\.1:\d+/", "http://127.0.0.1:9/", settings.read_text())
    )
    done = home(alone, "run", "-q")
    assert done.returncode in {0, 1, 3}
    assert "no time stamp" in done.stderr
    assert home(alone, "verify").returncode == 0
    assert "those of the machine that measured" in (last_run(alone) / "report.en.html").read_text()


def test_a_bundle_of_somebody_else_is_refused_where_a_key_is_pinned(
    client: Path, tmp_path: Path
) -> None:
    stranger = tmp_path / "stranger"
    shutil.copytree(client, stranger)
    shutil.rmtree(stranger / "config")
    assert home(stranger, "key", "new", "--store", "file").returncode == 0
    assert home(stranger, "run", "-q").returncode in {0, 1, 3}
    path = tmp_path / "theirs.zip"
    assert home(stranger, "bundle", "-o", str(path)).returncode == 0
    bundle(client, tmp_path)

    told = home(tmp_path, "verify", str(path), "--key", str(tmp_path / "company.pub.pem"))

    assert told.returncode == 1
    assert "another key" in told.stdout


def test_a_finding_that_does_not_follow_is_found_out(client: Path, tmp_path: Path) -> None:
    """Whoever holds the key can sign anything, but not make it follow from the evidence."""
    forged = tmp_path / "forged"
    shutil.copytree(client, forged)
    findings = last_run(forged) / "findings.json"
    text = findings.read_text()
    assert '"outcome": "fail"' in text
    findings.write_text(text.replace('"outcome": "fail"', '"outcome": "pass"', 1))
    assert "DIFFERS" in home(forged, "verify").stdout

    # Sealed anew by the company itself, so that every hash and signature is good.
    from datetime import UTC, datetime

    from assessor.evidence.bundle import make_bundle
    from assessor.evidence.keyring_store import KeyStore
    from assessor.evidence.manifest import Concluded, seal
    from assessor.evidence.store import RunFolder

    run = RunFolder(last_run(forged))
    key = KeyStore(forged / "config" / "assess" / "keys").load("default", lambda: WORD)
    seal(run, run.facts(), Concluded(datetime.now(UTC), {}), key)
    assert home(forged, "verify").returncode == 0
    path = tmp_path / "forged.zip"
    assert "is not what it was" in home(forged, "bundle", "-o", str(path)).stderr
    path.write_bytes(make_bundle(run, [], "", key))

    told = home(tmp_path, "verify", str(path))

    assert told.returncode == 1
    assert re.search(r"DIFFERS  findings.json: web: \w+: [a-z-]+: pass .* is now fail", told.stdout)


def test_the_clients_version_names_nobody_and_still_verifies(client: Path, tmp_path: Path) -> None:
    path = bundle(client, tmp_path)
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name).decode(errors="replace") for name in archive.namelist()}
    named = tmp_path / "named.zip"
    assert home(client, "bundle", "--names", "-o", str(named)).returncode == 0
    with zipfile.ZipFile(named) as archive:
        findings = archive.read("run/findings.json").decode()
    administrators = set(re.findall(r'"administrators": \["([^"]+)"', findings)) - {"root"}
    for name in administrators:
        for place, text in files.items():
            assert not re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", text), (name, place)
    assert "derived_from" in files["run/manifest.json"]
    assert home(tmp_path, "verify", str(path)).returncode == 0


def test_runs_that_follow_each_other(client: Path, tmp_path: Path) -> None:
    first, second = sorted((client / "runs").iterdir())
    for number, run in enumerate((first, second)):
        done = home(client, "bundle", run.name, "-o", str(tmp_path / f"{number}.zip"))
        assert done.returncode == 0, done.stderr
    zero, one = str(tmp_path / "0.zip"), str(tmp_path / "1.zip")
    assert home(tmp_path, "verify", one, "--after", zero).returncode == 0
    out_of_order = home(tmp_path, "verify", zero, "--after", one)
    assert out_of_order.returncode == 1
    assert "not that of" in out_of_order.stdout

    gone = tmp_path / "gone"
    shutil.copytree(client, gone)
    shutil.rmtree(gone / "runs" / first.name)
    told = home(gone, "verify")
    assert told.returncode == 1
    assert "the run before it is not here" in told.stdout


def test_a_bundle_needs_a_key_or_the_word_that_it_has_none(client: Path, tmp_path: Path) -> None:
    refused = home(client, "bundle", "-o", str(tmp_path / "x.zip"), config="nothing")
    assert refused.returncode == 2
    assert "assess key new" in refused.stderr
    path = tmp_path / "unsigned.zip"
    assert home(client, "bundle", "--unsigned", "-o", str(path), config="nothing").returncode == 0
    told = home(tmp_path, "verify", str(path))
    assert told.returncode == 0
    assert "anybody could have made it" in told.stderr
    named = str(tmp_path / "named.zip")
    done = home(client, "bundle", "--unsigned", "--names", "-o", named, config="nothing")
    assert done.returncode == 0
    told = home(tmp_path, "verify", named)
    assert told.returncode == 1, "the run inside is signed, and the bundle around it is not"


def test_what_is_held_can_be_looked_for_and_is_deleted_after_its_time(
    client: Path, tmp_path: Path
) -> None:
    old = tmp_path / "old"
    shutil.copytree(client, old)
    hits = home(old, "evidence", "grep", "root")
    assert hits.returncode == 0, hits.stderr
    assert all(line.startswith("2") for line in hits.stdout.splitlines())
    assert home(old, "evidence", "grep", "no such words anywhere").returncode == 1
    assert home(old, "evidence", "purge", "--older-than", "soon").returncode == 2

    kept = home(old, "evidence", "purge", "--older-than", "1d")
    assert "No run is older" in kept.stderr
    run = last_run(old)
    facts = run / "run.json"
    facts.write_text(facts.read_text().replace('"started_at": "2', '"started_at": "1'))
    refused = home(old, "evidence", "purge", "--older-than", "1d", "--dry-run")
    assert "would be deleted" in refused.stdout
    assert list((run / "observations").glob("*.jsonl"))
    assert home(old, "evidence", "purge", "--older-than", "1d").returncode == 0
    assert not list((run / "observations").glob("*"))
    again = home(old, "evaluate")
    assert again.returncode == 3
    assert "were deleted" in again.stderr


def test_a_wrong_passphrase_is_told_and_shows_nothing(client: Path) -> None:
    done = home(client, "bundle", ASSESS_KEY_PASSPHRASE="een heel ander woord")
    assert done.returncode == 2
    assert "does not open" in done.stderr
    assert "een heel ander woord" not in done.stdout + done.stderr


@pytest.mark.skipif(shutil.which("unzip") is None, reason="needs unzip (apt-get install unzip)")
def test_the_page_for_those_who_trust_nobody_does_what_it_says(
    client: Path, tmp_path: Path
) -> None:
    path = bundle(client, tmp_path)
    page = (ROOT / "docs" / "verify.md").read_text(encoding="utf-8")
    script = "set -e\n" + "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))

    def run() -> subprocess.CompletedProcess[str]:
        shutil.rmtree(tmp_path / "bundle", ignore_errors=True)
        return subprocess.run(
            ["sh"], input=script, cwd=tmp_path, capture_output=True, text=True, timeout=60
        )

    done = run()
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout
    assert "every file is as it was signed" in done.stdout
    assert "and there is no other" in done.stdout
    lines = done.stdout.splitlines()
    heads = [line.split()[0] for line in lines if re.fullmatch(r"[0-9a-f]{64}(  -)?", line)]
    assert heads[-1] == heads[-2], "the second line of a journal holds the hash of the first"

    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"Bakker ICT", b"Backer ICT", 1))
    assert run().returncode != 0
