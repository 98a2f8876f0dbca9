"""Rights of users on real files, with a real sudo that allows exactly the printed commands.

The account files of this machine are replaced within a mount namespace of each command; the script
and the commands run as an ordinary user.
"""

from __future__ import annotations

import shlex
import shutil
import struct
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assessor import bundled
from assessor.catalogue.loader import load
from assessor.catalogue.manifest import read_check
from assessor.model.capture import Capture, Captured, NotCaptured, Reason
from assessor.model.check import Captures, Parameters, Probe, ProbeKind
from assessor.model.facts import Fact
from assessor.model.finding import Judgement
from assessor.model.target import Platform, Privilege, Role, Target, TransportKind
from assessor.plan.access import sudoers_file
from checks.access_rights.accounts import Account
from checks.access_rights.doas import doas_grants, read_doas
from tests.checks.realhost import ENVIRONMENT, OWN_ETC, TIMEOUT_S, available_shells, needs_replacing

RIGHTS, REGISTER = "user-rights", "authorisation-register"
CHECK = "access_rights"
INFO = read_check(bundled.folder("checks") / CHECK, "bundled")
PROBES = INFO.probes[Platform.LINUX]
HASH = "$6$notareal$hash"
NOW = datetime.now(UTC)

pytestmark = [
    needs_replacing,
    pytest.mark.skipif(
        shutil.which("cvtsudoers") is None or shutil.which("setpriv") is None,
        reason="needs sudo, cvtsudoers and setpriv (sudo, util-linux)",
    ),
]


def _days(moment: datetime) -> int:
    return int(moment.timestamp()) // 86_400


def _session(name: str, moment: datetime) -> bytes:
    """A record of wtmp, utmp(5): the machine's own as for a start, a person's as for a log-in."""
    kind, line = (2, b"~") if name == "reboot" else (7, b"pts/0")
    at = int(moment.timestamp())
    return struct.pack(
        "<hxxi32s4s32s256shhiii16s20x", kind, 1, line, b"x", name.encode(), b"", 0, 0, 0, at, 0, b""
    )


