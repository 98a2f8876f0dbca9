"""Windows over WinRM: unmodified pywinrm against the lab's server, through the engine's runner."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Iterable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from assessor.model.capture import Captured, NotCaptured, Reason
from assessor.model.target import WinrmLogin
from tests.lab.pki import DAY, Pki
from tests.lab.powershell import Call, Said, asked_by, frame, frames, packed
from tests.lab.wsman import Manners, Pwsh, wsman
from tests.transports.winrm_support import asked, script, windows_target


@pytest.fixture(name="pki")
def _pki(tmp_path: Path) -> Pki:
    return Pki(tmp_path)


def echo(call: Call) -> Said:
    return Said(f"{call.key}: {call.text}\n")


def test_one_shell_answers_every_probe_and_is_taken_away_again(tmp_path: Path, pki: Pki) -> None:
    texts = {"ascii": "'a'", "dutch": "'Beveiligde gebruikers met een ë, €'", "empty": "''"}
    with wsman(tmp_path, echo, issued=pki.issue("localhost")) as windows:
        seen = asked(
            windows_target(windows, pki), *(script(key, text) for key, text in texts.items())
        )
    assert seen.gap is None
    assert {key: seen.text(key) for key in texts} == {
        key: f"{key}: {text}\n" for key, text in texts.items()
    }
    assert seen.skew is not None
    assert abs(seen.skew) <= 2
    assert windows.operations[:3] == ["Create", "Command", "Send"]
    assert windows.operations[-2:] == ["Signal", "Delete"]
    assert windows.shells == {}
    (command,) = windows.commands
    assert len(command) < 8191


def test_a_script_of_200_kb_goes_through_in_a_few_round_trips(tmp_path: Path, pki: Pki) -> None:
    chance = random.Random(6)
    text = "# " + "".join(chr(chance.randrange(33, 127)) for _ in range(200_000)) + "\n'whole'"
    with wsman(tmp_path, echo, issued=pki.issue("localhost")) as windows:
        seen = asked(windows_target(windows, pki), script("large", text), script("small"))
    assert seen.text("large") == f"large: {text}\n"
    # 200 kB are 356 kB of Base64 of Base64 with the driver: four envelopes of at most 150 kB.
    assert windows.operations.count("Send") == 4
    # How often Receive is asked is a matter of time, not of the script's length.
    assert len([each for each in windows.operations if each != "Receive"]) <= 4 + 4
    # Log-in by NTLM takes two exchanges more, once for the connection.
    assert windows.exchanges == len(windows.operations) + 2


def test_basic_over_tls(tmp_path: Path, pki: Pki) -> None:
    with wsman(
        tmp_path, echo, issued=pki.issue("localhost"), manners=Manners(login="basic")
    ) as windows:
        target = windows_target(windows, pki, login=WinrmLogin.BASIC, user="assess")
        assert asked(target, script("a")).text("a") == "a: 'a'\n"


@pytest.mark.parametrize("passphrase", [None, "een lange zin", "a wrong one"])
def test_a_certificate_over_tls(tmp_path: Path, pki: Pki, passphrase: str | None) -> None:
    mine = pki.issue("client", purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    key = mine.key_pem
    if passphrase:
        key = mine.key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"een lange zin")
        )
    files = (tmp_path / "mine.pem", tmp_path / "mine.key")
    files[0].write_bytes(mine.chain_pem)
    files[1].write_bytes(key)
    with wsman(
        tmp_path,
        echo,
        issued=pki.issue("localhost"),
        manners=Manners(login="certificate"),
        clients=pki,
    ) as windows:
        target = windows_target(
            windows,
            pki,
            login=WinrmLogin.CERTIFICATE,
            user=None,
            certificate=(str(files[0]), str(files[1])),
        )
        seen = asked(target, script("a"), passphrase=passphrase)
    if passphrase == "a wrong one":
        assert seen.why().reason is Reason.SECRET_MISSING
    else:
        assert seen.text("a") == "a: 'a'\n"


def test_http_only_with_encrypted_messages(tmp_path: Path) -> None:
    with wsman(tmp_path, echo) as windows:
        seen = asked(windows_target(windows, None, over_http=True), script("a"))
    assert seen.text("a") == "a: 'a'\n"


@pytest.mark.parametrize("operation", ["Create", "Receive"])
def test_an_answer_over_http_that_is_not_encrypted_is_no_answer(
    tmp_path: Path, operation: str
) -> None:
    with wsman(tmp_path, echo, manners=Manners(plain=frozenset({operation}))) as windows:
        seen = asked(windows_target(windows, None, over_http=True), script("a"))
    assert seen.why().reason is Reason.PROTOCOL
    assert "not encrypted" in seen.why().detail


def test_what_was_answered_before_a_fault_is_kept(tmp_path: Path, pki: Pki) -> None:
    def half(stdin: bytes) -> Iterable[bytes]:
        whole = list(frames(asked_by(stdin), echo))
        yield from whole[: len(whole) // 2]

    with wsman(tmp_path, output=half, issued=pki.issue("localhost")) as windows:
        seen = asked(windows_target(windows, pki), *(script(key) for key in "abcdef"))
    assert isinstance(seen.kept["a"], Captured)
    assert seen.missing("f").reason is Reason.DROPPED
    assert windows.closed.is_set()


def test_access_denied_names_the_group_that_would_do(tmp_path: Path, pki: Pki) -> None:
    denied = Said(failed=True, denied=True, error="HRESULT 0x80041003 : Toegang geweigerd")
    with wsman(tmp_path, lambda call: denied, issued=pki.issue("localhost")) as windows:
        seen = asked(
            windows_target(windows, pki),
            script("log", "# Needs: S-1-5-32-573\nGet-WinEvent"),
            script("audit", "# Needs: SeSecurityPrivilege\r\nauditpol"),
            script("tpm", "Get-Tpm"),
        )
    assert {each.reason for each in map(seen.missing, seen.kept)} == {Reason.NO_PRIVILEGE}
    assert "Event Log Readers (S-1-5-32-573)" in seen.missing("log").mend
    assert "SeSecurityPrivilege" in seen.missing("audit").mend
    assert "Administrators (S-1-5-32-544)" in seen.missing("tpm").mend
    assert seen.gap is None


def test_limits_of_a_probe(tmp_path: Path, pki: Pki) -> None:
    answers = {
        "long": Said("é" * 600),
        "late": Said(state="late"),
        "full": Said("x" * 10, state="full"),
        "failed": Said("partly\n", failed=True, error="CommandNotFoundException 0x80131501: x"),
        "odd": Said("a\ud800"),
    }
    with wsman(tmp_path, lambda call: answers[call.key], issued=pki.issue("localhost")) as windows:
        seen = asked(
            windows_target(windows, pki), *(script(key, limit_bytes=1001) for key in answers)
        )
    long, full, failed, odd = (seen.kept[key] for key in ("long", "full", "failed", "odd"))
    assert isinstance(long, Captured)
    assert long.truncated
    assert len(long.stdout) == 501
    assert seen.missing("late").reason is Reason.TIMED_OUT
    assert isinstance(full, Captured)
    assert full.truncated
    assert isinstance(failed, Captured)
    assert (failed.exit_status, failed.stdout) == (1, "partly\n")
    assert "CommandNotFoundException" in failed.stderr
    assert isinstance(odd, Captured)
    assert odd.undecodable


def test_silence_longer_than_the_operation_time_out_is_waited_for(tmp_path: Path, pki: Pki) -> None:
    go = threading.Event()

    def slow(call: Call) -> Said:
        go.wait(20)
        return echo(call)

    with wsman(tmp_path, slow, issued=pki.issue("localhost")) as windows:

        def release() -> None:
            while windows.operations.count("Receive") < 3 and not windows.ended.wait(0.05):
                pass
            go.set()

        threading.Thread(target=release, daemon=True).start()
        seen = asked(windows_target(windows, pki), script("a"))
    assert seen.text("a") == "a: 'a'\n"


def test_an_interrupted_run_ends_at_once_and_has_no_end_in_its_journal(
    tmp_path: Path, pki: Pki
) -> None:
    abandoned = threading.Event()

    def stop(call: Call) -> Said:
        abandoned.set()
        threading.Event().wait(5)
        return echo(call)

    with wsman(tmp_path, stop, issued=pki.issue("localhost")) as windows:
        seen = asked(windows_target(windows, pki), script("a"), abandoned=abandoned)
    assert not seen.ended
    assert seen.kept == {}
    assert seen.seconds < 5


def test_real_powershell_runs_the_driver(tmp_path: Path, pki: Pki) -> None:
    pwsh = shutil.which("pwsh")
    if pwsh is None:
        pytest.skip("pwsh (PowerShell 7) is not on the PATH")
    with wsman(
        tmp_path, issued=pki.issue("localhost"), start=lambda command: Pwsh(pwsh, command)
    ) as windows:
        seen = asked(windows_target(windows, pki), script("a", "ConvertTo-Json -Compress @(1)"))
    assert seen.gap is not None
    assert seen.gap.reason is Reason.WRONG_PLATFORM  # it is real, and on this system


def test_frames_that_are_not_the_scripts_are_refused(tmp_path: Path, pki: Pki) -> None:
    def strange(stdin: bytes) -> Iterable[bytes]:
        mark = asked_by(stdin).mark
        yield from list(frames(asked_by(stdin), echo))[:4]
        yield frame(mark, f"E b {packed(b'{}')}")

    with wsman(tmp_path, output=strange, issued=pki.issue("localhost")) as windows:
        seen = asked(windows_target(windows, pki), script("a"), script("b"))
    assert seen.text("a") == "a: 'a'\n"
    assert seen.missing("b").reason is Reason.PROTOCOL


def test_a_certificate_of_another_day(tmp_path: Path, pki: Pki) -> None:
    issued = pki.issue("localhost", begins=DAY, ends=2 * DAY)
    with wsman(tmp_path, echo, issued=issued) as windows:
        seen = asked(windows_target(windows, pki), script("a"))
    assert isinstance(seen.kept["a"], NotCaptured)
    assert "not valid yet" in seen.why().detail
