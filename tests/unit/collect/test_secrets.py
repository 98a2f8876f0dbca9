"""Secrets come from where the inventory says, once, and are shown nowhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from assessor.collect.secrets import SourcedSecrets
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import (
    Platform,
    Role,
    SecretPurpose,
    SecretSource,
    Target,
    TransportKind,
)

PASSWORD = SecretPurpose.PASSWORD
CODE = SecretPurpose.ONE_TIME_CODE
SECRET = "hunter2-and-more"


def _target(
    source: SecretSource | None, name: str = "web", purpose: SecretPurpose = PASSWORD
) -> Target:
    return Target(
        name=name,
        role=Role.SERVER,
        transport=TransportKind.SSH,
        platform=Platform.LINUX,
        address="10.0.0.1",
        secrets={purpose: source} if source else {},
    )


def _nobody(question: str) -> str | None:
    raise AssertionError(f"asked: {question}")


def _command(*words: str) -> SecretSource:
    return SecretSource("command", words)


def _refused(
    secrets: SourcedSecrets, target: Target, purpose: SecretPurpose = PASSWORD
) -> TransportError:
    with pytest.raises(TransportError) as raised:
        secrets.get(target, purpose)
    assert raised.value.reason is Reason.SECRET_MISSING
    assert SECRET not in f"{raised.value!r} {raised.value.detail} {raised.value.mend}"
    return raised.value


def test_without_a_source_there_is_no_secret() -> None:
    assert SourcedSecrets(_nobody).get(_target(None), PASSWORD) is None


def test_from_the_environment() -> None:
    source = SecretSource("env", ("WEB_PASSWORD",))
    secrets = SourcedSecrets(_nobody, {"WEB_PASSWORD": SECRET})

    assert secrets.get(_target(source), PASSWORD) == SECRET


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, "WEB_PASSWORD is not set"),
        ({"WEB_PASSWORD": ""}, "empty"),
        ({"WEB_PASSWORD": f"{SECRET}\n"}, "no line"),
        ({"WEB_PASSWORD": f"{SECRET}\udcff"}, "no line"),
    ],
)
def test_a_variable_that_gives_nothing_is_told(environment: dict[str, str], told: str) -> None:
    source = SecretSource("env", ("WEB_PASSWORD",))

    error = _refused(SourcedSecrets(_nobody, environment), _target(source))

    assert told in error.detail
    assert error.mend


def test_from_the_first_line_of_a_commands_output() -> None:
    source = _command("printf", f"{SECRET}\\r\\nuser: admin\\n")

    assert SourcedSecrets(_nobody).get(_target(source), PASSWORD) == SECRET


def test_a_command_is_run_without_a_shell(tmp_path: Path) -> None:
    source = _command("echo", f"$HOME; touch {tmp_path}/made")

    assert SourcedSecrets(_nobody).get(_target(source), PASSWORD) == source.value[1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("sh", "-c", f"echo {SECRET}; echo {SECRET} >&2; exit 3"), "exit status 3"),
        (("true",), "empty"),
        (("/no/such/programme",), "cannot be run"),
        (("printf", f"\\377{SECRET}"), "no text"),
    ],
)
def test_a_command_that_fails_is_told_without_its_output(words: tuple[str, ...], told: str) -> None:
    error = _refused(SourcedSecrets(_nobody), _target(_command(*words)))

    assert told in error.detail


def test_a_command_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assessor.collect.secrets._COMMAND_S", 0.2)

    error = _refused(SourcedSecrets(_nobody), _target(_command("sleep", "1000")))

    assert "gave nothing within" in error.detail


def test_a_command_runs_once_for_all_targets_and_threads(tmp_path: Path) -> None:
    log = tmp_path / "log"
    source = _command("sh", "-c", f"echo run >> {log}; echo {SECRET}")
    secrets = SourcedSecrets(_nobody)
    targets = [_target(source, f"web{number}") for number in range(16)]

    with ThreadPoolExecutor(8) as pool:
        values = list(pool.map(lambda target: secrets.get(target, PASSWORD), targets))

    assert values == [SECRET] * 16
    assert log.read_text() == "run\n"


def test_a_source_that_failed_is_not_tried_again_but_told_for_each_target(tmp_path: Path) -> None:
    log = tmp_path / "log"
    source = _command("sh", "-c", f"echo run >> {log}; exit 1")
    secrets = SourcedSecrets(_nobody)

    details = [_refused(secrets, _target(source, name)).detail for name in ("web", "mail")]

    assert log.read_text() == "run\n"
    assert ["for web is" in details[0], "for mail is" in details[1]] == [True, True]


def test_a_one_time_code_is_fetched_anew_each_time(tmp_path: Path) -> None:
    counter = tmp_path / "count"
    source = _command("sh", "-c", f"echo x >> {counter}; wc -l < {counter}")
    secrets = SourcedSecrets(_nobody)
    target = _target(source, purpose=CODE)

    assert [secrets.get(target, CODE), secrets.get(target, CODE)] == ["1", "2"]


def _asker(questions: list[str]) -> Callable[[str], str | None]:
    def ask(question: str) -> str | None:
        questions.append(question)
        return f"{SECRET}{len(questions)}"

    return ask


def test_each_target_is_asked_about_once() -> None:
    questions: list[str] = []
    secrets = SourcedSecrets(_asker(questions))
    source = SecretSource("ask")
    targets = [_target(source, name) for name in ("web", "mail", "web")]

    assert [secrets.get(target, PASSWORD) for target in targets] == [
        f"{SECRET}1",
        f"{SECRET}2",
        f"{SECRET}1",
    ]
    assert questions == ["Password for web (10.0.0.1): ", "Password for mail (10.0.0.1): "]


def test_targets_with_one_label_are_asked_about_together() -> None:
    questions: list[str] = []
    secrets = SourcedSecrets(_asker(questions))
    source = SecretSource("ask", ("the office",))

    assert {secrets.get(_target(source, name), PASSWORD) for name in "abc"} == {f"{SECRET}1"}
    assert questions == ["Password for the office: "]


def test_purposes_are_asked_for_apart() -> None:
    questions: list[str] = []
    secrets = SourcedSecrets(_asker(questions))
    source = SecretSource("ask")
    target = replace(
        _target(source), secrets={PASSWORD: source, SecretPurpose.SUDO_PASSWORD: source}
    )

    assert secrets.get(target, PASSWORD) != secrets.get(target, SecretPurpose.SUDO_PASSWORD)
    assert questions[1] == "Sudo password for web (10.0.0.1): "


def test_only_one_question_at_a_time() -> None:
    inside = threading.Lock()
    overlaps: list[str] = []

    def ask(question: str) -> str | None:
        if not inside.acquire(blocking=False):
            overlaps.append(question)
            return "x"
        threading.Event().wait(0.01)
        inside.release()
        return "x"

    secrets = SourcedSecrets(ask)
    targets = [_target(SecretSource("ask"), f"web{number}") for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda target: secrets.get(target, PASSWORD), targets))

    assert overlaps == []


def test_without_a_terminal_it_is_told() -> None:
    error = _refused(SourcedSecrets(lambda question: None), _target(SecretSource("ask")))

    assert "no terminal" in error.detail


def test_who_does_not_answer_is_not_asked_again() -> None:
    questions: list[str] = []

    def ask(question: str) -> str | None:
        questions.append(question)
        raise TransportError(Reason.SECRET_MISSING, "nobody answered")

    secrets = SourcedSecrets(ask)
    for name in ("web", "mail"):
        _refused(secrets, _target(SecretSource("ask"), name))

    assert len(questions) == 1


class _Keyring(ModuleType):
    """Stands in for the optional package, whose back ends need a desktop."""

    def get_password(self, service: str, user: str) -> str | None:
        if service == "locked":
            raise RuntimeError(f"cannot show {SECRET}")
        return SECRET if (service, user) == ("assess", "admin") else None


@pytest.mark.parametrize(
    ("service", "told"), [("other", "holds nothing"), ("locked", "failed (RuntimeError)")]
)
def test_a_keyring_that_gives_nothing_is_told(
    monkeypatch: pytest.MonkeyPatch, service: str, told: str
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", _Keyring("keyring"))

    error = _refused(SourcedSecrets(_nobody), _target(SecretSource("keyring", (service, "admin"))))

    assert told in error.detail


def test_from_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", _Keyring("keyring"))
    source = SecretSource("keyring", ("assess", "admin"))

    assert SourcedSecrets(_nobody).get(_target(source), PASSWORD) == SECRET


def test_a_keyring_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)

    error = _refused(SourcedSecrets(_nobody), _target(SecretSource("keyring", ("assess", "admin"))))

    assert "pip install keyring" in error.mend


def test_no_secret_is_shown_by_the_object() -> None:
    secrets = SourcedSecrets(_nobody, {"WEB_PASSWORD": SECRET})
    secrets.get(_target(SecretSource("env", ("WEB_PASSWORD",))), PASSWORD)

    assert SECRET not in f"{secrets!r} {secrets} {list(secrets._slots.values())!r}"