@dataclass
class Lab:
    """Account files of a small machine; each test changes what it is about."""

    folder: Path
    passwd: list[str] = field(
        default_factory=lambda: [
            "root:x:0:0:root:/root:/bin/bash",
            "www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin",
            "postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/bash",
            "anna:x:1000:1000:Anna:/home/anna:/bin/bash",
            "piet:x:1001:1001:Piet:/home/piet:/bin/bash",
            "assess:x:2001:2001::/home/assess:/bin/sh",
        ]
    )
    hashes: dict[str, str] = field(default_factory=lambda: {"anna": HASH, "piet": HASH})
    groups: dict[str, tuple[int, str]] = field(
        default_factory=lambda: {
            "root": (0, ""),
            "www-data": (33, ""),
            "disk": (6, ""),
            "sudo": (27, "anna"),
            "docker": (999, ""),
            "anna": (1000, ""),
            "piet": (1001, ""),
            "assess": (2001, ""),
        }
    )
    sudoers: str = "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n"
    extra: dict[str, str] = field(default_factory=dict)
    allowed: bool = True
    last: dict[int, datetime] = field(default_factory=lambda: {1000: NOW, 1001: NOW})
    sessions: list[tuple[str, datetime]] = field(default_factory=list)

    def judge(self, user: str | None = "assess", **parameters: Fact) -> dict[str, Judgement]:
        """The judgement by measure, from real answers."""
        return self.judge_answers(self.answers(user), parameters)

    def judge_answers(
        self, answers: Mapping[str, Capture], parameters: Mapping[str, Fact]
    ) -> dict[str, Judgement]:
        """The judgement of ``answers``, with ``parameters`` over the defaults."""
        target = Target("here", Role.SERVER, TransportKind.LOCAL, Platform.LINUX, address="here")
        captures = Captures(target, datetime.now(UTC), answers)
        defaults = {name: info.default for name, info in INFO.parameters.items()}
        check = load(INFO)
        judged = check.evaluate(check.observe(captures), Parameters({**defaults, **parameters}))
        return {judgement.measure: judgement for judgement in judged}

    @staticmethod
    def names(judged: Judgement, fact: str) -> tuple[str, ...]:
        """A fact that was observed, as texts."""
        value = judged.observed[fact]
        assert isinstance(value, tuple)
        return tuple(str(item) for item in value)

    def answers(self, user: str | None, shell: tuple[str, ...] = ("sh",)) -> dict[str, Capture]:
        """What all probes answer to ``user``, or to root for ``None``."""
        mounts = self.write()
        return {probe.name: self._run(probe, user, mounts, shell) for probe in PROBES}

    def write(self) -> str:
        """Writes the files; the shell's command that puts them in the place of the machine's."""
        etc, home, root = (self.folder / name for name in ("etc", "home", "root"))
        for made in (etc, etc / "sudoers.d", home, root):
            made.mkdir(exist_ok=True)
        (etc / "passwd").write_text("\n".join([*self.passwd, ""]))
        names = [line.partition(":")[0] for line in self.passwd]
        changed = _days(NOW - timedelta(days=400))
        (etc / "shadow").write_text(
            "".join(f"{n}:{self.hashes.get(n, '*')}:{changed}:0:99999:7:::\n" for n in names)
        )
        (etc / "group").write_text(
            "".join(f"{n}:x:{gid}:{members}\n" for n, (gid, members) in self.groups.items())
        )
        rules = {"sudoers": f"{self.sudoers}@includedir /etc/sudoers.d\n"}
        rules |= {f"sudoers.d/{name}": text for name, text in self.extra.items()}
        if self.allowed:
            privileged = [probe for probe in PROBES if probe.privilege is Privilege.SUDO]
            rules["sudoers.d/assess"] = sudoers_file("assess", privileged)
        for path, text in rules.items():
            (etc / path).unlink(missing_ok=True)
            (etc / path).write_text(text)
            (etc / path).chmod(0o440)
        (etc / "shadow").chmod(0o600)
        (etc / "sudoers.d").chmod(0o750)
        record = bytearray(292 * 2002)
        for uid, moment in self.last.items():
            struct.pack_into("<i32s256s", record, uid * 292, int(moment.timestamp()), b"pts/0", b"")
        (etc / "lastlog").write_bytes(bytes(record) if self.last else b"")
        (etc / "wtmp").write_bytes(b"".join(_session(*each) for each in self.sessions))
        for line in self.passwd:
            name, _, owner, group, _, place, _ = line.split(":")
            if place.startswith("/home/"):
                (home / name).mkdir(exist_ok=True)
                shutil.chown(home / name, int(owner), int(group))
        replaced = {
            **{f"/etc/{n}": etc / n for n in ("passwd", "shadow", "group", "sudoers", "sudoers.d")},
            **{f"/var/log/{name}": etc / name for name in ("lastlog", "wtmp")},
            "/home": home,
            "/root": root,
        }
        return " && ".join(
            [OWN_ETC]
            + [
                f"mount --bind {shlex.quote(str(new))} {shlex.quote(old)}"
                for old, new in replaced.items()
            ]
        )

    def _run(self, probe: Probe, user: str | None, mounts: str, shell: tuple[str, ...]) -> Capture:
        script = probe.kind is ProbeKind.SCRIPT
        words = [*shell, "-s"] if script else shlex.split(probe.text)
        if user is not None:
            if not script:
                words = ["sudo", "-n", "--", *words]
            words = ["setpriv", "--reuid=2001", "--regid=2001", "--clear-groups", *words]
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", f'{mounts} && cd / && exec "$@"', "sh", *words],
            input=probe.text if script else "",
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TIMEOUT_S,
            env=ENVIRONMENT,
            check=False,
        )
        at = datetime.now(UTC)
        if done.returncode == 1 and "sudo: " in done.stderr:
            return NotCaptured(probe.name, Reason.NO_PRIVILEGE, done.stderr.strip(), at)
        return Captured(probe.name, done.stdout, done.stderr, done.returncode, at)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    # /root and /home are replaced: what stands in their place must not lie below them.
    assert not str(tmp_path).startswith(("/root", "/home"))
    return Lab(tmp_path)


def _verdict(judged: Judgement) -> tuple[str, str]:
    return judged.outcome.value, judged.message.id


