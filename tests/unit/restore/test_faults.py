"""Why a test broke off is told in plain words, and never with a secret."""

from __future__ import annotations

import pytest

from assessor.restore.answers import Answers
from assessor.restore.faults import fault_of
from assessor.restore.order import Order, Tool


def answers(code: str, detail: str = "", said: str = "") -> Answers:
    """A test that broke off in a step in which a program ``said`` something."""
    return Answers(
        "m", failure=(code, detail), failed_step="list", said={"list": said.splitlines()}
    )


@pytest.mark.parametrize(
    ("tool", "status", "said", "code"),
    [
        (Tool.RESTIC, "1", "Fatal: wrong password or no key found", "wrong-password"),
        (Tool.RESTIC, "12", "", "wrong-password"),
        (Tool.RESTIC, "10", "", "no-repository"),
        (Tool.RESTIC, "1", "Fatal: an empty password is not a password", "password-missing"),
        (
            Tool.RESTIC, "1",
            "Fatal: unable to open config file: stat x: no such file\nIs there a repository at x?",
            "no-repository",
        ),
        (
            Tool.RESTIC, "1",
            "Fatal: unable to open config file: permission denied\nIs there a repository at x?",
            "no-access",
        ),
        (Tool.RESTIC, "1", 'no matching ID found for prefix "dead"', "no-snapshot"),
        (Tool.RESTIC, "1", "ciphertext verification failed", "damaged"),
        (Tool.RESTIC, "1", "write /x/y: no space left on device", "disk-full"),
        (Tool.RESTIC, "1", "dial tcp: lookup box: no such host", "repository-unreachable"),
        (
            Tool.BORG, "2",
            "passphrase supplied in BORG_PASSPHRASE or via BORG_PASSPHRASE_FD is incorrect.",
            "wrong-password",
        ),
        (Tool.BORG, "2", "Repository /tmp/nob does not exist.", "no-repository"),
        (Tool.BORG, "2", "Archive two does not exist", "no-snapshot"),
        (Tool.BORG, "2", "Data integrity error: Segment entry checksum mismatch", "damaged"),
        (Tool.BORG, "2", "[Errno 28] No space left on device", "disk-full"),
        (Tool.RCLONE, "3", "Failed to lsf: directory not found", "no-repository"),
        (Tool.TAR, "2", "gzip: stdin: unexpected end of file", "damaged"),
        (Tool.TAR, "2", "tar: This does not look like a tar archive", "damaged"),
        (Tool.TAR, "2", "something nobody knows", "program"),
    ],
)  # fmt: skip
def test_what_programs_say_is_understood(tool: Tool, status: str, said: str, code: str) -> None:
    fault = fault_of(Order(tool, "/srv/r"), answers("program", status, said))
    assert fault.code == code
    assert fault.damage == (code == "damaged")
    assert "{" not in fault.message + fault.mend


@pytest.mark.parametrize(
    ("code", "detail", "words"),
    [
        ("no-tool", "", "restic is not installed"),
        ("too-little-space", "3072", ": 3 MB, and twice"),
        ("no-parent", "", "/var/tmp"),
        ("sudo", "", "sudo does not let"),
        ("empty", "", "the sample is empty"),
        ("broken-off", "dropped: gone", "dropped: gone"),
        ("never heard of", "", "did not come to its end"),
    ],
)
def test_what_the_script_found_itself(code: str, detail: str, words: str) -> None:
    assert words in fault_of(Order(Tool.RESTIC, "/srv/r"), answers(code, detail)).message


def test_a_script_that_ended_early_is_a_fault() -> None:
    assert fault_of(Order(Tool.TAR, "/x"), Answers("m")).code == "no-end"


def test_secrets_are_left_out_of_what_is_quoted() -> None:
    said = "Fatal: hunter2 at rest:https://me:other@box/ is wrong"
    fault = fault_of(Order(Tool.RESTIC, "/r"), answers("program", "1", said), ("hunter2",))
    assert "hunter2" not in fault.said
    assert "other" not in fault.said
    assert "box" in fault.said
