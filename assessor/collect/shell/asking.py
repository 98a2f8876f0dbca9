"""Puts a host's probes in as many scripts as it takes."""

from __future__ import annotations

from collections.abc import Iterator

from assessor.collect.shell.frames import FrameReader
from assessor.collect.shell.script import Mark, render
from assessor.collect.transports.base import Script


def until_answered(
    reader: FrameReader, mark: Mark, *, sudo: bool, password: str | None, shell: str = "/bin/sh"
) -> Iterator[Script]:
    """The script of all probes; after one that was cut short, that of the rest of them.

    One that did not begin because of ``timeout`` is given once more, carefully.

    ``reader`` reads what they say, the first one by ``mark``; the others as for ``render``.
    """
    careful = False
    while True:
        yield render(
            reader.waiting, mark, sudo=sudo, password=password, shell=shell, careful=careful
        )
        if reader.no_timeout and not careful:
            careful = True
        elif not (reader.cut and reader.waiting):
            return
        mark = Mark.random()
        reader.again(mark)