def test_an_ordinary_machine_passes_with_the_printed_sudoers_file(lab: Lab) -> None:
    judged = lab.judge(allowed_administrators=("anna",))
    assert _verdict(judged[RIGHTS]) == ("pass", "few_rights")
    assert _verdict(judged[REGISTER]) == ("pass", "register_matches")
    assert judged[REGISTER].message.facts["administrators"] == ("anna",)
    assert judged[RIGHTS].observed["people"] == ("anna", "piet", "assess")
    assert judged[RIGHTS].observed["root_password"] == "locked"


def test_root_sees_the_same(lab: Lab) -> None:
    judged = lab.judge(None, allowed_administrators=("anna",))
    assert _verdict(judged[RIGHTS]) == ("pass", "few_rights")


def test_nothing_is_captured_without_rights(lab: Lab) -> None:
    lab.allowed = False
    judged = lab.judge()
    assert _verdict(judged[RIGHTS]) == ("unknown", "not_observed")
    assert _verdict(judged[REGISTER]) == ("unknown", "not_observed")


def test_a_second_root_is_seen_without_rights(lab: Lab) -> None:
    lab.allowed = False
    lab.passwd.append("toor:x:0:0::/root:/bin/bash")
    judged = lab.judge()[RIGHTS]
    assert _verdict(judged) == ("fail", "second_root")
    assert judged.message.facts["accounts"] == ("toor",)


def test_without_a_list_the_register_is_for_people_to_check(lab: Lab) -> None:
    judged = lab.judge()[REGISTER]
    assert _verdict(judged) == ("unknown", "register_to_check")
    # With polkit the group sudo gives the same once more.
    assert judged.message.facts["rights"] in (("sudo: ALL",), ("sudo: ALL; group sudo",))


def test_an_administrator_who_is_not_on_the_list(lab: Lab) -> None:
    lab.groups["docker"] = (999, "piet")
    judged = lab.judge(allowed_administrators=("anna",))
    assert _verdict(judged[RIGHTS]) == ("fail", "not_allowed")
    assert _verdict(judged[REGISTER]) == ("fail", "register_differs")
    assert judged[REGISTER].message.facts["administrators"] == ("piet",)
    assert judged[REGISTER].message.facts["rights"] == ("group docker",)


def test_empty_password(lab: Lab) -> None:
    lab.hashes["piet"] = ""
    judged = lab.judge()[RIGHTS]
    assert _verdict(judged) == ("fail", "empty_password")
    assert judged.message.facts["accounts"] == ("piet",)


def test_service_account_with_a_password(lab: Lab) -> None:
    lab.hashes["postgres"] = HASH
    judged = lab.judge()[RIGHTS]
    assert _verdict(judged) == ("fail", "service_log_in")
    assert judged.message.facts["accounts"] == ("postgres",)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("piet ALL=(ALL) NOPASSWD: ALL\n", "no_password_asked"),
        ("piet ALL=(ALL) ALL\nDefaults:piet !authenticate\n", "no_password_asked"),
        ("piet ALL=(root) NOPASSWD: /usr/bin/vi /etc/hosts\n", "no_password_asked"),
        ("piet ALL=(root) NOPASSWD: /home/piet/deploy.sh\n", "no_password_asked"),
        ("piet ALL=(root) /usr/bin/less /var/log/syslog\n", "more_than_it_seems"),
        ("piet ALL=(root) /usr/bin/tar -cf /srv/*\n", "more_than_it_seems"),
        ("piet ALL=(root) CWD=/tmp /usr/bin/find\n", "more_than_it_seems"),
        ("Cmnd_Alias E = /usr/bin/vim\npiet ALL=(root) NOPASSWD: E, !E\n", "few_rights"),
        ("piet ALL=(root) NOPASSWD: /usr/bin/systemctl restart nginx\n", "few_rights"),
        ("piet elsewhere=(ALL) NOPASSWD: ALL\n", "few_rights"),
        ("piet ALL=(postgres) NOPASSWD: ALL\n", "few_rights"),
        ("piet ALL=(root) NOPASSWD: ALL\npiet ALL=(root) !ALL\n", "few_rights"),
        ("+staff ALL=(ALL) ALL\n", "sudoers_unclear"),
    ],
)
def test_rules_of_sudo(lab: Lab, rule: str, message: str) -> None:
    lab.extra["more"] = rule
    judged = lab.judge()[RIGHTS]
    assert judged.message.id == message
    if judged.outcome.value == "fail":
        assert judged.message.facts["accounts"] == ("piet",)


