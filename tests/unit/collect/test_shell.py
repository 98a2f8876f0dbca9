"""The merged script in real shells, and the reader that takes its output apart."""

from __future__ import annotations

import itertools
import random
import shlex
import shutil
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assessor.collect.shell.asking import until_answered
from assessor.collect.shell.frames import FrameReader, Keep
from assessor.collect.shell.script import GRACE_S, Mark, render
from assessor.collect.transports.base import Deadline
from assessor.collect.transports.local import LocalTransport
from assessor.errors import TransportError
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.check import Probe, ProbeKind
from assessor.model.plan import PlannedProbe
from assessor.model.target import Platform, Privilege, Role, Target, TransportKind
from tests.lab.waiting import alive, until

TARGET = Target("host", Role.SERVER, TransportKind.LOCAL, Platform.LINUX, "localhost")
SHELLS = [["dash"], ["bash", "--posix"], ["bash"], ["busybox", "ash"]]


def command(name: str, text: str, **more: object) -> PlannedProbe:
    return PlannedProbe(name, Probe(name, ProbeKind.COMMAND, text, **more))  # type: ignore[arg-type]


def script(name: str, text: str, **more: object) -> PlannedProbe:
    return PlannedProbe(name, Probe(name, ProbeKind.SCRIPT, text, **more))  # type: ignore[arg-type]


Shell = tuple[str, bool]
"""The words of a shell, and whether the script is started as on a target, or given to it bare."""


def into(captures: list[Capture]) -> Keep:
    """Keeps them in a list."""
    return lambda *kept: captures.extend(kept)


def ask(
    probes: Sequence[PlannedProbe],
    shell: Shell = ("/bin/sh", True),
    *,
    prelude: bytes = b"",
    seconds: float = 60,
) -> dict[str, Capture]:
    """Runs the script of ``probes`` in a real shell, and what is to follow on it."""
    captures: dict[str, Capture] = {}
    mark = Mark.random()
    reader = FrameReader(
        probes,
        mark,
        lambda *kept: captures.update((capture.probe, capture) for capture in kept),
        system="Linux",
        user="someone",
    )
    words, launched = shell

    given = until_answered(reader, mark, sudo=False, password=None, shell=words)
    scripts = (replace(script, text=prelude + script.text) for script in given)
    transport = LocalTransport(threading.Event(), () if launched else shlex.split(words))
    transport.run(TARGET, scripts, reader, Deadline.after(seconds))
    reader.close(None)
    return captures


def _installed(words: Sequence[str]) -> str:
    path = shutil.which(words[0])
    if path is None:
        pytest.skip(f"{words[0]} is not installed (Debian package {words[0]})")
    return shlex.join([path, *words[1:]])


@pytest.fixture(params=SHELLS, ids=" ".join)
def launched(request: pytest.FixtureRequest) -> Shell:
    return _installed(request.param), True


@pytest.fixture(params=itertools.product(SHELLS, (True, False)), ids=str)
def shell(request: pytest.FixtureRequest) -> Shell:
    words, launched = request.param
    return _installed(words), launched


@pytest.fixture
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers have no way to go."""
    monkeypatch.setattr("assessor.collect.shell.frames.GRACE_S", 0)


@pytest.fixture
def no_timeout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PATH without the program ``timeout``."""
    for name in ("id", "date", "uname", "head", "sleep", "sh", "cat", "printf", "tr", "true"):
        path = shutil.which(name)
        assert path
        (tmp_path / name).symlink_to(path)
    monkeypatch.setattr("assessor.collect.shell.script.PATH", str(tmp_path))


@pytest.fixture
def busybox_timeout(no_timeout: None, tmp_path: Path) -> None:
    """A PATH with BusyBox's ``timeout``, which becomes the command that it starts."""
    path = shutil.which("busybox")
    if path is None:
        pytest.skip("busybox is not installed (Debian package busybox)")
    (tmp_path / "timeout").symlink_to(path)


