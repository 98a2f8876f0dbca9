"""A bundle cannot be changed by a single bit unseen, and a strange archive is refused."""

from __future__ import annotations

import io
import json
import random
import stat
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor.errors import EvidenceError, UsageError
from assessor.evidence.archive import packed, unpacked
from assessor.evidence.bundle import ENVELOPE, PLAIN, make_bundle, open_bundle
from assessor.evidence.keyring_store import KeyStore, followed, read_rotations
from assessor.evidence.manifest import Concluded, seal, signer, verify
from assessor.evidence.signing import PublicKey, SigningKey, canonical, opened
from assessor.evidence.store import RunFolder
from assessor.model.evidence import RunFacts
from assessor.model.keys import Place
from assessor.model.language import Language
from assessor.model.plan import Plan

AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
FACTS = RunFacts("20261101T093000Z-4f2a", "0.1.0", "mkb", "Bakker", "", Language.NL, AT, "here")
KEY, OTHER = SigningKey.new(), SigningKey.new()
WORD = "vier woorden zonder verband"


def finished(folder: Path, key: SigningKey | None) -> RunFolder:
    """A small run that was finished and signed."""
    run = RunFolder(folder / "runs" / FACTS.id)
    run.create(FACTS, Plan(()))
    run.write_bytes("statement.raw", b"Wij maken reservekopieen.")
    journal = run.journal("web01", AT, str)
    journal.end(clock_skew_s=None, gap=None)
    run.write("findings.json", {"findings": []})
    seal(run, FACTS, Concluded(AT, {"host_firewall": 3}), key)
    run.write_bytes("report.nl.html", b"<html>rapport</html>")
    return run


def bundle(folder: Path, key: SigningKey | None = KEY, **more: object) -> Path:
    """The bundle of such a run."""
    run = finished(folder, key)
    report = run.path / "report.nl.html"
    path = folder / "run.assess.zip"
    path.write_bytes(make_bundle(run, [report], "Lees mij.", key, **more))  # type: ignore[arg-type]
    return path


def test_a_bundle_opens_for_the_one_who_knows_the_key(tmp_path: Path) -> None:
    found = open_bundle(bundle(tmp_path), KEY.public)
    assert (found.run, found.key, found.trusted) == (FACTS.id, KEY.public, True)
    assert found.files["reports/report.nl.html"] == b"<html>rapport</html>"
    again = found.unfold(tmp_path / "again")
    assert verify(again).faults == ()
    assert signer(again, [KEY.public]) == KEY.public.name


def test_a_bundle_of_another_hand_is_told(tmp_path: Path) -> None:
    assert open_bundle(bundle(tmp_path), OTHER.public).trusted is False
    assert open_bundle(tmp_path / "run.assess.zip").trusted is None


def test_a_bundle_without_a_key_says_so(tmp_path: Path) -> None:
    found = open_bundle(bundle(tmp_path, None), KEY.public)
    assert (found.key, found.trusted) == (None, False)


def test_the_same_run_gives_the_same_bundle(tmp_path: Path) -> None:
    first = bundle(tmp_path).read_bytes()
    run = RunFolder(tmp_path / "runs" / FACTS.id)
    assert make_bundle(run, [run.path / "report.nl.html"], "Lees mij.", KEY) == first


@pytest.mark.parametrize("part", range(4))
def test_every_single_byte_counts(tmp_path: Path, part: int) -> None:
    path = bundle(tmp_path)
    raw = path.read_bytes()
    chance = random.Random(part)
    for at in range(part, len(raw), 4):
        flipped = bytearray(raw)
        flipped[at] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        try:
            found = open_bundle(path, KEY.public)
        except EvidenceError:
            continue
        # Only the key itself could be another's, and then it is not the one that was asked for.
        assert found.trusted is False, at


