"""What ``assess run --engine celery`` and ``assess worker`` need, and say when it is not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from assessor.evidence.signing import SigningKey
from tests.end_to_end.assess import assess, environment

ENGINE = """\
language: en
engine:
  broker: {url: "redis://127.0.0.1:1/0"}
  sites: {bakker: {key: bakker.pub.pem}}
targets:
  - {name: here, role: server, transport: local}
  - {name: web01, role: server, site: SITE}
"""
# As where the extra is not installed: Python finds no such module.
WITHOUT_CELERY = """
import sys
sys.modules["celery"] = None
sys.argv = ["assess", *sys.argv[1:]]
from assessor.cli.app import main
main()
"""


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "bakker.pub.pem").write_text(SigningKey.new().public.pem)
    (tmp_path / "assessment.yaml").write_text(ENGINE.replace("SITE", "bakker"))
    return tmp_path


def _refused(folder: Path, *words: str) -> str:
    done = assess(folder, *words, XDG_CONFIG_HOME=str(folder / "config"))
    assert done.returncode == 2, done.stderr
    assert not (folder / "runs").exists(), "nothing was begun"
    return done.stderr


def test_orders_are_signed_or_not_given(folder: Path) -> None:
    told = _refused(folder, "run")
    assert "orders to workers are signed, and there is no key" in told
    assert "assess key new" in told
    assert "there is no key" in _refused(folder, "collect")


def test_a_site_without_a_worker_is_named(folder: Path) -> None:
    (folder / "assessment.yaml").write_text(ENGINE.replace("SITE", "slager"))
    told = _refused(folder, "run", "--engine", "celery")
    assert "'web01' is at the site 'slager', which has no worker" in told


def test_a_key_that_is_none_is_refused(folder: Path) -> None:
    (folder / "bakker.pub.pem").write_text("no key")
    assert "this is no public key" in _refused(folder, "run")


def test_an_engine_that_the_settings_do_not_have_is_refused(tmp_path: Path) -> None:
    assert "the settings name no engine" in _refused(tmp_path, "run", "--engine", "celery")


def test_without_celery_it_says_what_to_install(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_CELERY, "run"],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 2
    assert "workers need Celery" in done.stderr
    assert "pip install 'celery[redis]" in done.stderr


def test_help_does_not_wait_for_celery() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "assessor", "worker", "--help"],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )
    assert "worker.yaml" in done.stdout
    assert "celery" not in {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
