"""An assessment folder as people write it, and everything they may write wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.errors import InputError, InputErrors, UsageError
from assessor.inputs.assessment import load_assessment
from assessor.model.check import ParameterInfo
from assessor.model.language import Language
from assessor.model.limits import Limits
from assessor.model.target import (
    Platform,
    Privilege,
    Role,
    SecretPurpose,
    SecretSource,
    TransportKind,
)
from tests.unit.inputs.folders import ONE_TARGET, folder_with, placed, refused

WHOLE = """\
organisation: Bakkerij De Vries BV
assessor: ICT Noord
language: en
statement: privacy.md
profile: mkb
groups:
  all: {tags: [client]}
  linux:
    user: assess
    privilege: sudo
    identity_files: keys/id_client
    secrets: {sudo_password: ask, password: {env: LINUX_PASSWORD}}
    options: {data_volumes: [/srv], note: from the group}
  far: {jump: ops@gate.example.nl:2222, port: 2200}
targets:
  - name: web01
    role: server
    groups: [linux, far]
    address: 192.0.2.10
    port: 22
    tags: web
    secrets: {password: {command: "pass show 'acme/web 01'"}}
    options: {note: its own}
  - {name: www.example.nl, role: site, label: de webwinkel}
  - {name: post, role: mail-domain, address: example.nl}
  - {name: here, role: workstation, transport: local}
  - {name: mac, role: workstation, platform: macos}
checks:
  password_policy: {min_length: 14}
run: {jobs: 4, deadline: 60}
"""


def test_everything_that_may_be_said_is_read(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, WHOLE)
    (folder / "privacy.md").write_text("Wij maken elke nacht een back-up.", encoding="utf-8")

    assessment = load_assessment(folder)

    assert not assessment.implicit
    assert assessment.organisation == "Bakkerij De Vries BV"
    assert assessment.assessor == "ICT Noord"
    assert assessment.language is Language.EN
    assert assessment.statement == str(folder / "privacy.md")
    assert assessment.limits == Limits(jobs=4, deadline_s=60)
    assert assessment.profile.id == "mkb"
    assert assessment.profile.checks["password_policy"] == {"min_length": 14}
    web, site, post, here, mac = assessment.targets
    assert (web.role, web.transport, web.platform) == (
        Role.SERVER,
        TransportKind.SSH,
        Platform.LINUX,
    )
    assert (web.address, web.port, web.user) == ("192.0.2.10", 22, "assess")
    assert web.privilege is Privilege.SUDO
    assert web.jump == ("ops@gate.example.nl:2222",)
    assert web.identity_files == (str(folder / "keys/id_client"),)
    assert web.tags == ("client", "web")
    assert web.secrets == {
        SecretPurpose.SUDO_PASSWORD: SecretSource("ask"),
        SecretPurpose.PASSWORD: SecretSource("command", ("pass", "show", "acme/web 01")),
    }
    assert web.options == {"data_volumes": ("/srv",), "note": "its own"}
    assert (site.transport, site.platform) == (TransportKind.NETWORK, Platform.NETWORK)
    assert (site.label, post.label) == ("de webwinkel", "")
    assert (post.role, post.address) == (Role.MAIL_DOMAIN, "example.nl")
    assert here.transport is TransportKind.LOCAL
    assert mac.platform is Platform.MACOS


def test_targets_may_be_a_mapping_by_name(tmp_path: Path) -> None:
    text = (
        "groups: {g: {role: nas}}\ntargets:\n  nas1: {groups: g}\n  nas2: {role: nas, port: 22}\n"
    )

    targets = load_assessment(folder_with(tmp_path, text)).targets

    assert [(target.name, target.role) for target in targets] == [
        ("nas1", Role.NAS),
        ("nas2", Role.NAS),
    ]


def test_further_files_add_groups_and_targets(tmp_path: Path) -> None:
    text = "inventory: [inventory.yaml, more.yaml]\ntargets: [{name: a, role: nas, groups: g}]\n"
    folder = folder_with(
        tmp_path,
        text,
        inventory="groups: {g: {user: piet}}\n",
        more="targets: {b: {role: nas, groups: [g]}}\n",
    )

    targets = load_assessment(folder).targets

    assert [(target.name, target.user) for target in targets] == [("a", "piet"), ("b", "piet")]


def test_paths_of_a_further_file_start_in_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / "pcs.yaml").write_text(
        "targets: [{name: a, role: nas, identity_files: [id, ~/id, /id]}]\n", encoding="utf-8"
    )

    assessment = load_assessment(folder_with(tmp_path, "inventory: office/pcs.yaml\n"))

    assert assessment.targets[0].identity_files == (
        str(tmp_path / "office" / "id"),
        str(Path("~/id").expanduser()),
        "/id",
    )


def test_without_settings_this_machine_is_assessed(tmp_path: Path) -> None:
    assessment = load_assessment(tmp_path, profile="mkb")

    assert assessment.implicit
    assert assessment.statement is None
    (target,) = assessment.targets
    assert target.transport is TransportKind.LOCAL
    assert target.role in (Role.SERVER, Role.WORKSTATION)
    assert target.options["role_guessed_from"]


def test_a_missing_folder_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="assess init"):
        load_assessment(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["assessment.yml", "assessment.json"])
def test_settings_by_another_name_are_not_overlooked(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(ONE_TARGET, encoding="utf-8")

    (problem,) = refused(tmp_path)

    assert problem.path.name == name
    assert "assessment.yaml" in problem.mend


def test_every_fault_of_the_file_is_told_at_once(tmp_path: Path) -> None:
    text = """\
