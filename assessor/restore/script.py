"""Puts the scripts together that a restore test runs on a target.

They are apart from the script that collects: this one writes. What runs is given to the shell on
its standard input, secrets included, so that none stands in a process list or a file::

    outer shell, as the account            of the transport
        | sudo, where the target says so
        inner shell: settings, frame.sh, the tool's part, work.sh

Both outputs are framed by lines that begin with a random mark; ``answers.py`` reads them.
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assessor.restore.order import MOST_FILES, Order

_SHELL = Path(__file__).with_name("shell")

# sudo may take the password from its standard input or, where it needs none, leave it there: so
# all up to the mark is thrown away. "read" takes no byte more than its line.
_READER = 'while IFS= read -r line; do if [ "$line" = "$1" ]; then exec /bin/sh; fi; done'

_OUTER = r"""
unset ENV BASH_ENV CDPATH IFS
LC_ALL=C; LANG=C; PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin
export LC_ALL LANG PATH
umask 077
_m={mark}
_i={inner}
{run}
printf '\n%s end\n' "$_m"
printf '\n%s end\n' "$_m" >&2
exit 0
"""

_PLAIN = r"""
printf '%s\n' "$_i" | /bin/sh
"""

# The password is tried once, alone: a wrong one must not be tried thrice, nor take the script for
# a second guess. -k keeps sudo from leaving a time stamp.
_SUDO = r"""
_w={password}
_s=$(command -v sudo)
if [ "$(id -u)" = 0 ]; then
  printf '%s\n' "$_i" | /bin/sh
elif [ -z "$_s" ]; then
  printf '\n%s fail no-sudo\n' "$_m"
elif [ -n "$_w" ] && printf '%s\n' "$_w" | "$_s" -k -S -p '' -v >/dev/null 2>&1; then
  printf '%s\n' "$_w" "$_m" "$_i" | "$_s" -k -S -p '' -H -- /bin/sh -c {reader} sh "$_m" ||
    printf '\n%s fail sudo\n' "$_m"
elif [ -n "$_w" ]; then
  printf '\n%s fail sudo-password\n' "$_m"
else
  printf '%s\n' "$_m" "$_i" | "$_s" -n -H -- /bin/sh -c {reader} sh "$_m" ||
    printf '\n%s fail sudo\n' "$_m"
fi
"""


@dataclass(frozen=True, slots=True)
class Rights:
    """With whose rights a script runs.

    Attributes:
        sudo: as root through sudo, where the account is not root already.
        password: for sudo; ``None`` where it must not ask for one.
    """

    sudo: bool = False
    password: str | None = None


def new_mark() -> str:
    """A mark of 128 random bits."""
    return f"=={secrets.token_hex(16)}=="


def work_script(order: Order, mark: str, rights: Rights, secret: str = "") -> bytes:
    """The restore test itself.

    Args:
        order: what to do.
        mark: begins every frame.
        rights: with whose rights.
        secret: opens the repository; empty where the target knows it.
    """
    settings = {
        "tool": order.tool.value,
        "repository": order.repository,
        "snapshot": order.snapshot,
        "host": order.host,
        "samples": "\n".join(order.samples),
        "most_kb": str(order.limit_mb * 1024),
        "most_files": str(MOST_FILES),
        "count": str(order.files),
        "seed": str(int(order.token[:7], 16)),
        "parent": order.parent,
        "scratch": order.scratch,
        "against": order.against or "/",
        "env_file": order.env_file,
        "password_file": order.password_file,
        "secret": secret,
    }
    return _script(settings, (f"{order.tool}.sh", "work.sh"), mark, rights)


def keep_script(place: str, name: str, line: str, digest: str, mark: str, rights: Rights) -> bytes:
    """Leaves the record ``line`` as the file ``name``, and its ``digest``, below ``place``."""
    settings = {"place": place, "name": name, "line": line, "digest": digest}
    return _script(settings, ("keep.sh",), mark, rights)


def sweep_script(scratch: str, mark: str, rights: Rights) -> bytes:
    """Sees to it that ``scratch`` is gone."""
    return _script({"scratch": scratch}, ("sweep.sh",), mark, rights)


def _script(
    settings: Mapping[str, str], parts: tuple[str, ...], mark: str, rights: Rights
) -> bytes:
    named = {**settings, "mark": mark}
    inner = "".join(
        [
            # What the account's environment calls so would else be handed on to every program.
            f"unset {' '.join(named)}\n",
            *(f"{name}={shlex.quote(value)}\n" for name, value in named.items()),
            *((_SHELL / part).read_text(encoding="utf-8") for part in ("frame.sh", *parts)),
            "main\n",
        ]
    )
    run = _PLAIN
    if rights.sudo:
        run = _SUDO.format(password=shlex.quote(rights.password or ""), reader=shlex.quote(_READER))
    outer = _OUTER.format(mark=shlex.quote(mark), inner=shlex.quote(inner), run=run)
    return outer.encode("utf-8", errors="surrogateescape")
