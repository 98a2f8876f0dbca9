"""Damaged files are loaded or complained about: nothing else happens."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor import bundled
from assessor.errors import UsageError
from assessor.inputs.assessment import load_assessment
from assessor.inputs.importers.forms import Format
from assessor.inputs.importing import import_into
from assessor.inputs.measures import load_measures
from tests.unit.inputs.test_ansible import INI, YAML
from tests.unit.inputs.test_assessment import WHOLE
from tests.unit.inputs.test_ssh_config import CONFIG

MEASURES = tuple(load_measures(bundled.folder("profiles") / "measures.yaml"))
CSV = "name;role;address;port;user;jump\nnas;nas;192.0.2.1;22;jan;a b\npc;;;;;\n"
SAMPLES = {
    Format.ANSIBLE_INI: INI,
    Format.ANSIBLE_YAML: YAML,
    Format.SSH_CONFIG: CONFIG,
    Format.CSV: CSV,
}

_pieces = st.one_of(
    st.sampled_from(["\n", ":", "[", "]", "{", "}", "- ", "'", '"', "\t", "#", "*a", "&a ", "!b "]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
)
_damages = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), _pieces), min_size=1, max_size=6)


def _damaged(text: str, damages: list[tuple[float, int, str]]) -> str:
    for where, length, piece in damages:
        at = int(where * len(text))
        text = text[:at] + piece + text[at + length :]
    return text


@settings(deadline=None, max_examples=80)
@given(_damages)
def test_damaged_settings(damages: list[tuple[float, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "assessment.yaml").write_bytes(_damaged(WHOLE, damages).encode())
        try:
            assessment = load_assessment(folder, known_measures=MEASURES)
        except UsageError as error:
            assert str(error)
        else:
            assert assessment.targets


@pytest.mark.parametrize("form", SAMPLES)
@settings(deadline=None, max_examples=40)
@given(damages=_damages)
def test_damaged_inventories(form: Format, damages: list[tuple[float, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hosts").write_bytes(_damaged(SAMPLES[form], damages).encode())
        try:
            result = import_into(folder, folder / "hosts", form, "server", replace=False)
        except UsageError as error:
            assert str(error)
        else:
            if result.change.added:
                (folder / "assessment.yaml").write_text("inventory: inventory.yaml\n", "utf-8")
                targets = load_assessment(folder, known_measures=MEASURES).targets
                assert tuple(target.name for target in targets) == result.change.added
