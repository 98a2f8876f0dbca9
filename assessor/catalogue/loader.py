"""Imports a check's code, under one name wherever the folder stands."""

from __future__ import annotations

import importlib.util
import sys
import types
from typing import Any

from assessor.errors import CheckError
from assessor.model.check import Check, CheckInfo

PACKAGE = "assessor_checks"


def load(info: CheckInfo) -> Check[Any]:
    """Imports ``check.py`` of ``info`` as ``assessor_checks.<id>`` and gives its ``CHECK``.

    Raises:
        CheckError: it cannot be imported, or defines no ``CHECK``; the cause is chained.
    """
    path = info.folder / "check.py"
    name = f"{PACKAGE}.{info.id}"
    if PACKAGE not in sys.modules:
        package = types.ModuleType(PACKAGE)
        package.__path__ = []
        sys.modules[PACKAGE] = package
    _forget(name)
    spec = importlib.util.spec_from_file_location(
        name, path, submodule_search_locations=[str(info.folder)]
    )
    if spec is None or spec.loader is None:
        raise CheckError(f"check {info.id}: {path} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        _forget(name)
        raise CheckError(
            f"check {info.id} ({info.origin}): {type(error).__name__}: {error}"
        ) from error
    check = getattr(module, "CHECK", None)
    if not isinstance(check, Check):
        raise CheckError(f"check {info.id} ({info.origin}): check.py defines no CHECK = Check(...)")
    return check


def _forget(name: str) -> None:
    """Drops an earlier import, so that another folder's check of that id is not mixed in."""
    for known in [key for key in sys.modules if key == name or key.startswith(f"{name}.")]:
        del sys.modules[known]
