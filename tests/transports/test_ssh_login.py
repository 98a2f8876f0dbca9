"""Logging in to real servers, in every way that they offer."""

from __future__ import annotations

import logging
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assessor.collect.secrets import SourcedSecrets
from assessor.collect.transports.base import Deadline, Script
from assessor.collect.transports.known_hosts import KnownHosts
from assessor.collect.transports.ssh import SshTransport
from assessor.collect.transports.ssh_auth import Login
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import SecretPurpose, SecretSource
from tests.lab.servers import make_key
from tests.lab.sshd import LabHost, SshLab
from tests.transports.ssh_support import (
    SAY_END,
    Collected,
    FixedSecrets,
    all_secrets,
    refusal,
    run_on,
    target_of,
    transport,
)

PASSWORD = SecretPurpose.PASSWORD
CODE = SecretPurpose.ONE_TIME_CODE
PASSPHRASE = SecretPurpose.KEY_PASSPHRASE


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[str]:
    """A running ``ssh-agent`` without keys; gives its socket."""
    path = str(tmp_path / "agent")
    process = subprocess.Popen(
        ["ssh-agent", "-D", "-a", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    process.stdout.readline()  # said once it listens
    try:
        yield path
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _add(agent: str, *keys: Path) -> None:
    subprocess.run(
        ["ssh-add", "-q", *map(str, keys)],
        check=True,
        env={**os.environ, "SSH_AUTH_SOCK": agent},
        timeout=10,
        capture_output=True,
    )


@pytest.mark.parametrize(
    "kind",
    [
        "bash",
        "password",
        "interactive",
        "totp",
        "key-totp",
        "key-password",
        "user-certificate",
        "encrypted",
    ],
)
def test_every_kind_of_account_lets_us_in(ssh_lab: SshLab, kind: str) -> None:
    host = ssh_lab.host(kind)

    got = run_on(host, b"id -un\n")

    assert got.out.splitlines()[0] == host.user.encode()


@pytest.mark.parametrize("passphrase", ["", "a passphrase"])
@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("ed25519", "openssh"),  # ssh-keygen writes these in its own form only
        *((kind, form) for kind in ("rsa", "ecdsa") for form in ("openssh", "PEM", "PKCS8")),
    ],
)
def test_every_kind_of_key_file_is_read(
    ssh_lab: SshLab, tmp_path: Path, kind: str, passphrase: str, form: str
) -> None:
    key = make_key(tmp_path / "id", kind, passphrase)
    if form != "openssh":
        subprocess.run(
            ["ssh-keygen", "-q", "-p", "-m", form, "-P", passphrase, "-N", passphrase,
             "-f", str(key)],
            check=True, timeout=10, capture_output=True,
        )  # fmt: skip
    host = ssh_lab.with_key(ssh_lab.host("bash"), key)
    key.with_name("id.pub").unlink()  # the public half has to be found in the private file

    assert run_on(host, given={PASSPHRASE: passphrase} if passphrase else {}).finished


def test_the_agent_opens_a_host_without_any_file(ssh_lab: SshLab, agent: str) -> None:
    host = ssh_lab.host("bash")
    assert host.identity_file is not None
    _add(agent, host.identity_file)

    assert run_on(replace(host, identity_file=None), given={}, agent=agent).finished


@pytest.mark.parametrize("kind", ["rsa", "ecdsa"])
def test_the_agent_signs_with_other_kinds_of_key(
    ssh_lab: SshLab, agent: str, tmp_path: Path, kind: str
) -> None:
    key = make_key(tmp_path / "id", kind)
    _add(agent, key)
    host = ssh_lab.with_key(ssh_lab.host("bash"), key)

    assert run_on(replace(host, identity_file=None), given={}, agent=agent).finished


def test_a_certificate_in_the_agent_is_used(ssh_lab: SshLab, agent: str) -> None:
    host = ssh_lab.host("user-certificate")
    assert host.identity_file is not None
    _add(agent, host.identity_file)

    assert run_on(replace(host, identity_file=None), given={}, agent=agent).finished