organisatoin: Acme
language: fr
statement: http://acme.example/privacy
groups:
  linux:
    user: "jan:geheim"
    privilege: yes-please
targets:
  - name: web01
    role: servr
    port: "22"
    gropus: [linux]
    jump: ["gate:99999", "fd00::1"]
  - role: nas
  - name: my server
    role: site
    address: https://acme.example/
run: {jobs: 0}
checks: [backups]
"""
    problems = refused(folder_with(tmp_path, text))

    assert placed(problems) == [
        (1, "organisatoin"),
        (2, "language"),
        (3, "statement"),
        (6, "groups.linux.user"),
        (7, "groups.linux.privilege"),
        (10, "targets[0].role"),
        (11, "targets[0].port"),
        (12, "targets[0].gropus"),
        (13, "targets[0].jump[0]"),
        (13, "targets[0].jump[1]"),
        (14, "targets[1].name"),
        (15, "targets[2].name"),
        (17, "targets[2].address"),
        (18, "run.jobs"),
        (19, "checks"),
    ]
    mends = {problem.field: problem.mend for problem in problems}
    assert mends["organisatoin"] == "did you mean 'organisation'?"
    assert mends["targets[0].role"] == "did you mean 'server'?"
    assert mends["targets[0].gropus"] == "did you mean 'groups'?"
    assert "https" in mends["statement"]
    assert all(problem.path == tmp_path / "assessment.yaml" for problem in problems)


def test_the_message_names_file_line_field_and_mend(tmp_path: Path) -> None:
    (problem,) = refused(folder_with(tmp_path, ONE_TARGET + "langauge: nl\n"))

    assert str(problem) == (
        f"{tmp_path / 'assessment.yaml'}:2: langauge: is no setting of this place\n"
        "  mend: did you mean 'language'?"
    )


def test_many_faults_are_counted_beyond_the_fiftieth(tmp_path: Path) -> None:
    text = "targets:\n" + "".join(f"  - {{name: n{i}, role: x}}\n" for i in range(60))

    with pytest.raises(InputErrors) as caught:
        load_assessment(folder_with(tmp_path, text))

    assert len(caught.value.problems) == 60
    assert str(caught.value).endswith("... and 10 more")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", None, "empty"),
        ("# only a comment\n", None, "empty"),
        ("targets: [\n", 2, "not valid YAML"),
        ("a: b: c\n", 1, "not valid YAML"),
        ("targets:\n\t- name: a\n", 2, "not valid YAML"),
        ("language: nl\nlanguage: en\n", 2, "twice"),
        ("- a\n- b\n", 1, "must be a mapping"),
        ("just text\n", 1, "must be a mapping"),
        ("a: &a [x]\nb: *a\n", 2, "alias"),
        ("run: {jobs: !!python/object:os.system ls}\n", 1, ""),
        ("organisation: !mine x\n", 1, "tag"),
        ("language: nl\n---\nlanguage: en\n", 2, "not valid YAML"),
        ("a: " + "[" * 3000 + "]" * 3000, None, "nested too deeply"),
        (b"organisation: caf\xe9\n", 1, "not UTF-8"),
        (b"\x7fELF\x02\x01\x01\0\0\0", None, ""),
        (bytes(range(256)) * 10, None, "not UTF-8"),
        ("organisation: x\0y\n", None, "not valid YAML"),
        ("language: nl\n".encode("utf-16"), 1, "not UTF-8"),
        (b"# " + b"x" * 5_000_000, None, "larger than"),
    ],
)
def test_a_file_that_is_no_settings_file(
    tmp_path: Path, text: str | bytes, line: int | None, words: str
) -> None:
    problems = refused(folder_with(tmp_path, text))

    assert words in str(problems[0])
    assert problems[0].path == tmp_path / "assessment.yaml"
    if line is not None:
        assert problems[0].line == line


def test_tabs_have_a_mend_of_their_own(tmp_path: Path) -> None:
    (problem,) = refused(folder_with(tmp_path, "targets:\n\t- name: a\n"))

    assert "spaces" in problem.mend


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + ONE_TARGET.replace("\n", "\r\n").encode()

    assert load_assessment(folder_with(tmp_path, data)).targets[0].name == "web01"


def test_a_settings_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "assessment.yaml").mkdir()

    (problem,) = refused(tmp_path)

    assert "cannot be read" in problem.message


@pytest.mark.parametrize(
    "text",
    [
        "{name: a, role: nas, password: hunter2}",
        "{name: a, role: nas, secrets: {password: hunter2}}",
        "{name: a, role: nas, secrets: {password: [hunter2]}}",
        "{name: a, role: nas, secrets: {password: {value: hunter2}}}",
        "{name: a, role: nas, secrets: {password: {env: hunter2!}}}",
        '{name: a, role: nas, secrets: {password: {command: "echo \'hunter2"}}}',
        "{name: a, role: nas, secrets: {password: {env: A, command: hunter2}}}",
        "{name: a, role: nas, secrets: hunter2}",
        "{name: a, role: nas, secrets: [hunter2]}",
        "{name: a, role: nas, sudo_password: hunter2}",
        "{name: a, role: nas, options: {api_token: hunter2}}",
        "{name: a, role: nas, user: 'jan:hunter2'}",
        "{name: a, role: nas, jump: 'jan:hunter2@gate'}",
        "{name: a, role: nas, address: 'jan:hunter2@192.0.2.1'}",
        "{name: a, role: nas, secrets: {password: !hunter2 x}}",
        "{name: a, role: nas, secrets: {password: *hunter2}}",
        "{name: a, role: nas, secrets: {password: 12345678}}",
    ],
)
def test_a_secret_in_the_file_is_refused_and_never_repeated(tmp_path: Path, text: str) -> None:
    problems = refused(folder_with(tmp_path, f"targets:\n  - {text}\n"))

    told = "\n".join(map(str, problems))
    assert "hunter2" not in told
    assert "12345678" not in told
    assert problems[0].line == 2


def test_a_refused_secret_says_where_secrets_may_come_from(tmp_path: Path) -> None:
    text = "targets:\n  - name: a\n    role: nas\n    secrets:\n      password: hunter2\n"

    (problem,) = refused(folder_with(tmp_path, text))

    assert (problem.line, problem.field) == (5, "targets[0].secrets.password")
    for word in ("env", "command", "ask"):
        assert word in problem.mend
    assert problem.__cause__ is None


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("targets: [{name: a}]", "targets[0].role", "is missing"),
        ("targets: {a: {port: 22}}", "targets.a.role", "is missing"),
        ("targets: {a: }", "targets.a.role", "is missing"),
        ("targets: [{name: a, role: nas, groups: [x]}]", "targets[0].groups", "does not exist"),
        (
            "targets: [{name: a, role: site, transport: ssh}]",
            "targets[0].transport",
            "looked at from outside",
        ),
        (
            "targets: [{name: a, role: nas, transport: local, port: 22}]",
            "targets[0].port",
            "means nothing",
        ),
        (
            "targets: [{name: a, role: nas}, {name: A, role: nas}]",
            "targets[1]",
            "stands here and at",
        ),
        ("organisation: Acme", "targets", "no target"),
        ("targets: []", "targets", "no target"),
        ("targets: web01", "targets", "must be a list or a mapping"),
        ("targets: {my server: {role: nas}}", "targets.my server", "a name holds"),
        ("targets: [{name: 2025-01-01, role: nas}]", "targets[0].name", "must be a text"),
        ("targets: [{name: a, role: nas, port: 70000}]", "targets[0].port", "65535"),
        ("targets: [{name: a, role: nas, port: true}]", "targets[0].port", "whole number"),
        ("targets: [{name: a, role: nas, tags: [a b]}]", "targets[0].tags[0]", "a tag holds"),
        ("targets: [{name: a, role: nas, label: ' '}]", "targets[0].label", "what clients call"),
        (ONE_TARGET + "statement: gone.md", "statement", "no file"),
        (ONE_TARGET + "inventory: gone.yaml", "inventory[0]", "no file"),
        (ONE_TARGET + "profile: mbk", "profile", "no profile 'mbk'"),
        (ONE_TARGET + "profile: own/mkb.yaml", "profile", "no profile file"),
        (ONE_TARGET + "checks: {backup: {}}", "checks.backup", "has no check 'backup'"),
    ],
)
def test_settings_that_contradict_themselves(
    tmp_path: Path, text: str, field: str, words: str
) -> None:
    (problem,) = refused(folder_with(tmp_path, text + "\n"))

    assert problem.field == field
    assert words in problem.message


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("server1.example.nl", "server1.example.nl"),
        ("192.0.2.1", "192.0.2.1"),
        ("'[2001:db8::1]'", "2001:db8::1"),
        ("'2001:DB8:0::1'", "2001:db8::1"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("my_nas", "my_nas"),
    ],
)
def test_addresses(tmp_path: Path, address: str, read: str) -> None:
    text = f"targets: [{{name: a, role: nas, address: {address}}}]\n"

    assert load_assessment(folder_with(tmp_path, text)).targets[0].address == read


@pytest.mark.parametrize(
    "address", ["-oProxyCommand=x", "a b", "a/b", "a..\\n", "192.0.2.1:22", "''"]
)
def test_addresses_that_are_none(tmp_path: Path, address: str) -> None:
    text = f"targets: [{{name: a, role: nas, address: {address}}}]\n"

    (problem,) = refused(folder_with(tmp_path, text))

    assert problem.field == "targets[0].address"


def test_faults_of_several_files_are_told_together(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path,
        "inventory: [inventory.yaml, more.yaml]\ntargets: [{name: a, role: nas, groups: x}]\n",
        inventory="targets:\n  - {name: b, rol: nas}\n",
        more="",
    )

    problems = refused(folder)

    assert [(problem.path.name, problem.line) for problem in problems] == [
        ("inventory.yaml", 2),
        ("more.yaml", None),
        ("assessment.yaml", 2),
    ]


def test_a_name_in_two_files_names_both_places(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path,
        "inventory: inventory.yaml\n" + ONE_TARGET,
        inventory="groups: {}\ntargets:\n  web01: {role: nas}\n",
    )

    (problem,) = refused(folder)

    assert (problem.path.name, problem.line) == ("inventory.yaml", 3)
    assert f"{tmp_path / 'assessment.yaml'}:2" in problem.message


def test_a_group_in_two_files_is_refused(tmp_path: Path) -> None:
    folder = folder_with(
        tmp_path,
        "inventory: inventory.yaml\ngroups: {g: }\n" + ONE_TARGET,
        inventory="groups: {g: {user: jan}}\n",
    )

    (problem,) = refused(folder)

    assert problem.field == "groups.g"


PARAMETERS = {
    "min_length": ParameterInfo(12),
    "hash": ParameterInfo("yescrypt"),
    "strict": ParameterInfo(True),
    "ratio": ParameterInfo(0.5),
    "paths": ParameterInfo(("/etc",)),
    "anything": ParameterInfo(None),
}


def _known() -> dict[str, dict[str, ParameterInfo] | None]:
    checks = load_assessment(Path("/")).profile.checks
    return dict.fromkeys(checks, PARAMETERS)


def test_parameters_of_the_assessment_go_before_the_profile(tmp_path: Path) -> None:
    text = ONE_TARGET + (
        "checks:\n  backups: {min_length: 14, paths: [/a, /b], ratio: 1, strict: false,"
        " hash: x, anything: [1, a]}\n"
    )

    profile = load_assessment(folder_with(tmp_path, text), known_checks=_known()).profile

    assert profile.checks["backups"] == {
        "min_length": 14,
        "paths": ("/a", "/b"),
        "ratio": 1,
        "strict": False,
        "hash": "x",
        "anything": (1, "a"),
    }
    assert profile.checks["ssh_login"] == {}


@pytest.mark.parametrize(
    ("parameter", "words"),
    [
        ("min_lenght: 3", "has no parameter 'min_lenght'"),
        ("min_length: '3'", "a whole number"),
        ("min_length: true", "a whole number"),
        ("min_length: 3.5", "a whole number"),
        ("min_length: -3", "0 or more"),
        ("min_length: 2025-01-01", "a whole number"),
        ("strict: 1", "true or false"),
        ("hash: 7", "a text"),
        ("ratio: x", "a number"),
        ("paths: /etc", "a list"),
        ("paths: [{a: b}]", "a list"),
        ("anything: {a: b}", "a number, a text"),
    ],
)
def test_parameters_that_a_check_cannot_take(tmp_path: Path, parameter: str, words: str) -> None:
    folder = folder_with(tmp_path, f"{ONE_TARGET}checks:\n  backups:\n    {parameter}\n")

    with pytest.raises(InputError) as caught:
        load_assessment(folder, known_checks=_known())

    assert words in caught.value.message
    assert caught.value.line == 4
    assert caught.value.field == f"checks.backups.{parameter.split(':')[0]}"


def test_a_broken_check_takes_any_parameter(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, ONE_TARGET + "checks: {backups: {whatever: 1}}\n")

    profile = load_assessment(folder, known_checks={**_known(), "backups": None}).profile

    assert profile.checks["backups"] == {"whatever": 1}
