"""``assess bundle`` and ``assess verify``: evidence for somebody else, and by somebody else."""

from __future__ import annotations

import json as jsonlib
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from assessor.cli import options
from assessor.cli.console import note, say
from assessor.cli.exit_codes import ExitCode
from assessor.cli.own_key import own_key
from assessor.cli.report import Langs, wanted
from assessor.errors import EvidenceError, UsageError
from assessor.model.language import LanguageTag
from assessor.model.report_settings import Audience

BUNDLE_EPILOG = """
Examples:

  assess bundle                          the last run, as RUN.assess.zip

  assess bundle 2026 --lang nl,en -o klant.assess.zip

  assess bundle --audience client,internal    with your own report beside the client's

It is signed with the key of the settings, or one called default (assess key new).
"""
VERIFY_EPILOG = """
Examples:

  assess verify                          the last run in this folder: is it as it was sealed?

  assess verify klant.assess.zip --key bakker.pub.pem

Exit codes: 0 all as it was made, 1 something differs or is not signed by that key, 2 wrong usage.
"""
RunName = Annotated[
    str, typer.Argument(help="A run's id or its beginning, a folder, a bundle, or 'latest'.")
]


def bundle(
    run: RunName = "latest",
    folder: options.Folder = Path(),
    lang: Langs = None,
    audience: Annotated[
        list[str] | None,
        typer.Option(
            "--audience",
            metavar="|".join(Audience),
            help="Whose report goes into it, with commas; the client's unless said.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file; RUN.assess.zip unless said.")
    ] = None,
    names: Annotated[
        bool,
        typer.Option("--names", help="Leave people's account names in it; pseudonyms unless said."),
    ] = False,
    unsigned: Annotated[
        bool, typer.Option("--unsigned", help="Make it although there is no key to sign with.")
    ] = False,
) -> None:
    """Put a finished run into one file for the client: evidence, findings, reports, signature."""
    asked = wanted(audiences=audience, langs=lang)
    from assessor.bundling import bundle_of, telling_of, without_names
    from assessor.evidence.bundle import SUFFIX, write_bundle
    from assessor.evidence.key import fingerprint_key
    from assessor.evidence.store import find_run
    from assessor.inputs.assessment import load_assessment
    from assessor.model.keys import DEFAULT_KEY

    run_folder = find_run(folder, run)
    signing = load_assessment(folder).signing
    key = own_key(signing)
    if key is None and not unsigned:
        raise UsageError(
            "there is no key to sign the bundle with",
            mend="make one with: assess key new (or say --unsigned)",
        )
    telling = telling_of(
        folder,
        run_folder,
        asked.languages or (LanguageTag(run_folder.facts().language),),
        asked.audiences or (Audience.CLIENT,),
    )
    name = signing.key if signing else DEFAULT_KEY
    with tempfile.TemporaryDirectory(prefix="assess-bundle-") as place:
        if not names:
            secret = fingerprint_key(folder)
            run_folder = without_names(run_folder, Path(place), secret, key)
        data = bundle_of(run_folder, key, name, telling)
    path = output or Path(f"{run_folder.id}{SUFFIX}")
    write_bundle(path, data)
    say(str(path.resolve()))
    if key is not None:
        note(f"Signed by the key {key.public.spoken}")
        note("Hand its public part over by another way: assess key export > KEY.pub.pem")


