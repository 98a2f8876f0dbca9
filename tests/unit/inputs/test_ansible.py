"""Ansible inventories, INI and YAML, written for these tests after Ansible's documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from assessor.errors import InputError
from assessor.inputs.importers.forms import Format
from assessor.inputs.importers.imported import Candidate, Imported
from assessor.inputs.importers.reading import read_inventory

INI = """\
# klanten van ICT Noord
mail ansible_host=192.0.2.25 ansible_user=root

[web]
web[01:03].example.nl ansible_port=2222
old-web:2200    # legacy

[db]
db-a ansible_host=10.0.0.5 ansible_become=yes ansible_become_password="hunter2"
db-b ansible_host="{{ lookup('x') }}"

[windows]
win1 ansible_connection=psrp ansible_password='hunter2'

[prod:children]
web
db

[prod:vars]
ansible_user = deploy
ansible_ssh_common_args='-o ProxyJump=ops@gate.example.nl:2222 -o StrictHostKeyChecking=no'
db_password=hunter2

[db:vars]
ansible_user=dba

[here]
localhost ansible_connection=local ansible_become=true

[ghost:children]
nothere
"""

YAML = """\
all:
  vars:
    ansible_user: beheer
    common: &common
      ansible_port: 2222
  hosts:
    solo:
  children:
    web:
      hosts:
        web[1:2]:
          <<: *common
          ansible_host: 192.0.2.7
        web3:
          ansible_password: !vault |
            $ANSIBLE_VAULT;1.1;AES256
            6162636465
      vars:
        ansible_become: true
    prod:
      children:
        web:
        db:
          hosts: {db1: {ansible_ssh_private_key_file: keys/db, ansible_user: !vault "x"}}