def test_a_rule_that_asks_for_the_password_of_root_makes_no_administrators(lab: Lab) -> None:
    """As SUSE has it: whoever knows root's password may use sudo, as with su."""
    lab.sudoers = "Defaults targetpw\nALL ALL=(ALL) ALL\nroot ALL=(ALL) ALL\n"
    lab.groups["sudo"] = (27, "")
    judged = lab.judge()
    assert _verdict(judged[RIGHTS]) == ("pass", "no_administrators")
    assert _verdict(judged[REGISTER]) == ("unknown", "register_empty")


def test_an_account_that_needs_no_password_may_be_named(lab: Lab) -> None:
    lab.extra["more"] = "piet ALL=(ALL) NOPASSWD: ALL\n"
    judged = lab.judge(allowed_administrators=("anna", "piet"), allowed_without_password=("piet",))
    assert _verdict(judged[RIGHTS]) == ("pass", "few_rights")


def test_an_error_in_sudoers_is_unknown(lab: Lab) -> None:
    answers = lab.answers("assess")
    lab.extra["more"] = "piet ALL=(ALL\n"
    broken = lab.answers(None)
    answers |= {name: broken[name] for name in ("sudoers", "sudoers_again")}
    judged = lab.judge_answers(answers, {})
    assert _verdict(judged[RIGHTS]) == ("unknown", "sudoers_not_read")
    assert _verdict(judged[REGISTER]) == ("unknown", "sudoers_not_read")


def test_unused_account(lab: Lab) -> None:
    lab.last[1001] = NOW - timedelta(days=200)
    judged = lab.judge()[RIGHTS]
    assert _verdict(judged) == ("fail", "stale")
    assert judged.message.facts["accounts"] == ("piet",)
    assert judged.message.facts["days"] == (200,)
    assert _verdict(lab.judge(stale_days=365)[RIGHTS]) == ("pass", "few_rights")
    lab.hashes["piet"] = f"!{HASH}"
    assert _verdict(lab.judge()[RIGHTS]) == ("pass", "few_rights")


@pytest.mark.skipif(shutil.which("last") is None, reason="needs last (util-linux)")
def test_unused_account_by_the_record_of_sessions(lab: Lab) -> None:
    lab.last.clear()
    lab.sessions = [
        ("piet", NOW - timedelta(days=300)),
        ("piet", NOW - timedelta(days=200)),
        ("reboot", NOW - timedelta(days=100)),
        ("anna", NOW - timedelta(days=2)),
    ]
    judged = lab.judge()[RIGHTS]
    assert _verdict(judged) == ("fail", "stale")
    assert judged.message.facts["accounts"] == ("piet",)
    assert judged.message.facts["days"] == (200,)
    assert "log_ins_not_seen" not in [each.id for each in judged.advice]


def test_a_key_opens_a_locked_account(lab: Lab) -> None:
    lab.last[1001] = NOW - timedelta(days=200)
    lab.hashes["piet"] = "!"
    lab.judge()  # makes the homes
    folder = lab.folder / "home" / "piet" / ".ssh"
    folder.mkdir(mode=0o700)
    (folder / "authorized_keys").write_text("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC piet@laptop\n")
    shutil.chown(folder, 1001, 1001)
    judged = lab.judge()[RIGHTS]
    assert _verdict(judged) == ("fail", "stale")
    assert judged.observed["key_accounts"] == ("piet",)
    assert judged.observed["keys"] == (None,)
    assert judged.observed["key_file_unchanged_days"] == (0,)


def test_never_used_is_advice(lab: Lab) -> None:
    del lab.last[1001]
    judged = lab.judge()[RIGHTS]
    assert judged.outcome.value == "pass"
    never = next(each for each in judged.advice if each.id == "never_used")
    assert never.facts["accounts"] == ("piet",)