@pytest.fixture
def old_timeout(busybox_timeout: None, tmp_path: Path) -> None:
    """A PATH with a ``timeout`` as that of BusyBox was before version 1.30."""
    (tmp_path / "timeout").rename(tmp_path / "busybox")
    made = tmp_path / "timeout"
    made.write_text(
        '#!/bin/sh\n[ "$1" = -t ] && shift && exec busybox timeout "$@"\n'
        "echo 'Usage: timeout [-t SECS] [-s SIG] PROG ARGS' >&2; exit 1\n"
    )
    made.chmod(0o755)


def text_of(capture: Capture) -> str:
    assert isinstance(capture, Captured), capture
    return capture.stdout


ANSWERS = [
    script("plain", "echo hi; echo oops >&2; exit 3"),
    script("no_line_feed", "printf 'no newline'"),
    script("only_line_feeds", "printf '\\n\\n\\n'"),
    script("silent", ":"),
    script("binary", "printf '\\000\\377\\001'"),
    script("quotes", """printf '%s' "it's \\"quoted\\" \\$HOME %s \\\\" """),
    script("given", 'printf "<%s>" "$0" "$@"', arguments=("/a b", "'; $(id) \n", "-x")),
    command("list", shlex.join(["/usr/bin/printf", "%s", """a 'b' "c" $d `e` *"""])),
    script("reads_stdin", "cat; echo read"),
    command("arguments", "/usr/bin/printf %s-%s one two"),
    command("not_there", "/usr/sbin/no-such-tool --version"),
    command("wrong_path", "/nowhere/true"),
    script("last", "echo last"),
]


def check_answers(captures: dict[str, Capture]) -> None:
    plain = captures["plain"]
    assert isinstance(plain, Captured)
    assert (plain.stdout, plain.stderr, plain.exit_status) == ("hi\n", "oops\n", 3)
    assert plain.whole
    assert text_of(captures["no_line_feed"]) == "no newline"
    assert text_of(captures["only_line_feeds"]) == "\n\n\n"
    assert text_of(captures["silent"]) == ""
    assert text_of(captures["quotes"]) == 'it\'s "quoted" $HOME %s \\'
    assert text_of(captures["reads_stdin"]) == "read\n"
    assert text_of(captures["given"]) == "<assess></a b><'; $(id) \n><-x>"
    assert text_of(captures["list"]) == """a 'b' "c" $d `e` *"""
    assert text_of(captures["arguments"]) == "one-two"
    not_there, binary = captures["not_there"], captures["binary"]
    assert isinstance(not_there, Captured)
    assert not_there.exit_status == 127
    assert isinstance(binary, Captured)
    assert binary.undecodable
    wrong_path = captures["wrong_path"]
    assert isinstance(wrong_path, Captured)
    assert wrong_path.exit_status == 0
    assert text_of(captures["last"]) == "last\n"


def test_every_answer_is_taken_apart(shell: Shell) -> None:
    check_answers(ask(ANSWERS, shell))