def test_the_agent_spares_the_passphrase_of_a_named_file(ssh_lab: SshLab, agent: str) -> None:
    plain = ssh_lab.host("bash")
    assert plain.identity_file is not None
    _add(agent, plain.identity_file)
    copy = plain.identity_file.parent / "copy_of_identity"
    copy.write_bytes(plain.identity_file.read_bytes())
    copy.chmod(0o600)
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-P", "", "-N", "a passphrase", "-f", str(copy)],
        check=True, timeout=10, capture_output=True,
    )  # fmt: skip

    assert run_on(replace(plain, identity_file=copy), given={}, agent=agent).finished


def test_the_named_key_comes_before_the_other_keys_of_a_full_agent(
    ssh_lab: SshLab, agent: str, tmp_path: Path
) -> None:
    # sshd hangs up after six keys (MaxAuthTries): the named one must come first.
    _add(agent, *(make_key(tmp_path / f"other{number}") for number in range(8)))

    assert run_on(ssh_lab.host("bash"), given={}, agent=agent).finished


def test_too_many_keys_are_told_with_the_mend(ssh_lab: SshLab, agent: str, tmp_path: Path) -> None:
    _add(agent, *(make_key(tmp_path / f"other{number}") for number in range(8)))
    host = replace(ssh_lab.host("bash"), identity_file=None)

    with pytest.raises(TransportError) as raised:
        run_on(host, given={}, agent=agent)

    assert raised.value.reason is Reason.AUTHENTICATION_FAILED
    assert "Too many authentication failures" in raised.value.detail
    assert "identity_files" in raised.value.mend


def test_a_refused_key_names_what_is_offered_and_tried(ssh_lab: SshLab, tmp_path: Path) -> None:
    wrong = make_key(tmp_path / "wrong")

    error = refusal(replace(ssh_lab.host("bash"), identity_file=wrong), given={})

    assert error.reason is Reason.AUTHENTICATION_FAILED
    assert "offers publickey" in error.detail
    assert f"tried: key {wrong}" in error.detail


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """The methods that are tried, and whether something is signed or told with it."""
    made: list[tuple[str, bool]] = []
    request = Login._request

    def seen(self: Login, method: str, *fields: str | bytes | bool) -> None:
        made.append((method, bool(fields and fields[0])))
        request(self, method, *fields)

    monkeypatch.setattr(Login, "_request", seen)
    return made


@pytest.mark.parametrize(
    ("passphrase", "tried"),
    [
        ("", [("publickey", True)]),
        ("a passphrase", [("none", False), ("publickey", False), ("publickey", True)]),
    ],
)
def test_only_a_key_with_a_passphrase_is_offered_before_it_signs(
    ssh_lab: SshLab,
    tmp_path: Path,
    requests: list[tuple[str, bool]],
    passphrase: str,
    tried: list[tuple[str, bool]],
) -> None:
    key = make_key(tmp_path / "id", passphrase=passphrase)
    host = ssh_lab.with_key(ssh_lab.host("dash"), key)

    assert run_on(host, given={PASSPHRASE: passphrase} if passphrase else {}).finished
    assert requests == tried


def test_a_named_key_that_nobody_wants_does_not_keep_the_password_back(
    ssh_lab: SshLab, tmp_path: Path, requests: list[tuple[str, bool]]
) -> None:
    host = ssh_lab.host("password")
    given = all_secrets(host)
    first, second = (make_key(tmp_path / name) for name in ("first", "second"))
    target = replace(
        target_of(replace(host, identity_file=first), given),
        identity_files=(str(first), str(second)),
    )

    sink = Collected()
    with transport(FixedSecrets(given)) as ssh:
        ssh.run(target, [Script(SAY_END)], sink, Deadline.after(30))

    assert sink.finished
    # The second key is not tried where keys are not taken.
    assert [method for method, _ in requests] == ["publickey", "none", "password"]


def test_no_passphrase_is_asked_for_a_key_that_the_server_does_not_want(
    ssh_lab: SshLab, tmp_path: Path
) -> None:
    wrong = make_key(tmp_path / "wrong", passphrase="a passphrase")
    host = replace(ssh_lab.host("bash"), identity_file=wrong)
    secrets = FixedSecrets({PASSPHRASE: "a passphrase"})

    with transport(secrets) as ssh, pytest.raises(TransportError):
        ssh.run(target_of(host, secrets.values), [Script(SAY_END)], Collected(), Deadline.after(20))

    assert secrets.asked == []


