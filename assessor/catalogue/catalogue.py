"""The catalogue of checks: what is known of each, and its code when it is needed."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from assessor.catalogue.loader import load
from assessor.catalogue.manifest import read_check, read_texts
from assessor.catalogue.sources import Source
from assessor.errors import CheckError, UsageError
from assessor.model.check import Check, CheckInfo
from assessor.model.statement import Language
from assessor.model.texts import CheckTexts


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every check that was found.

    Attributes:
        infos: by id, in order of id.
        broken: folders whose ``check.yaml`` or ``texts.yaml`` cannot be used, with the reason.
    """

    infos: Mapping[str, CheckInfo]
    broken: Mapping[str, str]
    _texts: Mapping[str, Mapping[Language, CheckTexts]]
    _loaded: dict[str, Check[Any] | str] = field(default_factory=dict)

    def texts(self) -> Mapping[str, Mapping[Language, CheckTexts]]:
        """The texts of every check, by id and language."""
        return self._texts

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


def read_catalogue(sources: Iterable[Source], measures: frozenset[str]) -> Catalogue:
    """Reads every check folder of ``sources``; a broken one is listed, not raised.

    Raises:
        CheckError: two folders have the same id.
    """
    infos: dict[str, CheckInfo] = {}
    texts: dict[str, Mapping[Language, CheckTexts]] = {}
    broken: dict[str, str] = {}
    for source in sources:
        for folder in source.check_folders():
            if folder.name in infos:
                raise CheckError(
                    f"the check {folder.name!r} stands in {infos[folder.name].folder} "
                    f"and in {folder}",
                    mend="rename one of them: an id belongs to one check",
                )
            try:
                info = read_check(folder, source.origin, measures)
                texts[folder.name] = read_texts(folder)
            except UsageError as error:
                broken[folder.name] = str(error)
                continue
            infos[folder.name] = info
    return Catalogue(dict(sorted(infos.items())), broken, texts)
