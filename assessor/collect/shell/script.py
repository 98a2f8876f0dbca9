r"""Merges the probes of a host into one POSIX shell script with framed output.

The script is given to ``/bin/sh`` on standard input. Both outputs are framed, so that what a
probe says on standard error stays apart from what it says on standard output::

    \n<mark> H <version> <uid> <epoch> <system>\n     once, at the head
    \n<mark> B <key>\n                                a probe begins (on both outputs)
    \n<mark> E <key> <exit status>\n                  it has ended (standard output)
    \n<mark> S <key>\n                                sudo is not allowed; the probe was not run
    \n<mark> Z\n                                      the script is at its end (on both outputs)

An ``E`` or ``S`` waits for the ``B`` or ``Z`` that comes next and goes out with it: every write
becomes a packet, and most of a collector's work is to take packets in.

The mark is random for each script and is put together by it, so that neither an echo of the script
nor anything a target could prepare can forge a frame.

Every process that a target starts costs it a millisecond: what the shell can see by itself, it
starts none for, and no probe has a watchdog of its own. Whoever reads the frames sees which probe
takes too long or says too much, ends the script, and gives the rest of the probes another one
(``FrameReader.cut``). A script ends when its standard input does, together with what it runs, and
after a time of its own in any case: a connection can be lost without a sign. ``_LAUNCH`` gives it
a process group for that, by ``timeout``; where there is none, it ends the command that it runs.
Whether there is one, and of which kind, is not looked up on every target: where it does not start
the script, another one is given that does (``careful``).
So what a probe leaves running must not write: it would write into the next one's answer.

Nothing is written on the target: no temporary file, no here-document (which some shells keep in a
file), no named pipe.
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from assessor.collect.transports.base import Script
from assessor.model.check import ProbeKind
from assessor.model.plan import PlannedProbe
from assessor.model.target import Privilege

FORMAT = 2
PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
GRACE_S = 2
"""How much longer than it may take a probe is waited for: its answer is on its way, too."""
_BEFORE_S = 60
"""What a script may take beside its probes, in seconds."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The random word that begins every frame, in two halves that never stand together."""

    left: str
    right: str

    @classmethod
    def random(cls) -> Mark:
        """A new mark of 128 bits."""
        return cls(f"=={secrets.token_hex(8)}", f"{secrets.token_hex(8)}==")

    @property
    def whole(self) -> bytes:
        """The mark as it appears in the output."""
        return f"{self.left}{self.right}".encode()


# Understood by sh, bash, zsh, fish, csh and tcsh alike: one word in single quotes, in which no
# other quote, exclamation mark or backslash stands. The script is told this process's id: where it
# is that of its parent, that is timeout, with a process group of its own. BusyBox's becomes the
# command instead, and starts another process that waits.
_LAUNCH = (
    "exec /bin/sh -c '"
    "PATH={path}; export PATH; unset ENV BASH_ENV; "
    "exec timeout -k 1 {seconds} {shell} -s $$'"
)
_LAUNCH_CAREFULLY = (
    "exec /bin/sh -c '"
    "PATH={path}; export PATH; unset ENV BASH_ENV; "
    "timeout 9 true 2>/dev/null && exec timeout {seconds} {shell} -s $$; "
    "timeout -t 9 true 2>/dev/null && exec timeout -t {seconds} {shell} -s $$; "
    "exec {shell}'"
)

_HEAD = r"""
unset ENV BASH_ENV CDPATH IFS
LC_ALL=C; LANG=C; TZ=UTC; PATH={path}; export LC_ALL LANG TZ PATH
umask 077
_l={left}; _r={right}; _m=$_l$_r; _o=; _k=; _c=
_n='
'
_u=
while read -r _x _a _u _y && [ "$_x" != Uid: ]; do _u=; done 2>/dev/null </proc/self/status
[ -n "$_u" ] || _u=$(id -u 2>/dev/null)
exec 5<&0 </dev/null
if [ "$PPID" = "${{1:-}}" ]
then
  _g=$PPID
  trap 'exit 143' TERM
  _run() {{ "$@"; }}
else
  _g=$$
  trap 'kill "$_c" 2>/dev/null; sleep 1; kill -9 "$_c" 2>/dev/null; exit 143' TERM
  _run() {{ "$@" & _c=$!; wait "$_c"; }}
fi
{{ read -r _x; kill "$_g"; }} <&5 >/dev/null 2>&1 &
_i=$!
if [ $# = 0 ]
then
  (trap 'kill "$_z"; exit' TERM; sleep {seconds} & _z=$!; wait "$_z"; kill "$_g") \
    >/dev/null 2>&1 5<&- &
  _i="$_i $!"
fi
exec 5<&-
_end() {{ [ -z "$_k" ] || _o="$_o$_n$_m E $_k $1$_n"; _k=; }}
_b() {{
  _end $?
  printf '%s' "$_o$_n$_m B $1$_n"
  printf '%s' "$_n$_m B $1$_n" >&2
  _o=; _k=$1
}}
_no() {{ _end $?; _o="$_o$_n$_m S $1$_n"; }}
_p() {{ _b "$1"; shift; _run "$@"; }}
_find() {{ _a=$1; [ -x "$_a" ] || _a=$(command -v "${{1##*/}}" 2>/dev/null); }}
_q() {{ _b "$1"; _find "$2"; shift 2; if [ -n "$_a" ]; then _run "$_a" "$@"; else return 127; fi; }}
{{ read -r _x </proc/sys/kernel/ostype; }} 2>/dev/null || _x=$(uname -s 2>/dev/null)
printf '%s' "$_n$_m H {format} $_u $(date +%s 2>/dev/null) $_x$_n"
"""