def repacked(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Packs a bundle again after a change, as somebody who knows how would."""
    files = dict(unpacked(path))
    change(files)
    path.write_bytes(packed(files))


ACTS: dict[str, Callable[[dict[str, bytes]], object]] = {
    "changed": lambda files: files.update({"run/findings.json": b"{}"}),
    "added": lambda files: files.update({"run/extra.json": b"{}"}),
    "removed": lambda files: files.pop("run/statement.raw"),
    "renamed": lambda files: files.update({"run/statement.bak": files.pop("run/statement.raw")}),
    "signature taken away": lambda files: files.pop(ENVELOPE),
    "two lists": lambda files: files.update({PLAIN: b"{}"}),
    "public key of another": lambda files: files.update(
        {"key/public.pem": OTHER.public.pem.encode()}
    ),
    "list of another": lambda files: files.update({ENVELOPE: OTHER.envelope(b"{}")}),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_whoever_packs_it_again_is_found_out(
    tmp_path: Path, act: Callable[[dict[str, bytes]], object]
) -> None:
    path = bundle(tmp_path)
    repacked(path, act)
    with pytest.raises(EvidenceError):
        open_bundle(path, KEY.public)


def test_a_bundle_made_anew_by_another_is_not_trusted(tmp_path: Path) -> None:
    path = bundle(tmp_path)

    def sign_anew(files: dict[str, bytes]) -> None:
        payload = opened(files[ENVELOPE], ()).payload
        statement = json.loads(payload)
        pem = OTHER.public.pem.encode()
        files["key/public.pem"] = pem
        for one in statement["subject"]:
            if one["name"] == "key/public.pem":
                import hashlib

                one["digest"]["sha256"] = hashlib.sha256(pem).hexdigest()
        files[ENVELOPE] = OTHER.envelope(canonical(statement))

    repacked(path, sign_anew)
    # The run inside was signed by the first hand, and the new one cannot do that again.
    with pytest.raises(EvidenceError, match="another key"):
        open_bundle(path, KEY.public)


def strange(name: str = "run/run.json", **more: object) -> bytes:
    """A zip with one strange entry."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        info.create_system = 3
        info.external_attr = (int(str(more.get("mode", stat.S_IFREG | 0o644)))) << 16
        info.compress_type = int(str(more.get("compress", zipfile.ZIP_STORED)))
        archive.writestr(info, more.get("data", b"x"))  # type: ignore[arg-type]
        if more.get("twice"):
            archive.writestr(info, b"y")
        archive.comment = bytes(str(more.get("comment", "")), "ascii")
    return stream.getvalue()


STRANGE = {
    "climbs out": strange("../run.json"),
    "climbs out within": strange("run/../../x"),
    "from the root": strange("/etc/passwd"),
    "backslashes": strange("run\\..\\x"),
    "hidden": strange(".ssh"),
    "a link": strange(mode=stat.S_IFLNK | 0o777, data=b"/etc/passwd"),
    "a device": strange(mode=stat.S_IFBLK | 0o644),
    "a bomb": strange(data=b"\0" * 50_000_000, compress=zipfile.ZIP_DEFLATED),
    "a comment": strange(comment="hello"),
    "no zip": b"PK\x03\x04 and no more",
    "empty": b"",
    "something before": b"#!/bin/sh\n" + strange(),
    "something behind": strange() + b"more",
}


@pytest.mark.parametrize("raw", STRANGE.values(), ids=STRANGE)
def test_a_strange_archive_is_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "strange.zip"
    path.write_bytes(raw)
    with pytest.raises(EvidenceError):
        open_bundle(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_in_there_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "strange.zip"
    path.write_bytes(strange(twice=True))
    with pytest.raises(EvidenceError, match="twice"):
        open_bundle(path)


def test_an_archive_is_what_any_zip_programme_opens(tmp_path: Path) -> None:
    with zipfile.ZipFile(bundle(tmp_path)) as archive:
        assert archive.testzip() is None
        assert "README.txt" in archive.namelist()


# -- keys ----------------------------------------------------------------------------------


def store(folder: Path) -> KeyStore:
    """A store of keys in files."""
    return KeyStore(folder / "keys")


def test_a_key_is_kept_for_the_one_with_the_passphrase(tmp_path: Path) -> None:
    keys = store(tmp_path)
    public = keys.new("default", Place.FILE, lambda: WORD)
    assert keys.names() == ("default",)
    assert keys.load("default", lambda: WORD).public == public
    private = keys.folder / "default.key.pem"
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in private.read_bytes()
    with pytest.raises(UsageError, match="passphrase"):
        keys.load("default", lambda: "another word altogether")
    with pytest.raises(UsageError, match="already"):
        keys.new("default", Place.FILE, lambda: WORD)
    with pytest.raises(UsageError, match="shorter"):
        keys.new("other", Place.FILE, lambda: "kort")
    with pytest.raises(UsageError, match="no name"):
        keys.new("../x", Place.FILE, lambda: WORD)
    with pytest.raises(UsageError, match="assess key new"):
        keys.load("missing", lambda: WORD)


def test_a_replaced_key_is_vouched_for_by_the_one_before(tmp_path: Path) -> None:
    keys = store(tmp_path)
    first = keys.new("default", Place.FILE, lambda: WORD)
    for month in ("2026-01", "2026-06"):
        keys.rotate("default", month, lambda: WORD, lambda: WORD)
    second, third = (each.new for each in keys.rotations("default"))
    assert keys.public("default") == third
    assert followed(first, keys.rotations("default")) == (first, second, third)
    assert followed(second, keys.rotations("default")) == (second, third)
    stranger = OTHER.public
    assert followed(stranger, keys.rotations("default")) == (stranger,)


def test_a_false_word_of_a_key_is_refused(tmp_path: Path) -> None:
    keys = store(tmp_path)
    first = keys.new("default", Place.FILE, lambda: WORD)
    keys.rotate("default", "2026-01", lambda: WORD, lambda: WORD)
    path = keys.folder / "default.rotations.json"
    (envelope,) = json.loads(path.read_bytes())
    said = json.loads(
        opened(canonical(envelope), (), "application/vnd.assess.rotation+json").payload
    )
    said["new"] = OTHER.public.pem
    forged = json.loads(OTHER.envelope(canonical(said), "application/vnd.assess.rotation+json"))
    envelope["payload"] = forged["payload"]
    with pytest.raises(EvidenceError, match="false"):
        followed(first, read_rotations(canonical([envelope])))


def test_a_bundle_after_a_rotation_is_trusted_through_the_old_key(tmp_path: Path) -> None:
    keys = store(tmp_path)
    first = keys.new("default", Place.FILE, lambda: WORD)
    run = finished(tmp_path, keys.load("default", lambda: WORD))
    keys.rotate("default", "2026-06", lambda: WORD, lambda: WORD)
    new = keys.load("default", lambda: WORD)
    path = tmp_path / "b.assess.zip"
    path.write_bytes(make_bundle(run, [], "x", new, keys.rotations("default")))
    assert open_bundle(path, first).trusted is True
    assert open_bundle(path, new.public).trusted is True
    assert open_bundle(path, OTHER.public).trusted is False


@pytest.mark.parametrize(
    "text", ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"]
)
def test_what_is_no_key_is_told(text: str) -> None:
    with pytest.raises(EvidenceError):
        PublicKey.from_pem(text)


def test_no_secret_shows_in_a_repr() -> None:
    assert repr(KEY) == f"SigningKey({KEY.public.name[:16]})"