def test_no_records_of_log_ins_are_said(lab: Lab) -> None:
    lab.last.clear()
    judged = lab.judge()[RIGHTS]
    assert judged.outcome.value == "pass"
    assert "log_ins_not_seen" in [each.id for each in judged.advice]


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="needs ssh-keygen (openssh-client)")
def test_keys_of_root_by_kind_and_length_without_their_comment(lab: Lab) -> None:
    folder = lab.folder / "root" / ".ssh"
    folder.mkdir(parents=True)
    lines = []
    for kind, bits in (("rsa", 1024), ("rsa", 3072), ("ecdsa", 384), ("ed25519", 256)):
        path = folder / f"{kind}{bits}"
        subprocess.run(
            ["ssh-keygen", "-q", "-t", kind, "-b", str(bits), "-N", "", "-C", "me@pc", "-f", path],
            check=True,
            timeout=60,
        )
        lines.append((folder / f"{kind}{bits}.pub").read_text())
    lines[1] = f'from="192.0.2.7",command="/bin/secret" {lines[1]}'
    struck = lines[3].replace("ssh-", "# ssh-", 1)
    (folder / "authorized_keys").write_text("".join([*lines, struck]))
    answers = lab.answers("assess")
    shown = answers["root_keys"]
    assert isinstance(shown, Captured)
    assert not any(word in shown.stdout for word in ("me@pc", "192.0.2.7", "secret"))
    judged = lab.judge_answers(answers, {})[RIGHTS]
    assert judged.observed["key_accounts"] == ("root",)
    assert judged.observed["keys"] == ("RSA 1024, RSA 3072, ECDSA 384, Ed25519 256",)
    weak = next(each for each in judged.advice if each.id == "weak_keys")
    assert weak.facts["keys"] == ("RSA 1024",)


def test_no_hash_and_no_comment_leaves_the_machine(lab: Lab) -> None:
    for user in ("assess", None):
        for answer in lab.answers(user).values():
            assert isinstance(answer, Captured)
            assert "notareal" not in answer.stdout
            assert "PostgreSQL" not in answer.stdout


def test_passwd_that_knows_no_list_is_replaced_by_the_signs(lab: Lab) -> None:
    """Red Hat 9 and older: ``passwd -Sa`` ends with an error."""
    answers = lab.answers("assess")
    refused = Captured("passwd_status", "", "passwd: bad argument -Sa", 2, datetime.now(UTC))
    answers["passwd_status"] = refused
    assert _verdict(lab.judge_answers(answers, {})[RIGHTS]) == ("pass", "few_rights")
    lab.hashes["piet"] = ""
    answers = {**lab.answers("assess"), "passwd_status": refused}
    assert _verdict(lab.judge_answers(answers, {})[RIGHTS]) == ("fail", "empty_password")


@pytest.mark.parametrize("shell", available_shells(), ids=lambda words: words[0])
def test_the_script_says_the_same_in_every_shell(lab: Lab, shell: tuple[str, ...]) -> None:
    def lines(words: tuple[str, ...]) -> list[str]:
        answer = lab.answers("assess", words)["accounts"]
        assert isinstance(answer, Captured)
        return [line for line in answer.stdout.splitlines() if not line.startswith("now ")]

    assert lines(shell) == lines(("sh",))


