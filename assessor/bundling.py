"""Stamping, bundling and verifying runs: joins the evidence with the judging, as ``pipeline`` does.

Nothing here touches a network.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography import x509

from assessor import bundled, concluding, pipeline, reporting
from assessor.collect.timestamping import ask_for_stamp
from assessor.errors import EvidenceError
from assessor.evidence.bundle import OpenedBundle, make_bundle, open_bundle
from assessor.evidence.codec import encode
from assessor.evidence.keyring_store import KeyStore
from assessor.evidence.manifest import SIGNED, seal, sealed_names, verify
from assessor.evidence.seals import NAME, STAMP, manifest_digest
from assessor.evidence.signing import PublicKey, SigningKey
from assessor.evidence.store import RunFolder
from assessor.evidence.timestamp import Stamp, StampRequest, check_stamp, read_authorities
from assessor.inputs.reporting import load_report_settings
from assessor.model.assessment import Stamping
from assessor.model.language import Language, LanguageTag
from assessor.model.report_settings import Audience
from assessor.model.run import RunResult
from assessor.report.pseudonyms import cover_of
from assessor.reporting import Telling
from assessor.retrospect import past_of


def stamp(run: RunFolder, stamping: Stamping) -> Stamp:
    """Has the time of a finished run stamped, and keeps the stamp beside its manifest.

    Raises:
        EvidenceError: the authority gave none that can be verified; the run stays as it is.
    """
    manifest = (run.path / NAME).read_bytes()
    request = StampRequest.over(manifest)
    roots = authorities(stamping.ca_file)
    answer = ask_for_stamp(stamping.url, request.raw)
    found = check_stamp(answer, {request.digest.hex()}, roots, request.nonce)
    run.write_bytes(STAMP, answer)
    return found


def authorities(path: Path) -> list[x509.Certificate]:
    """The certificates of time stamp authorities in a file; raises ``EvidenceError``."""
    try:
        return read_authorities(path.read_bytes())
    except OSError as error:
        raise EvidenceError(f"{path}: {error.strerror}") from None


def bundle_of(run: RunFolder, key: SigningKey | None, name: str, telling: Telling) -> bytes:
    """The bundle of ``run``, with its reports.

    Args:
        run: a finished run.
        key: signs it.
        name: the key's name in the store, for the record of the keys before it.
        telling: which reports; they are written anew.

    Raises:
        EvidenceError: the run was not finished or is damaged.
        UsageError: a template of the organisation is broken, or a form cannot be written here.
    """
    checks, result = _sound(run)
    reports = reporting.tell(result, checks, telling)
    paths = reporting.write_reports(run, reports, telling.settings)
    rotations = KeyStore().rotations(name) if key is not None and name else ()
    first = next((path for path in paths if path.suffix == ".html"), paths[0])
    readme = _readme(result.facts.language, first.name)
    return make_bundle(run, paths, readme, key, rotations)


def telling_of(
    folder: Path,
    run: RunFolder,
    languages: Sequence[LanguageTag],
    audiences: Sequence[Audience] = (Audience.CLIENT,),
) -> Telling:
    """How a bundle of ``run`` tells it: to the client unless said, as the settings say.

    Raises:
        InputError: the settings of reports are wrong.
    """
    settings = load_report_settings(folder)
    return Telling(
        tuple(languages),
        replace(settings, audiences=tuple(audiences)),
        past_of(folder, run, concluding.conclude(run, pipeline.checks_of(run))).past,
    )


def _sound(run: RunFolder) -> tuple[pipeline.Checks, RunResult]:
    """Judges ``run`` again; raises ``EvidenceError`` where it is not as it was sealed."""
    faults = list(verify(run).faults)
    checks = pipeline.checks_of(run)
    result = concluding.conclude(run, checks)
    if not faults:
        faults += concluding.differences(run, result)
    if faults:
        raise EvidenceError(
            f"run {run.id} is not what it was: {'; '.join(faults[:5])}; "
            "mend: assess evaluate --save, if the checks were improved since"
        )
    return checks, result


def _readme(language: Language, report: str) -> str:
    path = bundled.folder("reports") / f"bundle.{language}.txt"
    return path.read_text(encoding="utf-8").replace("{report}", report)


def without_names(run: RunFolder, place: Path, secret: bytes, key: SigningKey | None) -> RunFolder:
    """The run as a client gets it: a pseudonym for every person's account, in all of its files.

    It is judged and sealed anew, so that it verifies like any other; its manifest says of which
    manifest it was made. Who signed an attestation stays: that is what a signature is for.

    Args:
        run: a finished run.
        place: an empty folder.
        secret: the assessment's own key; it stays at home.
        key: signs it.

    Raises:
        EvidenceError: the run is damaged, or would be judged otherwise without the names.
    """
    checks, result = _sound(run)
    cover = cover_of(result, checks.catalogue.infos, secret)
    derived = RunFolder(place / run.id)
    (derived.path / "observations").mkdir(parents=True)
    for name in sealed_names(run.path):
        # A worker's word is for the journal with the names in it.
        if name == "findings.json" or name.startswith(("observations/", "deliveries/")):
            continue
        data = (run.path / name).read_bytes()
        target = derived.path / name
        target.parent.mkdir(exist_ok=True)
        covered = name in ("plan.json", "known.json", "remembered.json")
        target.write_bytes(_covered(data, cover) if covered else data)
    for name, evidence in run.evidence().items():
        journal = derived.journal(name, evidence.at, cover)
        for stored in evidence.captures.values():
            journal.keep(stored.capture)
        if evidence.complete:
            journal.end(clock_skew_s=evidence.clock_skew_s, gap=evidence.gap)
        journal.close()
    again = concluding.conclude(derived, checks)
    if _outcomes(again) != _outcomes(result):
        raise EvidenceError(
            f"run {run.id}: without people's names it would be judged otherwise; "
            "mend: assess bundle --names"
        )
    derived.write("findings.json", concluding.conclusions(again))
    seal(derived, again.facts, concluding.concluded(again, manifest_digest(run)), key)
    if (run.path / STAMP).exists():
        # It is over the manifest that this one names as the one that it was made of.
        derived.write_bytes(STAMP, (run.path / STAMP).read_bytes())
    return derived


def _covered(data: bytes, cover: Callable[[str], str]) -> bytes:
    def each(value: Any) -> Any:
        if isinstance(value, str):
            return cover(value)
        if isinstance(value, list):
            return [each(item) for item in value]
        if isinstance(value, dict):
            return {cover(name): each(item) for name, item in value.items()}
        return value

    return (json.dumps(each(json.loads(data)), ensure_ascii=False) + "\n").encode()


def _outcomes(result: RunResult) -> list[tuple[str, str, str, str]]:
    return [
        (one.target, one.check, one.measure, one.judgement.outcome.value) for one in result.findings
    ]


@dataclass(frozen=True, slots=True)
class Verified:
    """What came out of verifying a bundle.

    Attributes:
        bundle: is in every bit as it was written.
        faults: what does not follow from the rest; empty where all holds.
        other_versions: checks that judge in another version here than they did then, so that
            their findings could not be reached again.
        previous: the digest of the manifest of the run before; empty for the first.
        digests: of this run's manifest, and of the one that it was made of.
        stamp: when the run was finished by somebody else's clock, where authorities were given.
        stamped: there is a time stamp in it, verified or not.
    """

    bundle: OpenedBundle
    faults: tuple[str, ...]
    other_versions: tuple[str, ...]
    organisation: str
    previous: str
    digests: frozenset[str]
    stamp: Stamp | None = None
    stamped: bool = False


def verify_bundle(
    path: Path,
    trusted: PublicKey | None,
    folders: Sequence[Path] = (),
    roots: Sequence[x509.Certificate] = (),
) -> Verified:
    """Verifies a bundle from end to end: bits, signature, chains, and the findings themselves.

    Args:
        path: the bundle.
        trusted: the key of the company, had from elsewhere.
        folders: of further checks.
        roots: the time stamp authorities that are trusted; a stamp is left alone without them.

    Raises:
        EvidenceError: something was changed, or the signature is false.
    """
    bundle = open_bundle(path, trusted)
    with tempfile.TemporaryDirectory(prefix="assess-verify-") as place:
        run = bundle.unfold(Path(place))
        faults = [*verify(run).faults]
        if bundle.key is not None and f"run/{SIGNED}" not in bundle.files:
            faults.append("run: was not signed when it was made")
        facts = run.facts()
        checks = pipeline.checks_of(run, folders)
        result = concluding.conclude(run, checks)
        infos = checks.catalogue.infos
        stored = run.conclusions()
        then = {each.check: each.check_version for each in stored.findings} if stored else {}
        others = tuple(
            f"{check}: version {version} then, {infos[check].version if check in infos else 'none'}"
            " here"
            for check, version in sorted(then.items())
            if check not in infos or infos[check].version != version
        )
        changed = {line.split(":")[0] for line in others}
        faults += [
            f"findings.json: {line}"
            for line in concluding.differences(run, result)
            if line.split(": ")[1] not in changed
        ]
        if not faults and not others and encode(concluding.conclusions(result)) != encode(stored):
            faults.append("findings.json: the verdicts on the promises do not follow")
        manifest = json.loads((run.path / NAME).read_bytes())
        digests = {manifest_digest(run), str(manifest["predicate"].get("derived_from", ""))}
    answer = bundle.files.get(f"run/{STAMP}")
    stamped = None
    if answer is not None and roots:
        try:
            stamped = check_stamp(answer, digests - {""}, list(roots))
        except EvidenceError as error:
            faults.append(f"{STAMP}: {error}")
    return Verified(
        bundle,
        tuple(faults),
        others,
        facts.organisation,
        facts.previous,
        frozenset(digests - {""}),
        stamped,
        answer is not None,
    )
