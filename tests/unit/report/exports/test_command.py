"""``assess export``, on a run of this machine."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from assessor.report.exports.formats import Format
from tests.end_to_end.assess import PROGRAM, assess, environment, last_run
from tests.end_to_end.inventory import write_assessment
from tests.unit.report.exports.schemas import faults, xml_faults
from tests.unit.report.exports.test_hdf import read

STATEMENT = "# Privacy\n\n- Our computers have a firewall.\n- Our office has a lock.\n"
SCHEMAS = {
    Format.OSCAL: "oscal_assessment-results_schema-1.1.3.json",
    Format.SARIF: "sarif-2.1.0.json",
    Format.OCSF: "ocsf-1.5.0-compliance_finding.json",
}


@pytest.fixture(name="client", scope="module")
def _client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A client's folder with one run."""
    folder = tmp_path_factory.mktemp("client")
    here = {"name": "here", "role": "server", "transport": "local", "platform": "linux"}
    write_assessment(folder, [here], organisation="Bakker ICT", statement="s.md")
    (folder / "s.md").write_text(STATEMENT)
    done = assess(folder, "run", "-q")
    assert done.returncode in {1, 3}, done.stderr
    return folder


def exported(folder: Path, *words: str) -> str:
    done = assess(folder, "export", *words)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def everywhere(folder: Path, output: Path, *words: str) -> dict[Format, str]:
    """Every format, by one command; each text by its format."""
    wanted = [word for each in Format for word in ("--format", each.value)]
    paths = exported(folder, *wanted, "-o", str(output), *words).splitlines()
    return {
        each: Path(path).read_bytes().decode() for each, path in zip(Format, paths, strict=True)
    }


def test_every_format_of_a_real_run_fits_its_schema(client: Path, tmp_path: Path) -> None:
    texts = everywhere(client, tmp_path / "new" / "folder")

    for each in (Format.OSCAL, Format.SARIF):
        assert faults(SCHEMAS[each], json.loads(texts[each])) == []
    for line in texts[Format.OCSF].splitlines():
        assert faults(SCHEMAS[Format.OCSF], json.loads(line)) == []
    assert xml_faults("junit-10.xsd", texts[Format.JUNIT]) == []
    (controls,) = read(texts[Format.HDF])
    assert len(controls) > 10
    assert texts[Format.CSV].count("\r\n") > 10
    names = {path.name.split(".", 1)[1] for path in (tmp_path / "new" / "folder").iterdir()}
    assert names == {f"en.{each.suffix}" for each in Format}


def test_the_same_again_and_on_standard_output_to_the_byte(client: Path, tmp_path: Path) -> None:
    texts = everywhere(client, tmp_path, "--lang", "nl")
    assert texts == everywhere(client, tmp_path, "--lang", "nl")
    done = subprocess.run(
        [*PROGRAM, "export", "--format", "csv", "--lang", "nl"],
        cwd=client, env=environment(), capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout == texts[Format.CSV].encode()
    one = tmp_path / "one.csv"
    exported(client, "latest", "--format", "csv", "--lang", "nl", "-o", str(one))
    assert one.read_bytes() == done.stdout


def test_the_manifest_is_named_so_that_the_evidence_can_be_found(client: Path) -> None:
    log = json.loads(exported(client, "--format", "sarif"))["runs"][0]
    run = last_run(client)
    verified = json.loads(assess(client, "verify", "--json").stdout)

    assert verified["faults"] == []
    assert log["automationDetails"]["id"].endswith(run.name)
    digests = {
        digest
        for result in log["results"]
        for digest in result["properties"].get("evidenceSha256", ())
    }
    assert digests
    journal = (run / "observations" / "here.jsonl").read_bytes().split(b"\n")
    assert digests <= {hashlib.sha256(line).hexdigest() for line in journal}
    manifest = hashlib.sha256((run / "manifest.json").read_bytes()).hexdigest()
    assert log["properties"]["manifestSha256"] == manifest


def test_pseudonyms_have_files_of_their_own(client: Path, tmp_path: Path) -> None:
    everywhere(client, tmp_path)
    everywhere(client, tmp_path, "--pseudonyms")
    assert len(list(tmp_path.iterdir())) == 2 * len(Format)
    assert len(list(tmp_path.glob("*.en.pseudonyms.*"))) == len(Format)


def test_a_run_that_was_broken_off_says_so(client: Path, tmp_path: Path) -> None:
    folder = tmp_path / "client"
    shutil.copytree(client, folder)
    (last_run(folder) / "manifest.json").unlink()

    done = assess(folder, "export", "--format", "oscal")

    assert done.returncode == 0
    assert "broken off" in done.stderr
    assert faults(SCHEMAS[Format.OSCAL], json.loads(done.stdout)) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "oscal, sarif, junit, csv, ocsf, hdf"),
        (("--format", "csv", "--format", "hdf"), "-o FOLDER"),
        (("--format", "csv", "--format", "hdf", "-o", "s.md"), "-o FOLDER"),
        (("--format", "csv", "-o", "missing/a.csv"), "cannot write"),
        (("--format", "xlsx"), "xlsx"),
    ],
)
def test_wrong_usage_is_told_and_writes_nothing(
    client: Path, words: tuple[str, ...], said: str
) -> None:
    before = sorted(path.name for path in client.iterdir())

    done = assess(client, "export", *words)

    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert sorted(path.name for path in client.iterdir()) == before
    assert (client / "s.md").read_text() == STATEMENT


def test_a_disk_that_is_full_leaves_the_old_file_as_it_was(client: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    path.write_text("the old one")
    small = ["sh", "-c", 'ulimit -f 8; exec "$@"', "sh", *PROGRAM]  # no file over 4 KiB

    done = subprocess.run(
        [*small, "export", "--format", "oscal", "-o", str(path)],
        cwd=client, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert "cannot write" in done.stderr
    assert path.read_text() == "the old one"
    assert [each.name for each in tmp_path.iterdir()] == ["out.json"]
