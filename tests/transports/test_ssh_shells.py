"""The same script runs behind every log-in shell, whatever start-up files print."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assessor.model.capture import Reason
from assessor.model.target import Platform, TransportKind
from tests.lab.sshd import SshLab
from tests.transports.ssh_support import END, FixedSecrets, run_on, target_of, transport
from tests.transports.winrm_support import asked, script

SCRIPT = b"""id -un
cat <<'E'
$HOME `id` "quoted" 'single' \\
E
x=1; while [ $x -le 3 ]; do printf '%s.' $x; x=$((x+1)); done; echo
echo to-error >&2
printf '\\377\\000\\n'
"""


@pytest.mark.parametrize("shell", ["bash", "dash", "fish", "tcsh", "zsh", "ash"])
def test_the_script_runs_under_sh_whatever_the_login_shell_is(ssh_lab: SshLab, shell: str) -> None:
    host = ssh_lab.host(shell)

    got = run_on(host, SCRIPT + b"sleep 0\n")

    head, end, rest = got.out.partition(END)
    assert (end, rest) == (END, b"\n")
    assert head.splitlines() == [
        host.user.encode(),
        b"$HOME `id` \"quoted\" 'single' \\",
        b"1.2.3.",
        b"\xff\x00",
    ]
    assert got.err == b"to-error\n"


def test_noise_of_banner_and_bashrc_reaches_the_sink_and_breaks_nothing(ssh_lab: SshLab) -> None:
    got = run_on(ssh_lab.host("noisy"), b"echo answer; echo problem >&2; sleep 0\n")

    assert got.out.startswith(b"Welcome to ")
    assert got.out.splitlines()[-2:] == [b"answer", END]
    assert got.err == b"mail: none\nproblem\n"


def test_a_large_script_and_a_large_answer_pass_whole(ssh_lab: SshLab) -> None:
    # More than the 2 MiB window of the channel in both directions.
    filler = b"# " + b"x" * 998 + b"\n"
    script = filler * 3000 + b"head -c 5000000 /dev/zero | tr '\\0' a\n"

    got = run_on(ssh_lab.host("bash"), script, seconds=60, most=1 << 24)

    assert got.out.partition(END)[0] == b"a" * 5_000_000


def test_output_before_the_end_mark_is_kept_when_the_shell_ends_early(ssh_lab: SshLab) -> None:
    got = run_on(ssh_lab.host("dash"), b"echo first; exit 3\n")

    assert got.out == b"first\n"
    assert not got.finished


def test_new_keys_in_the_middle_of_a_session(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("rekey")
    script = b"# " + b"x" * 3_000_000 + b"\nhead -c 5000000 /dev/zero | tr '\\0' a\n"

    got = run_on(host, script, seconds=60, most=1 << 24)

    assert got.out.partition(END)[0] == b"a" * 5_000_000


def test_windows_gets_the_loader_instead_and_the_same_frames(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("windows")
    secrets = FixedSecrets({})
    target = replace(target_of(host, {}), platform=Platform.WINDOWS)
    large = "# " + "é" * 200_000
    with transport(secrets) as ssh:
        seen = asked(
            target, script("large", large, limit_bytes=1 << 20), shells={TransportKind.SSH: ssh}
        )
    assert seen.gap is None
    assert seen.text("large") == large


def test_a_linux_that_is_taken_for_windows_says_so(ssh_lab: SshLab) -> None:
    target = replace(target_of(ssh_lab.host("dash"), {}), platform=Platform.WINDOWS)
    with transport(FixedSecrets({})) as ssh:
        seen = asked(target, script("a"), shells={TransportKind.SSH: ssh})
    assert seen.why().reason is Reason.SHELL_REFUSED
    assert "powershell.exe" in seen.why().detail
    assert "runs Windows" in seen.why().mend


@pytest.mark.parametrize("kind", ["modern", "ipv6"])
def test_other_ways_to_the_same_shell(ssh_lab: SshLab, kind: str) -> None:
    assert run_on(ssh_lab.host(kind)).finished


def test_an_account_without_a_shell_returns_with_what_was_said(ssh_lab: SshLab) -> None:
    got = run_on(ssh_lab.host("nologin"))

    assert b"not available" in got.out
    assert not got.finished


def test_the_shell_is_not_waited_for_once_the_sink_is_finished(ssh_lab: SshLab) -> None:
    # The script goes on for longer than the deadline: only the mark may end the reading.
    got = run_on(ssh_lab.host("bash"), b"echo =EN''D=; sleep 1000\n", seconds=20)

    assert got.finished