@pytest.mark.parametrize("path", ["no_timeout", "old_timeout"])
def test_it_works_where_timeout_is_not_as_usual(
    launched: Shell, path: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(path)
    check_answers(
        ask(
            [p for p in ANSWERS if p.key not in {"arguments", "wrong_path"}]
            + [
                command("arguments", "/usr/bin/printf %s-%s one two"),
                command("wrong_path", "/nowhere/true"),
            ],
            launched,
        )
    )


HANGING = [
    script("before", "echo before"),
    script("hangs", "echo partial; exec sleep 600", timeout_s=1),
    script("deaf", "trap '' TERM; sleep 600", timeout_s=1),
    script("after", "echo after"),
]


def test_a_hanging_probe_costs_the_others_nothing(shell: Shell, no_grace: None) -> None:
    captures = ask(HANGING, shell)
    assert text_of(captures["before"]) == "before\n"
    assert text_of(captures["after"]) == "after\n"
    for name in ("hangs", "deaf"):
        missing = captures[name]
        assert isinstance(missing, NotCaptured)
        assert missing.reason is Reason.TIMED_OUT


@pytest.mark.parametrize("path", ["busybox_timeout", "old_timeout", "no_timeout"])
def test_a_hanging_probe_is_left_without_a_process_group(
    launched: Shell, path: str, no_grace: None, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(path)
    captures = ask(HANGING, launched)
    assert text_of(captures["after"]) == "after\n"
    assert isinstance(captures["hangs"], NotCaptured)
    assert isinstance(captures["deaf"], NotCaptured)


@pytest.mark.parametrize("deaf", ["", "trap '' TERM; "], ids=["hearing", "deaf"])
@pytest.mark.parametrize("path", ["coreutils", "busybox_timeout", "no_timeout"])
def test_the_end_of_its_input_ends_the_script_and_what_it_runs(
    shell: Shell, path: str, deaf: str, request: pytest.FixtureRequest
) -> None:
    if path != "coreutils":
        request.getfixturevalue(path)
    # Where there is no process group of its own, only the command itself can be ended.
    word = f"98765.{random.randrange(10**9)}"
    words, launched = shell
    hangs = "sleep" if launched and path == "coreutils" else "exec sleep"
    given = render(
        [script("hangs", f"{deaf}{hangs} {word}", timeout_s=600)],
        Mark.random(),
        sudo=False,
        password=None,
        shell=words,
        careful=path == "no_timeout",
    )
    command = ["/bin/sh", "-c", given.command] if launched else shlex.split(words)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.write(given.text)
        process.stdin.flush()
        until(lambda: alive(word), lambda: "the command never ran")
        assert process.poll() is None
        process.stdin.close()
        until(lambda: not alive(word), lambda: "the command is still there")
        process.wait(20)


def test_a_script_that_nobody_ends_ends_itself(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assessor.collect.shell.script._BEFORE_S", -10)
    captures = ask([script("a", "echo a; exec sleep 9876", timeout_s=9)], shell)
    (missing,) = captures.values()
    assert isinstance(missing, NotCaptured)
    assert missing.reason is Reason.DROPPED


@pytest.mark.parametrize(
    ("size", "whole"),
    [(999, True), (1000, True), (1001, False), (200_000, False), (5_000_000, False)],
)
def test_output_is_cut_at_its_limit(shell: Shell, size: int, whole: bool) -> None:
    captures = ask(
        [
            script("long", f"head -c {size} /dev/zero | tr '\\000' x", limit_bytes=1000),
            script("after", "echo after"),
        ],
        shell,
    )
    long = captures["long"]
    assert isinstance(long, Captured)
    assert len(long.stdout) == min(size, 1000)
    assert long.whole is whole
    assert text_of(captures["after"]) == "after\n"


def test_noise_before_the_first_frame_is_passed_over(shell: Shell) -> None:
    captures = ask([script("a", "echo a")], shell, prelude=b"echo welcome; echo warning >&2\n")
    assert text_of(captures["a"]) == "a\n"


def test_a_privileged_probe_without_rights_is_not_run_but_named() -> None:
    probe = command("id", "/usr/bin/id -u", privilege=Privilege.SUDO)
    captures: list[Capture] = []
    mark = Mark("a", "b")
    reader = FrameReader([probe], mark, into(captures), system="Linux", user="someone")
    reader.output(b"\nab H 2 1000 1700000000 Linux\n\nab B id\n\nab S id\n\n\nab Z\n")
    reader.error(b"\nab B id\n\nab Z\n")
    (missing,) = captures
    assert isinstance(missing, NotCaptured)
    assert missing.reason is Reason.NO_PRIVILEGE
    assert "someone ALL=(root) NOPASSWD: /usr/bin/id -u" in missing.mend


@pytest.mark.parametrize(
    ("said", "denied"),
    [
        ("sudo: a password is required", True),
        ("sudo: sorry, you must have a tty to run sudo", True),
        ("Sorry, user jo is not allowed to execute '/x' as root on host.", True),
        ("sudo-rs: I'm sorry jo. I'm afraid I can't do that", True),
        ("sudo: unable to resolve host web: Name or service not known", False),
        ("sudo: setrlimit(RLIMIT_CORE): Operation not permitted", False),
        ("x: No such file or directory", False),
    ],
)
def test_what_sudo_says_is_a_denial_unless_it_only_warns(said: str, *, denied: bool) -> None:
    probe = command("id", "/usr/bin/id -u", privilege=Privilege.SUDO)
    captures: list[Capture] = []
    reader = FrameReader([probe], Mark("a", "b"), into(captures), system="Linux", user="jo")
    reader.output(b"\nab H 2 1000 1700000000 Linux\n\nab B id\n\nab E id 1\n\n\nab Z\n")
    reader.error(b"\nab B id\n" + said.encode() + b"\n\nab Z\n")
    (capture,) = captures
    assert isinstance(capture, NotCaptured) is denied


def test_a_shell_that_is_none_is_named_with_what_it_said() -> None:
    captures: list[Capture] = []
    reader = FrameReader(
        [script("a", "")], Mark("a", "b"), into(captures), system="Linux", user="u"
    )
    reader.output(b"This account is currently not available.\n")
    reader.close(None)
    (missing,) = captures
    assert isinstance(missing, NotCaptured)
    assert missing.reason is Reason.SHELL_REFUSED
    assert "currently not available" in missing.detail


def test_another_system_is_refused() -> None:
    reader = FrameReader([], Mark("a", "b"), lambda *_: None, system="Linux", user="u")
    with pytest.raises(TransportError) as caught:
        reader.output(b"\nab H 2 0 1700000000 Darwin\n")
    assert caught.value.reason is Reason.WRONG_PLATFORM


def test_what_was_answered_before_a_drop_is_kept() -> None:
    captures: list[Capture] = []
    probes = [script("a", ""), script("b", "")]
    reader = FrameReader(probes, Mark("a", "b"), into(captures), system="Linux", user="u")
    reader.output(b"\nab H 2 0 1700000000 Linux\n\nab B a\nwhole\nab E a 0\n\n")
    reader.output(b"\nab B b\nhalf an ans")
    reader.close(NotCaptured("", Reason.DROPPED, "gone", datetime.now(UTC)))
    first, second = captures
    assert isinstance(first, Captured)
    assert first.stdout == "whole"
    assert isinstance(second, NotCaptured)
    assert second.reason is Reason.DROPPED


def test_a_flood_ends_the_reading() -> None:
    reader = FrameReader([script("a", "")], Mark("a", "b"), print, system="Linux", user="u")
    with pytest.raises(TransportError):
        for _ in range(1000):
            reader.output(b"x" * 10_000)


def reader_of(*probes: PlannedProbe) -> tuple[FrameReader, list[Capture], list[float]]:
    """A reader that has read the first frame, what it keeps, and its clock in seconds."""
    captures: list[Capture] = []
    clock = [100.0]
    reader = FrameReader(
        probes,
        Mark("a", "b"),
        into(captures),
        system="Linux",
        user="u",
        clock=lambda: clock[0],
    )
    reader.output(b"\nab H 2 0 1700000000 Linux\n")
    return reader, captures, clock


def test_a_probe_that_takes_too_long_ends_the_script_and_no_other() -> None:
    reader, captures, clock = reader_of(script("a", "", timeout_s=5), script("b", ""))
    reader.output(b"\nab B a\npartial")
    reader.error(b"\nab B a\n")
    clock[0] += 5 + GRACE_S
    reader.idle()
    assert captures == []
    clock[0] += 0.1
    reader.idle()
    assert reader.finished
    assert reader.cut
    (late,) = captures
    assert isinstance(late, NotCaptured)
    assert late.reason is Reason.TIMED_OUT
    assert [each.key for each in reader.waiting] == ["b"]


def test_the_clock_of_a_probe_begins_with_it() -> None:
    reader, _, clock = reader_of(script("a", "", timeout_s=5), script("b", "", timeout_s=5))
    clock[0] += 60
    reader.idle()
    reader.output(b"\nab B a\n")
    clock[0] += 6
    reader.output(b"\nab E a 0\n\nab B b\n")
    clock[0] += 6
    reader.idle()
    assert not reader.cut


@pytest.mark.parametrize("over", ["output", "error"])
def test_a_probe_that_says_too_much_ends_the_script(over: str) -> None:
    reader, captures, _ = reader_of(script("a", "", limit_bytes=1000), script("b", ""))
    reader.output(b"\nab B a\n")
    reader.error(b"\nab B a\n")
    for _ in range(100):
        getattr(reader, over)(b"x" * 10_000)
    (flood,) = captures
    assert isinstance(flood, Captured)
    assert flood.truncated
    assert len(flood.stdout) <= 1000
    assert [each.key for each in reader.waiting] == ["b"]


def test_what_was_not_complete_when_the_script_was_ended_is_asked_again() -> None:
    reader, captures, clock = reader_of(script("a", ""), script("b", ""), script("c", ""))
    reader.output(b"\nab B a\nwhole\nab E a 0\n\nab B b\n")
    reader.error(b"\nab B a\n")  # that its standard error is over was not seen
    clock[0] += 100
    reader.idle()
    assert [each.probe for each in captures] == ["b"]
    assert [each.key for each in reader.waiting] == ["a", "c"]
    reader.again(Mark("c", "d"))
    reader.output(b"\ncd H 2 0 1700000000 Linux\n\ncd B a\nonce more\ncd E a 0\n\ncd B c\n")
    reader.error(b"\ncd B a\n\ncd B c\n")
    reader.output(b"\ncd E c 0\n\ncd Z\n")
    reader.error(b"\ncd Z\n")
    assert reader.finished
    assert [(each.probe, text_of(each)) for each in captures[1:]] == [("a", "once more"), ("c", "")]


def test_another_script_needs_a_first_frame_of_its_own() -> None:
    reader, _, clock = reader_of(script("a", ""), script("b", ""))
    reader.output(b"\nab B a\n")
    clock[0] += 100
    reader.idle()
    reader.again(Mark("c", "d"))
    with pytest.raises(TransportError):
        reader.output(b"\ncd B b\n")


def test_the_mark_never_stands_whole_in_the_script() -> None:
    mark = Mark.random()
    assert mark.whole not in render(ANSWERS, mark, sudo=True, password="secret").text


STREAM = (
    b"noise\nab H 2 0 1700000000 Linux\n\nab B a\nfirst\n\nab E a 0\n\n"
    b"\nab B b\n\x00\xff\nab\nabc \n\nab E b 7\n\n\nab Z\n"
)


def read(pieces: Sequence[bytes]) -> list[tuple[str, str, int]]:
    captures: list[Capture] = []
    reader = FrameReader(
        [script("a", ""), script("b", "")],
        Mark("a", "b"),
        into(captures),
        system="Linux",
        user="u",
    )
    for piece in pieces:
        reader.output(piece)
    reader.error(b"\nab B a\n\nab B b\n\nab Z\n")
    assert reader.finished
    reader.close(None)
    return [(c.probe, c.stdout, c.exit_status) for c in captures if isinstance(c, Captured)]


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_how_the_output_is_split_does_not_matter(cuts: list[int]) -> None:
    ends = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in itertools.pairwise(ends)]
    assert read(pieces) == read([STREAM])
    assert [(probe, status) for probe, _, status in read(pieces)] == [("a", 0), ("b", 7)]


@settings(max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40),
            st.sampled_from(
                [
                    b"\nab H 2 0 1 Linux\n",
                    b"\nab B a\n",
                    b"\nab E a 0\n",
                    b"\nab Z\n",
                    b"\nab B ",
                    b"\nab S a\n",
                    b"\nab B zzz\n",
                    b"\nab E a \n",
                    b"\nab \n",
                ]
            ),
        )
    )
)
def test_whatever_comes_gives_captures_or_a_transport_error(pieces: list[bytes]) -> None:
    captures: list[Capture] = []
    reader = FrameReader(
        [script("a", "")], Mark("a", "b"), into(captures), system="Linux", user="u"
    )
    try:
        for piece in pieces:
            reader.output(piece)
            reader.error(piece)
    except TransportError as error:
        reader.close(NotCaptured("", error.reason, error.detail, datetime.now(UTC)))
    else:
        reader.close(None)
    assert [capture.probe for capture in captures] == ["a"]