def verify(
    run: RunName = "latest",
    folder: options.Folder = Path(),
    key: Annotated[
        Path | None,
        typer.Option("--key", help="The public key (PEM) of the company that made the bundle."),
    ] = None,
    tsa_ca: Annotated[
        Path | None,
        typer.Option("--tsa-ca", help="Certificates (PEM) by which its time stamp is verified."),
    ] = None,
    after: Annotated[
        Path | None,
        typer.Option("--after", help="The bundle of the run before: is nothing in between gone?"),
    ] = None,
    checks: options.ChecksFolders = None,
    json: options.Json = False,
) -> None:
    """Hash every file again, check the signature, and judge again from the evidence.

    Nothing is asked of anybody: it works without a network. What differs is named.
    """
    if Path(run).is_file():
        _verify_bundle(Path(run), key, after, tsa_ca, tuple(checks or ()), json=json)
        return
    from assessor.evidence.manifest import chain_faults, signer
    from assessor.evidence.manifest import verify as verify_run
    from assessor.evidence.signing import PublicKey
    from assessor.evidence.store import find_run

    run_folder = find_run(folder, run)
    verification = verify_run(run_folder)
    faults = [*verification.faults, *chain_faults(folder, run_folder)]
    if key is not None and not signer(run_folder, [PublicKey.from_pem(_read(key))]):
        faults.append(f"not signed by the key in {key}")
    if json:
        answer = {"run": run_folder.id, "files": verification.files, "faults": faults}
        typer.echo(jsonlib.dumps(answer, ensure_ascii=False, indent=1))
    else:
        for fault in faults:
            say(f"DIFFERS  {fault}")
        if verification.purged_at is not None:
            note(f"Its raw observations were deleted on {verification.purged_at:%Y-%m-%d}.")
        say(
            f"{run_folder.id}: {verification.files} files, "
            + (f"{len(faults)} differ" if faults else "all as sealed")
        )
    if faults:
        raise typer.Exit(ExitCode.BROKEN)


def _verify_bundle(
    path: Path,
    key: Path | None,
    after: Path | None,
    tsa_ca: Path | None,
    folders: tuple[Path, ...],
    *,
    json: bool,
) -> None:
    from assessor.bundling import authorities, verify_bundle
    from assessor.evidence.keyring_store import Pins
    from assessor.evidence.signing import PublicKey

    trusted = PublicKey.from_pem(_read(key)) if key is not None else None
    try:
        roots = authorities(tsa_ca) if tsa_ca else ()
        found = verify_bundle(path, trusted, folders, roots)
        pinned = Pins().of(found.organisation)
        if trusted is None and pinned is not None:
            found = verify_bundle(path, pinned, folders, roots)
        before = verify_bundle(after, trusted or pinned, folders) if after else None
    except EvidenceError as error:
        # Whatever keeps a bundle from being read is a fault of the bundle.
        say(f"DIFFERS  {error}")
        raise typer.Exit(ExitCode.BROKEN) from None
    faults = list(found.faults)
    if found.bundle.trusted is False:
        faults.append("signed by another key than the one that you trust")
    if before is not None and found.previous not in before.digests:
        faults.append(f"the run before this one is not that of {after}")
    signed_by = found.bundle.key.name if found.bundle.key else ""
    if json:
        answer = {
            "run": found.bundle.run,
            "organisation": found.organisation,
            "files": len(found.bundle.files),
            "signed_by": signed_by,
            "trusted": found.bundle.trusted,
            "other_versions": found.other_versions,
            "previous": found.previous,
            "stamped_at": found.stamp.at.isoformat() if found.stamp else None,
            "faults": faults,
        }
        typer.echo(jsonlib.dumps(answer, ensure_ascii=False, indent=1))
    else:
        if found.stamp is not None:
            say(f"Finished by {found.stamp.at:%Y-%m-%d %H:%M:%S} UTC, says {found.stamp.authority}")
        elif found.stamped:
            note("There is a time stamp in it; verify it with --tsa-ca FILE.")
        _tell(found.bundle.key, found.bundle.trusted, found.other_versions, faults)
        say(
            f"{found.bundle.run}: {len(found.bundle.files)} files, "
            + (f"{len(faults)} faults" if faults else "all as it was made")
        )
    if faults:
        raise typer.Exit(ExitCode.BROKEN)


def _tell(
    key: object, trusted: bool | None, other_versions: tuple[str, ...], faults: list[str]
) -> None:
    from assessor.evidence.signing import PublicKey

    for fault in faults:
        say(f"DIFFERS  {fault}")
    for line in other_versions:
        note(f"Judged by another version of a check, so not judged again: {line}")
    if not isinstance(key, PublicKey):
        note("Not signed: anybody could have made it.")
    elif trusted:
        say(f"Signed by the key that you trust: {key.spoken}")
    elif trusted is None:
        note(f"Signed by the key {key.spoken}")
        note("Compare it with what the company tells you, and keep it: assess key pin FILE NAME")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
