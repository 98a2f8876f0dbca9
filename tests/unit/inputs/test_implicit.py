"""What a machine seems to be for its owner."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.inputs.implicit import guess_role, own_name, safe_name, this_machine
from assessor.inputs.settings import NAME
from assessor.model.target import Platform, Role


def _machine(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")
    return root


@pytest.mark.parametrize(
    ("files", "role"),
    [
        ({}, Role.SERVER),
        ({"sys/class/power_supply/BAT0/type": "Battery\n"}, Role.WORKSTATION),
        ({"sys/class/power_supply/AC/type": "Mains\n"}, Role.SERVER),
        (
            {
                "sys/class/power_supply/hidpp_0/type": "Battery\n",
                "sys/class/power_supply/hidpp_0/scope": "Device\n",
            },
            Role.SERVER,
        ),
        ({"etc/X11/default-display-manager": "/usr/sbin/gdm3\n"}, Role.WORKSTATION),
        ({"sys/class/dmi/id/chassis_type": "23\n"}, Role.SERVER),
        ({"sys/class/dmi/id/chassis_type": "3\n"}, Role.SERVER),
        ({"sys/class/dmi/id/chassis_type": "rubbish\xe9"[:7]}, Role.SERVER),
    ],
)
def test_a_linux_machine(tmp_path: Path, files: dict[str, str], role: Role) -> None:
    guess = guess_role(_machine(tmp_path, files), Platform.LINUX)

    assert guess.role is role
    assert guess.reason


def test_a_display_manager_of_systemd_is_a_link_that_may_lead_nowhere(tmp_path: Path) -> None:
    folder = tmp_path / "etc/systemd/system"
    folder.mkdir(parents=True)
    (folder / "display-manager.service").symlink_to("/usr/lib/systemd/system/gdm.service")

    assert guess_role(tmp_path, Platform.LINUX).role is Role.WORKSTATION


def test_a_mac_is_a_workstation(tmp_path: Path) -> None:
    assert guess_role(tmp_path, Platform.MACOS).role is Role.WORKSTATION


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("web01", "web01"),
        ("web01.example.nl", "web01"),
        ("PC van Jan", "PC-van-Jan"),
        ("-x_", "x"),
        ("日本", "this-machine"),
        ("", "this-machine"),
    ],
)
def test_the_host_name_becomes_a_valid_name(
    monkeypatch: pytest.MonkeyPatch, host: str, name: str
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: host)

    assert own_name() == name
    assert NAME.fullmatch(this_machine().name)


def test_a_long_name_is_cut() -> None:
    assert NAME.fullmatch(safe_name("x" * 300))
