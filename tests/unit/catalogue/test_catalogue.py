"""Check folders: found without importing, and every fault is named."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from assessor.catalogue.catalogue import Catalogue, read_catalogue
from assessor.catalogue.loader import load
from assessor.catalogue.manifest import read_check
from assessor.catalogue.samples import judge_sample, read_samples
from assessor.catalogue.scaffold import write_check
from assessor.catalogue.sources import Source, directory, packages
from assessor.errors import CheckError, InputError, UsageError

MEASURES = frozenset({"patching", "firewall"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_check(tmp_path, "my_check", "patching", MEASURES)
    return tmp_path / "my_check"


def catalogue(*roots: Path) -> Catalogue:
    return read_catalogue([Source(str(root), root) for root in roots], MEASURES)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_new_check_is_whole_and_passes_its_own_sample(folder: Path) -> None:
    found = catalogue(folder.parent)
    assert found.broken == {}
    info = found.infos["my_check"]
    (sample,) = read_samples(info)
    check, texts = found.check("my_check"), found.texts()["my_check"]
    assert judge_sample(info, check, texts, sample) == []


def test_a_sample_that_is_judged_otherwise_is_a_fault(folder: Path) -> None:
    edit(folder / "samples/new_enough/expected.yaml", "outcome: pass", "outcome: fail")
    found = catalogue(folder.parent)
    (sample,) = read_samples(found.infos["my_check"])
    faults = judge_sample(
        found.infos["my_check"], found.check("my_check"), found.texts()["my_check"], sample
    )
    assert len(faults) == 1
    assert "outcome is pass, expected fail" in faults[0]


def test_reading_the_catalogue_imports_nothing(folder: Path) -> None:
    (folder / "check.py").write_text("raise SystemExit('imported')\n")
    assert "my_check" in catalogue(folder.parent).infos


def test_a_check_is_read_when_it_is_asked_for(folder: Path) -> None:
    other = write_check(folder.parent, "another", "patching", MEASURES)[0].parent
    found = catalogue(folder.parent)
    (other / "check.yaml").unlink()
    named = found.among(["my_check", "absent"])

    assert list(named.infos) == list(named.texts()) == ["my_check"]
    assert named.broken == {}
    assert list(found.parameters()) == ["another", "my_check"]
    assert found.parameters()["my_check"] == named.infos["my_check"].parameters
    assert "absent" not in found.parameters()
    (other / "check.yaml").write_text("broken")
    assert list(found.infos) == ["my_check"]
    assert list(found.broken) == ["another"]
    assert found.parameters()["another"] is None


def test_a_check_is_read_once(folder: Path) -> None:
    found = catalogue(folder.parent)
    info = found.among(["my_check"]).infos["my_check"]
    shutil.rmtree(folder)

    assert found.infos["my_check"] is info


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("check.yaml", "id: my_check", "id: other", "not the folder's name"),
        ("check.yaml", "[patching]", "[patchin]", "unknown measure 'patchin'"),
        ("check.yaml", "severity: medium ", "severity: awful ", "severity"),
        ("check.yaml", "script: linux_release.sh", "script: ../x.sh", "is not there"),
        ("check.yaml", "script: linux_release.sh", "command: cat /x", "absolute path"),
        ("check.yaml", "script: linux_release.sh", "command: /bin/cat /x; id", "no shell syntax"),
        ("check.yaml", "script: linux_release.sh", r"command: [/bin/x, 'a\b']", "plain words"),
        ("check.yaml", "script: linux_release.sh", "command: [/bin/x, 'a  b']", "single spaces"),
        ("check.yaml", "script: linux_release.sh", "command: [/bin/x, 'é']", "plain words"),
        ("check.yaml", "script: linux_release.sh", r'command: [/bin/x, "a\nb"]', "plain words"),
        ("check.yaml", "script: linux_release.sh", "command: []", "exactly one"),
        ("check.yaml", "script: linux_release.sh", "command: [/x, '{a}']", "has an option"),
        ("check.yaml", "script: linux_release.sh", "option: a, command: /bin/x", "has an option"),
        ("check.yaml", "script: linux_release.sh", "request: {kind: '{a}'}", "has an option"),
        ("check.yaml", "script: linux_release.sh", "option: a, request: {k: x}", "has an option"),
        ("check.yaml", "timeout: 5", "timeout: 5, option: A", "option"),
        ("check.yaml", "timeout: 5", "timeout: 5, privilege: sudo", "only a command"),
        ("check.yaml", "timeout: 5", "timeout: 5000", "120"),
        ("check.yaml", "timeout: 5", "timout: 5", "timout"),
        ("texts.yaml", '    too_old: "Version', '    too_young: "Version', "one language only"),
        ("texts.yaml", "Versie {version} is te oud", "Versie is te oud", "different facts"),
    ],
)
def test_a_broken_check_is_named_and_stops_nothing(
    folder: Path, file: str, old: str, new: str, says: str
) -> None:
    write_check(folder.parent, "another", "patching", MEASURES)
    edit(folder / file, old, new)
    found = catalogue(folder.parent)
    assert list(found.infos) == ["another"]
    assert says in found.broken["my_check"]
    assert str(folder) in found.broken["my_check"]


def test_a_fault_names_its_line(folder: Path) -> None:
    edit(folder / "check.yaml", "severity: medium ", "severity: awful ")
    with pytest.raises(CheckError, match=r"check\.yaml:4: severity"):
        read_check(folder, "test", MEASURES)
    (folder / "check.yaml").write_text("id: [")
    with pytest.raises(InputError, match="not valid YAML"):
        read_check(folder, "test", MEASURES)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("1/0", "ZeroDivisionError"),
        ("import no_such_module", "no_such_module"),
        ("def (", "SyntaxError"),
        ("CHECK = 3", "defines no CHECK"),
        ("raise SystemExit", "SystemExit"),
    ],
)
def test_code_that_cannot_be_loaded_names_the_check(folder: Path, code: str, says: str) -> None:
    (folder / "check.py").write_text(code)
    found = catalogue(folder.parent)
    for _ in range(2):
        with pytest.raises(CheckError, match=says):
            found.check("my_check")


def test_two_folders_with_one_id_are_an_error(folder: Path, tmp_path: Path) -> None:
    write_check(tmp_path / "other", "my_check", "patching", MEASURES)
    with pytest.raises(CheckError, match="stands in"):
        catalogue(folder.parent, tmp_path / "other")
    (folder / "check.yaml").write_text("broken")
    with pytest.raises(CheckError, match="stands in"):
        catalogue(folder.parent, tmp_path / "other")


def test_modules_of_a_check_can_import_each_other(folder: Path) -> None:
    (folder / "helper.py").write_text("VALUE = 7\n")
    (folder / "check.py").write_text(
        "from assessor.api import Check\nfrom .helper import VALUE\n"
        "CHECK = Check(observe=lambda c: VALUE, evaluate=lambda o, p: [])\n"
    )
    info = read_check(folder, "test", MEASURES)
    assert load(info).observe(None) == 7  # type: ignore[arg-type]
    (folder / "helper.py").write_text("VALUE = 87654\n")
    assert load(info).observe(None) == 87654  # type: ignore[arg-type]


def test_a_package_is_found_by_its_entry_point_without_importing_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "more_checks"
    write_check(package / "checks", "extra", "patching", MEASURES)
    (package / "__init__.py").write_text("raise SystemExit('imported')\n")
    info = tmp_path / "more_checks-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: more-checks\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[assess.checks]\nmore = more_checks\n")
    monkeypatch.syspath_prepend(tmp_path)

    (source,) = packages(["more"])

    assert [path.name for path in source.check_folders()] == ["extra"]
    assert "more_checks" not in sys.modules
    with pytest.raises(CheckError, match="not installed"):
        packages(["absent"])


def test_a_folder_without_checks_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(CheckError, match="--checks"):
            directory(path)


def test_new_checks_need_a_good_id_a_known_measure_and_a_free_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no id"):
        write_check(tmp_path, "My-Check", "patching", MEASURES)
    with pytest.raises(UsageError, match="no measure"):
        write_check(tmp_path, "mine", "magic", MEASURES)
    write_check(tmp_path, "mine", "patching", MEASURES)
    with pytest.raises(CheckError, match="already"):
        write_check(tmp_path, "mine", "patching", MEASURES)
