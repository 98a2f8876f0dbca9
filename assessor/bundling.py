"""Signing, bundling and verifying runs: joins the evidence with the judging, as ``pipeline`` does.

Nothing here touches a network.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assessor import bundled, pipeline
from assessor.collect.secrets import SourcedSecrets
from assessor.errors import EvidenceError
from assessor.evidence.bundle import OpenedBundle, make_bundle, open_bundle
from assessor.evidence.codec import encode
from assessor.evidence.keyring_store import DEFAULT, KeyStore, Place
from assessor.evidence.manifest import SIGNED, verify
from assessor.evidence.signing import PublicKey, SigningKey
from assessor.evidence.store import RunFolder
from assessor.model.assessment import Signing
from assessor.model.statement import Language
from assessor.model.target import SecretSource

PASSPHRASE_VARIABLE = "ASSESS_KEY_PASSPHRASE"  # noqa: S105 - the name of a variable


def signing_key(signing: Signing | None, ask: Callable[[str], str | None]) -> SigningKey | None:
    """The key that signs; ``None`` where the settings name none and there is no default one.

    A default key in a file signs where its passphrase is in the environment: a run that nobody
    watches must not wait for one.

    Raises:
        UsageError: the key that is named does not exist or does not open.
    """
    keys = KeyStore()
    if signing is None:
        if not keys.has(DEFAULT):
            return None
        in_file = keys.place(DEFAULT) is Place.FILE
        if in_file and PASSPHRASE_VARIABLE not in os.environ:
            return None
        signing = Signing(DEFAULT, SecretSource("env", (PASSPHRASE_VARIABLE,)) if in_file else None)
    return keys.load(signing.key, passphrase_of(signing, ask))


def passphrase_of(signing: Signing, ask: Callable[[str], str | None]) -> Callable[[], str]:
    """Gives the passphrase when it is due: from its source, the environment, or the user."""
    source = signing.passphrase
    if source is None:
        in_environment = PASSPHRASE_VARIABLE in os.environ
        source = SecretSource("env", (PASSPHRASE_VARIABLE,)) if in_environment else None
    about = f"Passphrase of the key {signing.key}"
    return lambda: SourcedSecrets(ask).named(source or SecretSource("ask"), about)


def bundle_of(
    run: RunFolder, key: SigningKey | None, name: str, languages: Sequence[Language]
) -> bytes:
    """The bundle of ``run``, with reports in these languages.

    Args:
        run: a finished run.
        key: signs it.
        name: the key's name in the store, for the record of the keys before it.
        languages: of the reports; those that are not there yet are written.

    Raises:
        EvidenceError: the run was not finished or is damaged.
    """
    faults = verify(run).faults
    if faults:
        raise EvidenceError(f"run {run.id} is not as it was sealed: {'; '.join(faults[:5])}")
    checks = pipeline.checks_of(run)
    result = pipeline.conclude(run, checks)
    reports = [pipeline.make_report(result, checks, language) for language in languages]
    paths = pipeline.write_reports(run, reports)
    rotations = KeyStore().rotations(name) if key is not None and name else ()
    return make_bundle(run, paths, _readme(result.facts.language), key, rotations)


def _readme(language: Language) -> str:
    path = bundled.folder("reports") / f"bundle.{language}.txt"
    return path.read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Verified:
    """What came out of verifying a bundle.

    Attributes:
        bundle: is in every bit as it was written.
        faults: what does not follow from the rest; empty where all holds.
        other_versions: checks that judge in another version here than they did then, so that
            their findings could not be reached again.
        previous: the digest of the run before.
    """

    bundle: OpenedBundle
    faults: tuple[str, ...]
    other_versions: tuple[str, ...]
    organisation: str
    previous: str


def verify_bundle(path: Path, trusted: PublicKey | None, folders: Sequence[Path] = ()) -> Verified:
    """Verifies a bundle from end to end: bits, signature, chains, and the findings themselves.

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
        result = pipeline.conclude(run, checks)
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
            for line in pipeline.differences(run, result)
            if line.split(": ")[1] not in changed
        ]
        if not faults and not others and encode(pipeline.conclusions(result)) != encode(stored):
            faults.append("findings.json: the verdicts on the promises do not follow")
    return Verified(bundle, tuple(faults), others, facts.organisation, facts.previous)