"""


def read(
    folder: Path, text: str, name: str = "hosts", form: Format = Format.AUTO, role: str = "server"
) -> Imported:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_inventory(path, form, role)


def by_name(imported: Imported) -> dict[str, Candidate]:
    return {candidate.name: candidate for candidate in imported.candidates}


def reasons(imported: Imported) -> dict[str, str]:
    return {left.subject: left.reason for left in imported.left_out}


def test_an_ini_inventory(tmp_path: Path) -> None:
    imported = read(tmp_path, INI)

    found = by_name(imported)
    assert imported.format == "ansible-ini"
    assert list(found) == [
        "mail",
        "web01.example.nl",
        "web02.example.nl",
        "web03.example.nl",
        "old-web",
        "db-a",
        "localhost",
    ]
    assert found["mail"].settings == {"address": "192.0.2.25", "user": "root"}
    assert found["mail"].assumed == {"role": "server"}
    assert found["mail"].line == 2
    assert found["web02.example.nl"].settings == {
        "port": 2222,
        "user": "deploy",
        "jump": ["ops@gate.example.nl:2222"],
        "tags": ["prod", "web"],
    }
    assert found["old-web"].settings["port"] == 2200
    assert found["db-a"].settings == {
        "address": "10.0.0.5",
        "user": "dba",
        "jump": ["ops@gate.example.nl:2222"],
        "privilege": "sudo",
        "secrets": {"sudo_password": "ask"},
        "tags": ["prod", "db"],
    }
    assert found["localhost"].settings == {
        "transport": "local",
        "privilege": "sudo",
        "tags": ["here"],
    }


WINDOWS = """\
[windows]
pc1 ansible_host=pc1.example.nl ansible_user=EXAMPLE\\\\scan
pc2 ansible_port=5985 ansible_winrm_transport=kerberos
pc3 ansible_winrm_transport=credssp ansible_winrm_server_cert_validation=ignore
pc4 ansible_winrm_transport=certificate ansible_winrm_cert_pem=a ansible_winrm_cert_key_pem=b
pc5 ansible_connection=ssh ansible_shell_type=powershell ansible_port=22
pc6 ansible_winrm_transport=basic ansible_winrm_scheme=http
[windows:vars]
ansible_connection=winrm
ansible_password=hunter2
ansible_winrm_ca_trust_path=ca.pem
"""


def test_windows_machines_of_an_inventory(tmp_path: Path) -> None:
    imported = read(tmp_path, WINDOWS)

    found = {name: dict(each.settings) for name, each in by_name(imported).items()}
    for settings in found.values():
        assert settings.pop("tags") == ["windows"]
        assert settings.pop("secrets") == {"password": "ask"}
    plain = {"transport": "winrm", "winrm": {"ca_file": "ca.pem"}}
    assert found == {
        "pc1": {**plain, "address": "pc1.example.nl", "user": "EXAMPLE\\scan"},
        "pc2": {
            **plain,
            "port": 5985,
            "winrm": {
                "login": "kerberos",
                "ca_file": "ca.pem",
                "encryption": "messages-over-http",
            },
        },
        "pc3": plain,
        "pc4": {
            "transport": "winrm",
            "winrm": {
                "login": "certificate",
                "ca_file": "ca.pem",
                "certificate_file": "a",
                "key_file": "b",
            },
        },
        "pc5": {"platform": "windows", "port": 22},
        "pc6": {
            "transport": "winrm",
            "winrm": {
                "login": "basic",
                "ca_file": "ca.pem",
                "encryption": "messages-over-http",
            },
        },
    }
    told = "\n".join(f"{left.subject}: {left.reason}" for left in imported.left_out)
    assert "pc3, in part: log-in by credssp" in told
    assert "pc3, in part: the certificate is always verified" in told
    assert "hunter2" not in repr(imported)


def test_what_an_ini_inventory_holds_and_is_left_out_is_told(tmp_path: Path) -> None:
    imported = read(tmp_path, INI)

    told = reasons(imported)
    assert "template" in told["host db-b"]
    assert "psrp" in told["host win1"]
    assert "no section" in told["group nothere"]
    assert "secrets.sudo_password is now ask" in told["db-a, in part"]
    assert "always checked" in told["web01.example.nl, in part"]
    assert "hunter2" not in repr(imported)


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        ('web1 ansible_user="x', "line 2"),
        ("web1 x", "line 2"),
        ("user=jan web1", "line 2"),
        ("web[1", "line 2"),
        ("web[9:1]", "line 2"),
    ],
)
def test_a_line_that_cannot_be_read_costs_only_itself(
    tmp_path: Path, line: str, subject: str
) -> None:
    imported = read(tmp_path, f"[web]\n{line}\nweb2\n")

    assert list(by_name(imported)) == ["web2"]
    assert [(left.subject, left.line) for left in imported.left_out] == [(subject, 2)]


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("[2001:db8::1] ansible_user=a", "2001:db8::1", None),
        ("[2001:db8::1]:2222", "2001:db8::1", 2222),
        ("host:22", None, 22),
        ("2001:db8::1", "2001:db8::1", None),
    ],
)
def test_addresses_and_ports_of_a_host_line(
    tmp_path: Path, text: str, address: str | None, port: int | None
) -> None:
    (candidate,) = read(tmp_path, f"[g]\n{text}\n").candidates

    assert candidate.settings.get("address") == address
    assert candidate.settings.get("port") == port


def test_groups_that_contain_each_other_are_told_and_do_no_harm(tmp_path: Path) -> None:
    text = "[a:children]\nb\n[b:children]\na\n[a]\nx\n[b:vars]\nansible_user=b\n"
    text += "[self:children]\nself\n"

    imported = read(tmp_path, text)

    assert list(by_name(imported)) == ["x"]
    assert {"group a", "group b", "group self"} <= reasons(imported).keys()


def test_a_long_chain_of_groups_is_walked(tmp_path: Path) -> None:
    chain = "".join(f"[g{i}:children]\ng{i + 1}\n" for i in range(3000))

    imported = read(tmp_path, chain + "[g3000]\nx\n[g0:vars]\nansible_user=top\n")

    assert by_name(imported)["x"].settings["user"] == "top"


def test_the_nearest_group_wins_and_then_the_priority_and_then_the_name(tmp_path: Path) -> None:
    text = """\