def test_the_sudoers_file_is_taken_by_sudo(lab: Lab) -> None:
    privileged = [probe for probe in PROBES if probe.privilege is Privilege.SUDO]
    done = subprocess.run(
        ["visudo", "-cf", "-"],
        input=sudoers_file("assess", privileged),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_what_sudo_allows_is_nothing_more(lab: Lab) -> None:
    mounts = lab.write()
    for words in (
        ["/usr/bin/cvtsudoers", "-f", "json", "/etc/shadow"],
        ["/usr/bin/grep", "-oE", "^[^:]+:.*", "/etc/shadow"],
        ["/usr/bin/find", "/root", "/home", "-delete"],
    ):
        done = subprocess.run(
            [
                *("unshare", "--mount", "sh", "-c", f'{mounts} && cd / && exec "$@"', "sh"),
                *("setpriv", "--reuid=2001", "--regid=2001", "--clear-groups"),
                *("sudo", "-n", "--", *words),
            ],
            capture_output=True,
            text=True,
            timeout=60,
            env=ENVIRONMENT,
            check=False,
        )
        assert done.returncode != 0
        assert "sudo: " in done.stderr


@pytest.mark.parametrize(
    "rules",
    [
        "piet ALL=(ALL) NOPASSWD: ALL",
        "piet ALL=(ALL) ALL",
        "#1001 ALL=(root) NOPASSWD: ALL",
        "%sudo ALL=(ALL) NOPASSWD: ALL",
        "%piet ALL=(ALL) NOPASSWD: ALL",
        "%#1001 ALL=(ALL) NOPASSWD: ALL",
        "piet ALL=(ALL) NOPASSWD: ALL\npiet ALL=(ALL) ALL",
        "piet ALL=(ALL) ALL\nALL ALL=(ALL) NOPASSWD: ALL",
        "ALL, !piet ALL=(ALL) NOPASSWD: ALL",
        "User_Alias A = ALL, !piet\npiet, A ALL=NOPASSWD: ALL",
        "User_Alias A = anna, !piet\n!A ALL=NOPASSWD: ALL",
        "Runas_Alias R = postgres\npiet ALL=(R) NOPASSWD: ALL",
        "piet ALL=(ALL, !root) NOPASSWD: ALL",
        "piet ALL=(:docker) NOPASSWD: ALL",
        "piet ALL=(#0) NOPASSWD: ALL",
        "Defaults runas_default=postgres\npiet ALL=NOPASSWD: ALL",
        "Defaults !authenticate\npiet ALL=(ALL) ALL",
        "Defaults !authenticate\npiet ALL=(ALL) PASSWD: ALL",
        "Defaults:anna !authenticate\npiet ALL=(ALL) ALL",
        "Defaults:%piet !authenticate\npiet ALL=(ALL) ALL",
        "Defaults exempt_group=piet\npiet ALL=(ALL) ALL",
        "Defaults rootpw\npiet ALL=(ALL) NOPASSWD: ALL",
        "piet nowhere=(ALL) NOPASSWD: ALL",
        "piet ALL, !nowhere=(ALL) NOPASSWD: ALL",
        "piet ALL=NOPASSWD: ALL, !ALL",
        "Cmnd_Alias C = ALL\npiet ALL=NOPASSWD: C, PASSWD: C",
    ],
)
def test_sudo_itself_agrees_on_who_is_root_without_a_password(lab: Lab, rules: str) -> None:
    lab.extra["more"] = f"{rules}\n"
    mounts = lab.write()
    as_piet = ["setpriv", "--reuid=1001", "--regid=1001", "--clear-groups"]
    done = subprocess.run(
        [
            *("unshare", "--mount", "sh", "-c", f'{mounts} && cd / && exec "$@"', "sh"),
            *(*as_piet, "sudo", "-n", "-u", "root", "--", "/usr/bin/id", "-u"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        env=ENVIRONMENT,
        check=False,
    )
    # Whether the assessment account is asked is not what this is about: root reads.
    judged = lab.judge(None)
    named = dict(
        zip(
            lab.names(judged[REGISTER], "administrators"),
            lab.names(judged[REGISTER], "rights"),
            strict=True,
        )
    )
    assert ("sudo: ALL, NOPASSWD" in named.get("piet", "")) == (done.stdout == "0\n"), done.stderr


@pytest.mark.skipif(shutil.which("doas") is None, reason="needs doas (opendoas)")
@pytest.mark.parametrize(
    "rules",
    [
        ("permit piet",),
        ("permit nopass piet",),
        ("permit nopass :piet",),
        ("permit nopass 1001",),
        ("permit nopass anna",),
        ("permit nopass piet as postgres",),
        ("permit nopass piet", "deny piet"),
        ("permit nopass piet", "permit piet"),
        ("deny piet", "permit nopass keepenv piet as root"),
        ("permit setenv { A B=c } nopass piet # all",),
    ],
)
def test_doas_itself_agrees(lab: Lab, rules: tuple[str, ...]) -> None:
    config = lab.folder / "doas.conf"
    config.write_text("\n".join([*rules, ""]))
    config.chmod(0o644)
    lab.folder.chmod(0o755)
    done = subprocess.run(
        [
            *("unshare", "--mount", "sh", "-c"),
            f'{lab.write()} && mount --bind {shlex.quote(str(lab.folder))} /mnt && exec "$@"',
            *("sh", "setpriv", "--reuid=1001", "--regid=1001", "--clear-groups"),
            *("doas", "-C", "/mnt/doas.conf", "id"),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        env=ENVIRONMENT,
        check=False,
    )
    read = read_doas(rules)
    assert read is not None
    piet = Account("piet", 1001, 1001, "/home/piet", "/bin/bash", local=True)
    grants = doas_grants(read, piet, ("piet", "1001"))
    said = "deny" if not grants else "permit" if grants[0].asks else "permit nopass"
    assert done.stdout.strip() == said, done.stderr
