"""The catalogue of checks: what is known of each, and its code when it is needed."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from assessor.catalogue.loader import load
from assessor.catalogue.manifest import read_check, read_texts
from assessor.catalogue.sources import Source
from assessor.errors import CheckError, UsageError
from assessor.model.check import Check, CheckInfo, ParameterInfo
from assessor.model.language import Language
from assessor.model.texts import CheckTexts


@dataclass(frozen=True, slots=True)
class _Whole:
    """What a check folder says."""

    info: CheckInfo
    texts: Mapping[Language, CheckTexts]


class _Folders:
    """The check folders by id; each is read at the first call."""

    def __init__(self, measures: frozenset[str]) -> None:
        self.found: dict[str, tuple[Path, str]] = {}
        self._measures = measures
        self._read: dict[str, _Whole | str] = {}

    def read(self, check_id: str) -> _Whole | str:
        """What the folder says, or why it cannot be used."""
        if check_id not in self._read:
            folder, origin = self.found[check_id]
            try:
                info = read_check(folder, origin, self._measures)
                self._read[check_id] = _Whole(info, read_texts(folder))
            except UsageError as error:
                self._read[check_id] = str(error)
        return self._read[check_id]


class Catalogue:
    """Every check that was found.

    A check is read when something is asked of it: planning needs those of its profile alone.
    """

    def __init__(self, folders: _Folders, ids: tuple[str, ...]) -> None:
        self._folders = folders
        self._ids = ids
        self._loaded: dict[str, Check[Any] | str] = {}

    def among(self, names: Collection[str]) -> Catalogue:
        """The checks with these names only."""
        return Catalogue(self._folders, tuple(each for each in self._ids if each in names))

    @cached_property
    def infos(self) -> Mapping[str, CheckInfo]:
        """The checks by id, in order of id."""
        return dict(sorted((check_id, whole.info) for check_id, whole in self._usable()))

    @cached_property
    def broken(self) -> Mapping[str, str]:
        """Folders whose ``check.yaml`` or ``texts.yaml`` cannot be used, with the reason."""
        read = ((check_id, self._folders.read(check_id)) for check_id in self._ids)
        return {check_id: whole for check_id, whole in read if isinstance(whole, str)}

    def texts(self) -> Mapping[str, Mapping[Language, CheckTexts]]:
        """The texts of every check, by id and language."""
        return {check_id: whole.texts for check_id, whole in self._usable()}

    def parameters(self) -> Mapping[str, Mapping[str, ParameterInfo] | None]:
        """The parameters of each check that was found; ``None`` for a broken one."""
        return _Parameters(self._folders, self._ids)

    def check(self, check_id: str) -> Check[Any]:
        """The code of ``check_id``; imported at the first call.

        Raises:
            CheckError: it cannot be imported; says so again at every call.
        """
        if check_id not in self._loaded:
            try:
                self._loaded[check_id] = load(self.infos[check_id])
            except CheckError as error:
                self._loaded[check_id] = "".join(traceback.format_exception(error))
                raise
        loaded = self._loaded[check_id]
        if isinstance(loaded, str):
            raise CheckError(loaded)
        return loaded

    def _usable(self) -> Iterator[tuple[str, _Whole]]:
        for check_id in self._ids:
            whole = self._folders.read(check_id)
            if isinstance(whole, _Whole):
                yield check_id, whole


class _Parameters(Mapping[str, Mapping[str, ParameterInfo] | None]):
    """See ``Catalogue.parameters``; reads the checks that are looked up."""

    def __init__(self, folders: _Folders, ids: tuple[str, ...]) -> None:
        self._folders = folders
        self._ids = dict.fromkeys(ids)

    def __getitem__(self, check_id: str) -> Mapping[str, ParameterInfo] | None:
        if check_id not in self._ids:
            raise KeyError(check_id)
        whole = self._folders.read(check_id)
        return None if isinstance(whole, str) else whole.info.parameters

    def __contains__(self, check_id: object) -> bool:
        return check_id in self._ids  # without reading it, as a Mapping would

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def __len__(self) -> int:
        return len(self._ids)


def read_catalogue(sources: Iterable[Source], measures: frozenset[str]) -> Catalogue:
    """Finds every check folder of ``sources``; a broken one is listed, not raised.

    Raises:
        CheckError: two folders have the same id.
    """
    folders = _Folders(measures)
    for source in sources:
        for folder in source.check_folders():
            if folder.name in folders.found:
                raise CheckError(
                    f"the check {folder.name!r} stands in {folders.found[folder.name][0]} "
                    f"and in {folder}",
                    mend="rename one of them: an id belongs to one check",
                )
            folders.found[folder.name] = folder, source.origin
    return Catalogue(folders, tuple(folders.found))