_NO_SUDO = r"""
_root() { if [ "$_u" = 0 ]; then _q "$@"; else _no "$1"; fi; }
"""

_SUDO = r"""
_s=$(command -v sudo 2>/dev/null)
_root() {
  if [ "$_u" = 0 ]; then _q "$@"; return; fi
  if [ -z "$_s" ]; then _no "$1"; return; fi
  _b "$1"; _find "$2"; shift 2
  if [ -n "$_a" ]; then _sudo "$_a" "$@"; else return 127; fi
}
"""

_SUDO_FREE = r"""
_sudo() { _run "$_s" -n -- "$@"; }
"""

# The password is tried once: a wrong one that is offered for every probe could lock the account.
# It comes on standard input and is passed on by a builtin, so no process list shows it; -k keeps
# sudo from leaving a time stamp on the target.
_SUDO_ASKS = r"""
_w={password}
_v=
if [ -n "$_s" ] && [ "$_u" != 0 ] && printf '%s\n' "$_w" | "$_s" -k -S -p '' -v >/dev/null 2>&1
then _v=yes; fi
_sudo() {{
  if [ -n "$_v" ]; then printf '%s\n' "$_w" | "$_s" -k -S -p '' -- "$@"
  else echo 'sudo: the password was refused' >&2; return 1; fi
}}
"""

_TAIL = r"""
_end $?
kill $_i 2>/dev/null
printf '%s' "$_o$_n$_m Z$_n"
printf '%s' "$_n$_m Z$_n" >&2
exit 0
"""


def render(
    probes: Sequence[PlannedProbe],
    mark: Mark,
    *,
    sudo: bool,
    password: str | None,
    shell: str = "/bin/sh",
    careful: bool = False,
) -> Script:
    """The whole script, and the command that takes it.

    Args:
        probes: commands and scripts, in the order in which they run.
        mark: begins every frame.
        sudo: whether privileged probes may use sudo; a target where the user is root needs none.
        password: for sudo, where it asks for one; ``None`` where it must not.
        shell: runs it.
        careful: the target's ``timeout`` is not as usual, or it has none.
    """
    seconds = _BEFORE_S + sum(planned.probe.timeout_s + GRACE_S for planned in probes)
    parts = [
        _HEAD.format(path=PATH, left=mark.left, right=mark.right, seconds=seconds, format=FORMAT)
    ]
    if not sudo:
        parts.append(_NO_SUDO)
    else:
        parts.append(_SUDO)
        parts.append(
            _SUDO_FREE if password is None else _SUDO_ASKS.format(password=shlex.quote(password))
        )
    parts += [_call(planned) for planned in probes]
    parts.append(_TAIL)
    # In braces, a script of which the end was lost on the way is a syntax error as a whole.
    text = ("{\n" + "".join(parts) + "}\n").encode()
    launch = _LAUNCH_CAREFULLY if careful else _LAUNCH
    return Script(text, launch.format(path=PATH, seconds=seconds, shell=shell), held=True)


def _call(planned: PlannedProbe) -> str:
    probe = planned.probe
    if probe.kind is ProbeKind.SCRIPT:
        given = shlex.join(("/bin/sh", "-c", probe.text, "assess", *probe.arguments))
        return f"_p {planned.key} {given}\n"
    function = "_root" if probe.privilege is Privilege.SUDO else "_q"
    return f"{function} {planned.key} {probe.text}\n"
