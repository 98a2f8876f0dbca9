"""ansible-core: a playbook of twenty ``raw`` tasks, as fast as its settings make it."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.fleet_parts.commands import COMMANDS, Answer, Answers
from benchmarks.fleet_parts.scene import Reach, write_yaml

FORKS = 50
_ANSWERS = "answers.jsonl"
# A terminal on the other side costs time, and mixes up both outputs.
_CONFIG = """[defaults]
forks = {forks}
inventory = hosts.yaml
host_key_checking = True
stdout_callback = answers
callback_plugins = callbacks
retry_files_enabled = False
interpreter_python = /usr/bin/python3

[ssh_connection]
pipelining = True
usetty = False
ssh_args = -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile={known_hosts}
  -o StrictHostKeyChecking=yes -o IdentitiesOnly=yes
control_path_dir = {folder}/cp
"""
# In the place of what Ansible prints, so that nothing is printed and every answer is kept.
_CALLBACK = """import json

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "answers"

    def __init__(self):
        super().__init__()
        self.answers = open("answers.jsonl", "w")

    def _keep(self, result, ignore_errors=False):
        said = result._result
        kept = [result._host.name, result._task.name, said.get("rc"), said.get("stdout", "")]
        self.answers.write(json.dumps(kept) + "\\n")

    v2_runner_on_ok = v2_runner_on_failed = v2_runner_on_unreachable = _keep

    def v2_playbook_on_stats(self, stats):
        self.answers.close()
"""


class Ansible:
    """One connection a host, kept open for all tasks (ControlPersist)."""

    name = "ansible-core"

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path()

    def prepare(self, folder: Path, reach: Reach) -> None:
        """Writes an inventory, a playbook, the settings and the callback."""
        self._folder = folder
        variables = {
            "ansible_user": reach.user,
            "ansible_port": reach.port,
            "ansible_ssh_private_key_file": str(reach.identity_file),
        }
        hosts: dict[str, None] = dict.fromkeys(reach.addresses)
        write_yaml(folder / "hosts.yaml", {"all": {"hosts": hosts, "vars": variables}})
        tasks = [
            {"name": command, "ansible.builtin.raw": command, "failed_when": False}
            for command in COMMANDS
        ]
        play = {"hosts": "all", "gather_facts": False, "tasks": tasks}
        write_yaml(folder / "play.yaml", [play])
        config = _CONFIG.format(forks=FORKS, known_hosts=reach.known_hosts, folder=folder)
        (folder / "ansible.cfg").write_text(config)
        (folder / "callbacks").mkdir()
        (folder / "callbacks" / "answers.py").write_text(_CALLBACK)

    def command(self) -> Sequence[str]:
        """As a user says it."""
        return [str(self._programs / "ansible-playbook"), "play.yaml"]

    def answers(self) -> Answers:
        """Reads what the callback kept."""
        found = {}
        for line in (self._folder / _ANSWERS).read_text().splitlines():
            address, command, status, text = json.loads(line)
            if status is not None:
                found[address, command] = Answer(status, text.rstrip())
        return found

    def finish(self) -> None:
        """Closes the connections that it keeps open."""
        (self._folder / _ANSWERS).unlink()
        for control in (self._folder / "cp").iterdir():
            words = ["ssh", "-o", f"ControlPath={control}", "-O", "exit", "nobody"]
            subprocess.run(words, check=False, capture_output=True)  # or it has just expired
        shutil.rmtree(self._folder / "cp")