[a]
x
[b]
x
[c]
x
[parent:children]
c
[all:vars]
ansible_user=all
[parent:vars]
ansible_user=parent
ansible_port=1
[a:vars]
ansible_user=a
ansible_group_priority=10
[b:vars]
ansible_user=b
ansible_port=2
[c:vars]
ansible_port=3
"""
    settings = by_name(read(tmp_path, text))["x"].settings

    # c is deeper than a and b; a goes before b by its priority; parent is at their depth
    assert (settings["user"], settings["port"]) == ("a", 3)


def test_variable_files_beside_the_inventory_go_before_it(tmp_path: Path) -> None:
    files = {
        "group_vars/all.yml": "ansible_user: everyone\nansible_port: 2222\n",
        "group_vars/web/main.yaml": "ansible_user: web\n",
        "group_vars/web/vault.yml": "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
        "host_vars/web1.yml": "---\nansible_host: 192.0.2.9\n",
        "host_vars/web2.yml": "a: [",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")

    imported = read(tmp_path, "[web]\nweb1\nweb2 ansible_port=22\n[web:vars]\nansible_user=ini\n")

    found = by_name(imported)
    assert found["web1"].settings == {
        "address": "192.0.2.9",
        "port": 2222,
        "user": "web",
        "tags": ["web"],
    }
    assert found["web2"].settings["port"] == 22
    assert reasons(imported)["file web/vault.yml"] == "ansible-vault has encrypted it"
    assert "not valid YAML" in reasons(imported)["file host_vars/web2.yml"]


@pytest.mark.parametrize(
    ("arguments", "jump", "told"),
    [
        ("-J a,b@c:22", ["a", "b@c:22"], ""),
        ("-o 'ProxyJump a'", ["a"], ""),
        ("-oProxyJump=a -q -vvv -C", ["a"], ""),
        ('-o ProxyCommand="ssh -W %h:%p -q ops@gate -p 2222"', ["ops@gate:2222"], ""),
        ('-o ProxyCommand="ssh -l ops -qW %h:%p gate"', ["ops@gate"], ""),
        ('-o ProxyCommand="nc -X 5 %h %p"', None, "no plain 'ssh -W'"),
        ("-o ProxyCommand=none", None, ""),
        ("-o ProxyJump=none", None, ""),
        ("-F ssh.cfg", None, "-F"),
        ("-o UserKnownHostsFile=/dev/null", None, "always checked"),
        ("-o ControlMaster=auto -L 80:a:80 -N", None, ""),
        ("-o 'ProxyJump=a", None, "unclosed quote"),
    ],
)
def test_arguments_of_ssh(
    tmp_path: Path, arguments: str, jump: list[str] | None, told: str
) -> None:
    text = f"all:\n  hosts:\n    x:\n      ansible_ssh_extra_args: {_yaml_quoted(arguments)}\n"

    imported = read(tmp_path, text, "hosts.yml")

    assert by_name(imported)["x"].settings.get("jump") == jump
    assert told in " ".join(reasons(imported).values())
    assert bool(told) == bool(imported.left_out)


def _yaml_quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def test_a_yaml_inventory(tmp_path: Path) -> None:
    imported = read(tmp_path, YAML, "hosts.yml")

    found = by_name(imported)
    assert imported.format == "ansible-yaml"
    assert list(found) == ["solo", "web1", "web2", "web3", "db1"]
    assert found["solo"].settings == {"user": "beheer"}
    assert found["web2"].settings == {
        "address": "192.0.2.7",
        "port": 2222,
        "user": "beheer",
        "privilege": "sudo",
        "tags": ["prod", "web"],
    }
    assert found["web2"].line == 11
    assert found["web3"].settings["secrets"] == {"password": "ask"}
    assert found["db1"].settings == {
        "identity_files": [str(tmp_path / "keys" / "db")],
        "tags": ["prod", "db"],
    }
    assert "in a vault" in reasons(imported)["web3, in part"]
    assert "kept in a vault" in reasons(imported)["db1, in part"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("all: [", "not valid YAML"),
        ("- a\n", "mapping of groups"),
        ("plugin: amazon.aws.aws_ec2\nregions: [eu-west-1]\n", "ansible-inventory --list"),
        ("all: &a {children: {b: *a}}\n", "stand for too much"),
        (
            "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
            + "".join(
                f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]\n"
                for a, b in zip("abcdefgh", "bcdefghi", strict=True)
            ),
            "stand for too much",
        ),
        ("a: " + "[" * 3000, "nested too deeply"),
        ("all: {hosts: {'x[1:4000]': , 'y[1:4000]': }}", "more than 5000 hosts"),
        ("all: {hosts: {a: *hunter2}}", "not valid YAML"),
    ],
)
def test_a_yaml_file_that_is_no_inventory(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, text, "hosts.yml")

    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_parts_of_a_yaml_inventory_that_are_out_of_shape_are_told(tmp_path: Path) -> None:
    text = """\
all:
  hosts: [a, b]
  host: {c: }
  children:
    web: text
    db: {hosts: {d: 5}, vars: 3}
    one: {hosts: alone}
"""
    imported = read(tmp_path, text, "hosts.yml")

    assert list(by_name(imported)) == ["d", "alone"]
    assert {left.subject for left in imported.left_out} == {
        "group all",
        "group web",
        "group db",
        "host d",
    }


def test_too_many_hosts_of_an_ini_inventory(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="more than 5000 hosts"):
        read(tmp_path, "[a]\nx[1:4000]\ny[1:4000]\n")
