"""Windows in the check on access logging: words of auditpol, logs, and what they add up to."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from assessor import bundled
from assessor.api import Captured, Judgement, NotCaptured, Parameters, Reason, UnparsedError
from assessor.catalogue.manifest import read_check
from assessor.catalogue.samples import Sample, read_samples
from checks.access_logging.check import CHECK
from checks.access_logging.windows_audit import FAILURE, SUCCESS, meaning, read_audit_policy
from checks.access_logging.windows_log import Mode, read_event_logs

INFO = read_check(bundled.folder("checks") / "access_logging", "bundled")
SAMPLES = {sample.name: sample for sample in read_samples(INFO)}
GOOD = SAMPLES["windows11_good"]
BOTH = SUCCESS | FAILURE
NOW = datetime(2026, 11, 1, 9, 0, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "number"),
    [
        ("Success and Failure", BOTH),
        ("Success", SUCCESS),
        ("Failure", FAILURE),
        ("No Auditing", 0),
        ("Geslaagd en mislukt", BOTH),
        ("Geslaagd", SUCCESS),
        ("Mislukt", FAILURE),
        ("Geen controle", 0),
        ("Erfolg und Fehler", BOTH),
        ("Keine Überwachung", 0),
        ("Keine \u0161berwachung", 0),
        ("Keine \ufffdberwachung", 0),
        ("Succès et échec", BOTH),
        ("Succ\u0160s et \u201achec", BOTH),
        ("Esito positivo e negativo", BOTH),
        # A word that is a part of another one, or is not known.
        ("Success and", None),
        ("Not Configured", None),
        ("Lyckade och misslyckade", None),
        ("", None),
        ("成功", None),
    ],
)
def test_words_of_a_setting(word: str, number: int | None) -> None:
    assert meaning(word) == number


def rows(*lines: str, status: int = 0) -> str:
    return json.dumps({"status": status, "rows": list(lines), "end": True})


def row(part: str, word: str) -> str:
    return f"{{0CCE9{part}-69AE-11D9-BED3-505054503030}},{word},"


def test_audit_policy() -> None:
    found = read_audit_policy(rows(row("215", "Geslaagd en mislukt"), row("21B", "Vreemd")))
    assert (found.log_ins, found.settings["21b"]) == (BOTH, None)
    assert found.unknown_words == ("Vreemd",)
    assert read_audit_policy(rows(row("216", "Success"))).log_ins is None


@pytest.mark.parametrize(
    "text",
    [
        rows(row("215", "Success"), row("215", "Failure")),
        rows("{69979849-797A-11D9-BED3-505054503030},Success,"),
        rows("{0CCE9215-69AE-11D9-BED3-505054503030}"),
        rows(row("215", "Success"), status=87),
    ],
)
def test_a_strange_audit_policy_is_not_guessed_at(text: str) -> None:
    with pytest.raises(UnparsedError):
        read_audit_policy(text)


def test_what_is_recommended_besides() -> None:
    found = read_audit_policy(
        rows(
            row("216", "Success"),
            row("217", "Success"),
            row("21B", "Success and Failure"),
            row("235", "Failure"),
            row("237", "Not known"),
            row("242", "Success"),
        )
    )
    assert found.lacking(controller=False) == ("Account Lockout", "User Account Management")
    assert "Kerberos Authentication Service" in found.lacking(controller=True)


def changed(sample: Sample, **answers: Callable[[dict[str, Any]], Any] | NotCaptured) -> Sample:
    """``sample`` with answers changed, or gone."""
    by_probe = dict(sample.captures.by_probe)
    for probe, change in answers.items():
        if isinstance(change, NotCaptured):
            by_probe[probe] = change
            continue
        capture = by_probe[probe]
        assert isinstance(capture, Captured)
        said = json.loads(capture.stdout)
        change(said)
        by_probe[probe] = dataclasses.replace(capture, stdout=json.dumps(said))
    return dataclasses.replace(
        sample, captures=dataclasses.replace(sample.captures, by_probe=by_probe)
    )


def judged(sample: Sample, days: int = 90) -> Judgement:
    facts = CHECK.observe(sample.captures)
    (judgement,) = CHECK.evaluate(facts, Parameters({"retention_days": days}))
    return judgement


def put(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda said: said.update(values)


def security(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda said: said["logs"][0].update(values)


def registry(path: str, **values: Any) -> Callable[[dict[str, Any]], None]:
    """A key of the answer to ``policies`` with these values."""

    def change(said: dict[str, Any]) -> None:
        for part in said["registry"]:
            asked, *names = part["asked"].split("|")
            if asked.endswith(path):
                part["keys"] = [{"key": asked, "values": []}]
                for name in values if names == ["*"] else names:
                    data = values.get(name)
                    kind = 0 if data is None else 1 if isinstance(data, str) else 4
                    part["keys"][0]["values"].append({"name": name, "kind": kind, "data": data})

    return change


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("age", "message"),
    [
        (timedelta(days=91), "kept"),
        (timedelta(days=90), "kept"),
        (timedelta(days=90) - timedelta(seconds=1), "log_not_yet_shown"),
    ],
)
def test_the_oldest_record(age: timedelta, message: str) -> None:
    assert judged(changed(GOOD, event_logs=put(oldest=stamp(NOW - age)))).message.id == message


@pytest.mark.parametrize(
    ("age", "message"),
    [
        (timedelta(days=1), "kept"),
        (timedelta(days=1, seconds=1), "log_in_not_found"),
    ],
)
def test_the_last_log_in(age: timedelta, message: str) -> None:
    assert judged(changed(GOOD, log_ins=put(last=stamp(NOW - age)))).message.id == message


def test_the_log_itself_must_be_alive_where_log_ins_were_not_looked_for() -> None:
    gap = NotCaptured("log_ins", Reason.TIMED_OUT, "", GOOD.captures.at)
    assert judged(changed(GOOD, log_ins=gap)).message.id == "kept"
    old = put(newest=stamp(NOW - timedelta(days=2)))
    assert judged(changed(GOOD, log_ins=gap, event_logs=old)).message.id == "log_in_not_found"


@pytest.mark.parametrize(
    ("megabytes_left", "number", "mode", "message"),
    [
        (0, 2, 0, "log_too_small"),
        (1, 2, 0, "log_too_small"),
        (2, 2, 0, "log_not_yet_shown"),
        (0, 1, 0, "log_not_yet_shown"),
        (0, 2, 1, "log_not_yet_shown"),
        (0, None, 0, "log_not_yet_shown"),
    ],
)
def test_a_log_that_overwrites(
    megabytes_left: int, number: int | None, mode: int, message: str
) -> None:
    def change(said: dict[str, Any]) -> None:
        said["oldest"] = stamp(NOW - timedelta(days=30))
        size = 64 * 1_048_576
        file = size - megabytes_left * 1_048_576
        security(max_bytes=size, file_bytes=file, oldest_number=number, mode=mode)(said)

    assert judged(changed(GOOD, event_logs=change)).message.id == message


@pytest.mark.parametrize(
    ("values", "mode", "megabytes"),
    [
        ({}, "circular", 1024),
        ({"Retention": "0", "AutoBackupLogFiles": "1"}, "circular", 1024),
        ({"Retention": "1"}, "retain", 1024),
        ({"Retention": 1, "AutoBackupLogFiles": 0}, "retain", 1024),
        ({"Retention": "1", "AutoBackupLogFiles": "1"}, "auto_backup", 1024),
        ({"AutoBackupLogFiles": "1"}, "circular", 1024),
        ({"MaxSize": 196608}, "circular", 192),
    ],
)
def test_policy_comes_before_the_setting_of_the_machine(
    values: dict[str, Any], mode: str, megabytes: int
) -> None:
    found = judged(
        changed(GOOD, policies=registry(r"Policies\Microsoft\Windows\EventLog\Security", **values))
    )
    assert (found.observed["mode"], found.observed["max_megabytes"]) == (mode, megabytes)


@pytest.mark.parametrize(
    ("days_after_installation", "message"), [(2, "log_not_yet_shown"), (3, "log_emptied")]
)
def test_a_log_that_was_emptied(days_after_installation: int, message: str) -> None:
    cleared = NOW - timedelta(days=20)
    installed = int((cleared - timedelta(days=days_after_installation)).timestamp())
    sample = changed(
        GOOD,
        event_logs=put(cleared=stamp(cleared), oldest=stamp(cleared)),
        policies=registry(r"Windows NT\CurrentVersion", InstallDate=installed),
    )
    assert judged(sample).message.id == message
    assert judged(sample, days=20).message.id == "kept"


def test_archives_reach_back_to_when_the_first_was_closed() -> None:
    capture = GOOD.captures["event_logs"]
    assert isinstance(capture, Captured)
    said = json.loads(capture.stdout)
    said["archives"] = [
        "Archive-Security-2026-04-01-00-00-00-001.evtx",
        "archive-security-2026-05-01-00-00-00-001.evtx",
        "Archive-Security-2026-13-01-00-00-00-001.evtx",
        "Archive-Security-2020-01-01.evtx",
    ]
    logs = read_event_logs(json.dumps(said))
    assert logs.archives is not None
    assert [one.month for one in logs.archives] == [4, 5]
    assert logs.oldest_days == (NOW - datetime(2026, 4, 1, tzinfo=UTC)).days
    said["archives"] = None
    assert read_event_logs(json.dumps(said)).archives is None


@pytest.mark.parametrize(
    ("full", "mode", "message"),
    [(True, 2, "log_full"), (False, 2, "kept"), (True, 0, "kept"), (True, 1, "kept")],
)
def test_a_full_log_is_of_weight_where_it_may_not_overwrite(
    full: bool, mode: int, message: str
) -> None:
    sample = changed(GOOD, event_logs=security(full=full, mode=mode))
    assert judged(sample).message.id == message


def test_a_log_that_is_off_records_nothing() -> None:
    assert judged(changed(GOOD, event_logs=security(enabled=False))).message.id == "log_off"


@pytest.mark.parametrize("mode", [-1, 3])
def test_a_mode_that_is_not_known(mode: int) -> None:
    assert mode not in list(Mode)
    assert judged(changed(GOOD, event_logs=security(mode=mode))).message.id == "unparsed"


@pytest.mark.parametrize(
    ("path", "values", "synchronised"),
    [
        (r"Services\W32Time\Parameters", {"Type": "NTP"}, True),
        (r"Services\W32Time\Parameters", {"Type": "NoSync"}, False),
        # The hierarchy of a domain, on a machine without one.
        (r"Services\W32Time\Parameters", {"Type": "NT5DS"}, False),
        (r"Services\W32Time\Parameters", {"Type": "Anders"}, None),
        (r"Services\W32Time", {"Start": 4}, False),
        (r"Services\W32Time\TimeProviders\NtpClient", {"Enabled": 0}, False),
        (r"Policies\Microsoft\W32Time\Parameters", {"Type": "NoSync"}, False),
        (r"Policies\Microsoft\W32Time\TimeProviders\NtpClient", {"Enabled": 0}, False),
    ],
)
def test_whether_the_clock_is_kept_right(
    path: str, values: dict[str, Any], synchronised: bool | None
) -> None:
    sample = changed(GOOD, policies=registry(path, **values))
    captures = dataclasses.replace(sample.captures, clock_skew_s=1.5)
    found = judged(dataclasses.replace(sample, captures=captures))
    assert found.observed["clock_synchronised"] is synchronised
    advised = "clock_not_synchronised" in {one.id for one in found.advice}
    assert advised is (synchronised is False)


@pytest.mark.parametrize(
    ("skew", "message", "advised"),
    [
        (30.0, "kept", False),
        (31.0, "kept", True),
        (-300.0, "kept", True),
        (301.0, "clock_off", False),
    ],
)
def test_a_clock_that_deviates(skew: float, message: str, advised: bool) -> None:
    captures = dataclasses.replace(GOOD.captures, clock_skew_s=skew)
    found = judged(dataclasses.replace(GOOD, captures=captures))
    assert found.message.id == message
    assert ("clock_deviates" in {one.id for one in found.advice}) is advised


@pytest.mark.parametrize(
    ("path", "values", "advice"),
    [
        (
            r"PowerShell\ScriptBlockLogging",
            {"EnableScriptBlockLogging": 0},
            "powershell_not_logged",
        ),
        (
            r"Policies\System\Audit",
            {"ProcessCreationIncludeCmdLine_Enabled": 0},
            "commands_not_logged",
        ),
        (r"Control\Lsa", {"SCENoApplyLegacyAuditPolicy": 0}, "legacy_audit_policy"),
    ],
)
def test_advice_on_further_logging(path: str, values: dict[str, Any], advice: str) -> None:
    assert advice not in {one.id for one in judged(GOOD).advice}
    found = judged(changed(GOOD, policies=registry(path, **values)))
    assert advice in {one.id for one in found.advice}


@pytest.mark.parametrize(
    ("address", "server"),
    [
        (
            "Server=http://wec.example.nl:5985/wsman/SubscriptionManager/WEC,Refresh=60",
            "wec.example.nl",
        ),
        ("Server=HTTPS://wec.example.nl/wsman/SubscriptionManager/WEC", "wec.example.nl"),
        ("", None),
    ],
)
def test_where_events_are_forwarded_to(address: str, server: str | None) -> None:
    sample = changed(GOOD, policies=registry("SubscriptionManager", **{"1": address}))
    assert judged(sample).observed["sent_to"] == ((server,) if server else ())


def test_an_answer_without_any_program_is_no_answer() -> None:
    assert judged(changed(GOOD, programs=put(rows=[]))).message.id == "unparsed"
