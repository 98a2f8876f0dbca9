"""What may be asked of a restore test, and what is refused before anything is sent."""

from __future__ import annotations

from typing import Any

import pytest

from assessor.errors import UsageError
from assessor.restore.order import Order, Tool, make_order


def order(tool: Tool = Tool.RESTIC, **said: Any) -> Order:
    """An order with the usual settings but those ``said``."""
    usual: dict[str, Any] = {
        "repository": "/srv/backup",
        "snapshot": "latest",
        "samples": (),
        "files": 5,
        "limit_mb": 64,
        "parent": "/var/tmp",
        "against": None,
        "host": None,
        "env_file": None,
        "password_file": None,
    }
    return make_order(tool, **{**usual, **said})


def test_every_order_has_a_scratch_folder_of_its_own() -> None:
    one, other = order(), order()
    assert one.scratch.startswith("/var/tmp/assess-restore-")
    assert len(one.token) == 32
    assert one.scratch != other.scratch


def test_samples_are_named_as_in_the_backup_and_each_once() -> None:
    said = ("/etc/hosts", "etc/hosts/", "./srv", "/etc/hosts")
    assert order(samples=said).samples == ("etc/hosts", "srv")


@pytest.mark.parametrize("sample", ["/", "", ".", "/etc/../root", "a//b", "a\nb", "/a/./b"])
def test_a_sample_that_names_nothing_is_refused(sample: str) -> None:
    with pytest.raises(UsageError, match="names no file or folder"):
        order(samples=(sample,))


@pytest.mark.parametrize(
    "repository",
    ["rest:https://me:hunter2@box/r", "ssh://me:x@box/./r", "sftp://:x@box//r"],
)
def test_a_password_in_an_address_is_refused(repository: str) -> None:
    with pytest.raises(UsageError, match="holds a password") as refused:
        order(repository=repository)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("tool", "said", "why"),
    [
        (Tool.RESTIC, {"repository": None}, "--repository is not said"),
        (Tool.TAR, {"repository": None, "env_file": "/etc/x"}, "--repository is not said"),
        (Tool.RESTIC, {"repository": "-o"}, "no place of a repository"),
        (Tool.RESTIC, {"repository": "/a\nb"}, "no place of a repository"),
        (Tool.TAR, {"repository": "backup.tar"}, "for tar it is the path"),
        (Tool.RCLONE, {"snapshot": "abc"}, "rclone has no snapshots"),
        (Tool.BORG, {"snapshot": "--last"}, "no name"),
        (Tool.TAR, {"snapshot": "../x.tar"}, "no name"),
        (Tool.TAR, {"host": "web"}, "cannot be looked for"),
        (Tool.BORG, {"host": "-x"}, "cannot be looked for"),
        (Tool.RESTIC, {"parent": "tmp"}, "--scratch 'tmp'"),
        (Tool.RESTIC, {"against": "/srv/../etc"}, "--against"),
        (Tool.RESTIC, {"env_file": "restic.env"}, "--env-file"),
        (Tool.RCLONE, {"repository": "/srv/x/", "against": "/srv/x"}, "is the backup itself"),
    ],
)
def test_what_cannot_be_done_is_refused(tool: Tool, said: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        order(tool, **said)


def test_the_place_of_the_repository_may_stand_in_a_file_on_the_target() -> None:
    assert order(Tool.BORG, repository=None, env_file="/etc/borg.env").repository == ""