@pytest.mark.parametrize(
    ("given", "told"),
    [({}, "none is given"), ({PASSPHRASE: "not this one"}, "the passphrase does not open it")],
)
def test_a_locked_key_is_told_with_the_mend(
    ssh_lab: SshLab, given: dict[SecretPurpose, str], told: str
) -> None:
    error = refusal(ssh_lab.host("encrypted"), given=given)

    assert error.reason is Reason.AUTHENTICATION_FAILED
    assert told in error.detail
    assert "key_passphrase" in error.mend


def test_a_missing_identity_file_is_told(ssh_lab: SshLab, tmp_path: Path) -> None:
    host = replace(ssh_lab.host("bash"), identity_file=tmp_path / "absent")

    assert f"{tmp_path / 'absent'} does not exist" in refusal(host, given={}).detail


@pytest.mark.parametrize("kind", ["password", "interactive", "totp", "key-password"])
def test_a_wrong_password_is_given_once_and_never_shown(
    ssh_lab: SshLab, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    host = ssh_lab.host(kind)
    wrong = "wrong-7c1d-password"
    caplog.set_level(logging.DEBUG)
    assert host.server is not None
    before = host.server.log.read_text().count("Failed")

    error = refusal(host, given={**all_secrets(host), PASSWORD: wrong})

    assert error.reason is Reason.AUTHENTICATION_FAILED
    assert host.server.log.read_text().count("Failed") - before <= 1
    shown = f"{error!r} {error.detail} {error.mend} {caplog.text}"
    assert wrong not in shown


def test_a_wrong_code_is_refused_and_never_shown(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("key-totp")

    error = refusal(host, given={CODE: "000000"})

    assert error.reason is Reason.AUTHENTICATION_FAILED
    assert "then asks for keyboard-interactive" in error.detail
    assert "000000" not in f"{error.detail} {error.mend}"


def test_a_code_without_a_source_is_told_with_the_prompt(ssh_lab: SshLab) -> None:
    error = refusal(ssh_lab.host("key-totp"), given={})

    assert '"Verification code:"' in error.detail
    assert "one_time_code" in error.mend


def test_a_source_that_gives_nothing_is_told_as_such(ssh_lab: SshLab) -> None:
    host = ssh_lab.host("password")
    source = SecretSource("env", ("NOT_SET",))
    target = host.target(secrets_from={PASSWORD: source})
    ssh = SshTransport(
        SourcedSecrets(lambda question: None, {}), threading.Event(), known_hosts=KnownHosts(())
    )

    with ssh, pytest.raises(TransportError) as raised:
        ssh.run(target, [Script(SAY_END)], Collected(), Deadline.after(20))

    assert raised.value.reason is Reason.SECRET_MISSING
    assert "NOT_SET" in raised.value.detail


def test_a_password_without_a_source_is_told(ssh_lab: SshLab) -> None:
    error = refusal(ssh_lab.host("key-password"), given={})

    assert "it wants a password, and none is given" in error.detail
    assert "source for password" in error.mend


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("What is your quest? \x1b]0;owned\x07", '"What is your quest? ]0;owned", which is not'),
        ("Current password: ", '"Current password:": the password has to be changed'),
    ],
)
def test_a_prompt_that_is_not_understood_is_quoted_and_not_answered(
    ssh_lab: SshLab, prompt: str, told: str
) -> None:
    host = ssh_lab.prompting(prompt)

    error = refusal(host, given={PASSWORD: host.password})

    assert error.reason is Reason.AUTHENTICATION_FAILED
    assert told in error.detail
    assert host.server is not None
    # What PAM says to any answer; the conversation was left instead.
    assert "PAM: Authentication failure" not in host.server.log.read_text()


def test_an_expired_password_is_told(ssh_lab: SshLab) -> None:
    error = refusal(ssh_lab.host("expired"))

    assert error.reason is Reason.AUTHENTICATION_FAILED
    assert "has to be changed" in error.detail


def test_paramiko_logs_nothing(ssh_lab: SshLab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    host: LabHost = ssh_lab.host("totp")

    run_on(host)

    assert [record for record in caplog.records if record.name.startswith("paramiko")] == []
