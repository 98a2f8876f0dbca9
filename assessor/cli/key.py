"""``assess key``: the keys that sign runs, and the keys of others that are trusted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assessor.cli.console import note, say
from assessor.errors import UsageError
from assessor.model.keys import DEFAULT_KEY, Place

if TYPE_CHECKING:
    from assessor.evidence.keyring_store import KeyStore

app = typer.Typer(
    no_args_is_help=True,
    help="The keys that sign runs and bundles.",
    epilog="""
Examples:

  assess key new                        a key called default, in the system's keyring

  assess key new bakker --store file    in a file; its passphrase is asked for, or taken from the
                                        variable ASSESS_KEY_PASSPHRASE

  assess key export > bakker.pub.pem    the public part, for your clients

  assess key pin bakker.pub.pem "Bakker ICT"    as a client: trust this key for that company
""",
)
_Name = Annotated[str, typer.Argument(help="The key's name.")]


@app.command()
def new(
    name: _Name = DEFAULT_KEY,
    store: Annotated[Place, typer.Option("--store", help="Where to keep it.")] = Place.KEYRING,
) -> None:
    """Make a key."""
    public = _store().new(name, store, _twice(name))
    say(f"{name}: {public.spoken}")
    note("Runs are signed with it from now on, where it is called default or the settings name it.")


@app.command()
def show(name: Annotated[str, typer.Argument(help="One key; all unless said.")] = "") -> None:
    """Show the keys: where each is kept, its name for others, and the keys before it."""
    keys = _store()
    names = [name] if name else list(keys.names())
    if not names:
        note("There are no keys yet; make one with: assess key new")
    for each in names:
        say(f"{each} ({keys.place(each)}): {keys.public(each).spoken}")
        for rotation in keys.rotations(each):
            say(f"  replaced {rotation.old.spoken} at {rotation.at}")


@app.command()
def rotate(name: _Name = DEFAULT_KEY) -> None:
    """Put a new key in the place of one; the old one signs for it, so that it stays trusted."""
    keys = _store()
    in_file = keys.public(name) is not None and keys.place(name) is Place.FILE
    old = _once(name) if in_file else _nothing
    at = datetime.now(UTC).isoformat(timespec="seconds")
    rotation = keys.rotate(name, at, old, _twice(name) if in_file else _nothing)
    say(f"{name}: {rotation.new.spoken}")
    note(f"It takes the place of {rotation.old.spoken}, which vouches for it in every bundle.")


@app.command()
def export(
    name: _Name = DEFAULT_KEY,
    private: Annotated[
        Path | None,
        typer.Option("--private", help="Also write the private part, encrypted, into this file."),
    ] = None,
) -> None:
    """Print the public part of a key (PEM), for those who verify."""
    keys = _store()
    public = keys.public(name)
    if private is not None:
        if private.exists():
            raise UsageError(f"{private} exists already", mend="name a file that does not")
        in_file = keys.place(name) is Place.FILE
        opened = _once(name) if in_file else _nothing
        pem = keys.private_pem(name, opened, _twice(f"{name}, for the copy")())
        private.touch(mode=0o600)
        private.write_bytes(pem)
        note(f"The private part is in {private}. Keep it where nobody else comes.")
    typer.echo(public.pem, nl=False)


@app.command()
def pin(
    file: Annotated[Path, typer.Argument(help="The company's public key (PEM).")],
    organisation: Annotated[str, typer.Argument(help="The company, as its reports name it.")],
) -> None:
    """Trust a company's key: 'assess verify' then refuses its bundles by any other key."""
    from assessor.evidence.keyring_store import Pins
    from assessor.evidence.signing import PublicKey

    try:
        key = PublicKey.from_pem(file.read_bytes())
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    Pins().put(organisation, key)
    say(f"{organisation}: {key.spoken}")


def _store() -> KeyStore:
    from assessor.evidence.keyring_store import KeyStore

    return KeyStore()


def _nothing() -> str:
    return ""


def _once(name: str) -> Callable[[], str]:
    from assessor.model.assessment import Signing
    from assessor.signing import passphrase_of

    return passphrase_of(Signing(name), _ask)


def _twice(name: str) -> Callable[[], str]:
    """A new passphrase: from the environment, or typed twice."""
    import os

    from assessor.signing import PASSPHRASE_VARIABLE

    def passphrase() -> str:
        given = os.environ.get(PASSPHRASE_VARIABLE)
        if given is not None:
            return given
        first = _ask(f"New passphrase for the key {name}: ")
        if first is None:
            raise UsageError(
                "there is no terminal to ask for a passphrase on",
                mend=f"set {PASSPHRASE_VARIABLE}, or keep the key in the keyring",
            )
        if _ask("Once more: ") != first:
            raise UsageError("the two passphrases are not the same", mend="try again")
        return first

    return passphrase


def _ask(question: str) -> str | None:
    from assessor.collect.terminal import Terminal

    return Terminal(threading.Event()).ask(question)
