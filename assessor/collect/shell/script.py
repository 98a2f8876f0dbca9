r"""Merges the probes of a host into one POSIX shell script with framed output.

The script is given to ``/bin/sh`` on standard input. Both outputs are framed, so that what a
probe says on standard error stays apart from what it says on standard output::

    \n<mark> H <version> <uid> <epoch> <system>\n     once, at the head
    \n<mark> B <key>\n                                a probe begins (on both outputs, but for S)
    \n<mark> E <key> <exit status>\n                  it ended by itself (standard output)
    \n<mark> X <key>\n                                nothing more of it is taken
    \n<mark> S <key>\n                                sudo is not allowed; the probe was not run
    \n<mark> Z\n                                      the script is at its end

``E`` is written through the same limiter as the probe's output. So an ``X`` without an ``E``
means that the probe was stopped: by the byte limit where that many bytes came, else by the time
limit. An ``X`` waits for the ``B`` of the next probe and goes out with it: every write becomes a
packet, and most of a collector's work is to take packets in.

The mark is random for each run and is put together by the script, so that neither an echo of the
script nor anything a target could prepare can forge a frame.

Nothing is written on the target: no temporary file, no here-document (which some shells keep in a
file), no named pipe. Every process that a target starts costs it a millisecond: where the shell can
become a programme (``_now``) or look by itself, it does.
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

from assessor.model.check import ProbeKind
from assessor.model.plan import PlannedProbe
from assessor.model.target import Privilege

FORMAT = 1
PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
GRACE_S = 2
"""Seconds between asking a probe to stop and leaving it behind."""


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


_HEAD = r"""
unset ENV BASH_ENV CDPATH IFS
LC_ALL=C; LANG=C; TZ=UTC; PATH={path}; export LC_ALL LANG TZ PATH
umask 077
_l={left}; _r={right}; _u=$(id -u 2>/dev/null)
_cut() {{ _now "$1" head -c "$2" 2>/dev/null; }}
if timeout -k 1 9 true 2>/dev/null
then _t() {{ timeout -k 1 "$@"; }}; _now() {{ exec timeout -k 1 "$@"; }}
elif timeout 9 true 2>/dev/null
then _t() {{ timeout "$@"; }}; _now() {{ exec timeout "$@"; }}
elif timeout -t 9 true 2>/dev/null
then _t() {{ timeout -t "$@"; }}; _now() {{ exec timeout -t "$@"; }}
else _now() {{ _t "$@"; }}; _t() {{
  _s=$1; shift
  "$@" <&5 5<&- & _c=$!
  (trap 'kill $_z 2>/dev/null; exit' TERM; sleep "$_s" & _z=$!; wait $_z
   kill $_c 2>/dev/null; sleep 1; kill -9 $_c 2>/dev/null) >/dev/null 2>&1 </dev/null 5<&- & _w=$!
  wait $_c; _e=$?; kill $_w 2>/dev/null; return $_e
}} 5<&0
fi
_f() {{ printf '\n%s%s %s\n' "$_l" "$_r" "$*"; }}
_x=
_two() {{ printf '\n%s%s %s\n\n%s%s %s\n' "$_l" "$_r" "$1" "$_l" "$_r" "$2"; }}
_b() {{
  if [ -n "$_x" ]; then _two "X $_x" "B $1"; _x=; else _f B "$1"; fi
  _f B "$1" >&2
}}
_no() {{ [ -z "$_x" ] || _f X "$_x"; _two "B $1" "S $1"; _x=$1; }}
_p() {{
  _k=$1; _n=$2; _m=$3; shift 3
  _b "$_k"
  ( {{ _t "$_n" "$@" </dev/null; _f E "$_k" $?; }} & ) | ( _cut $((_n + {grace})) "$_m" )
  _x=$_k
}}
_find() {{ _a=$1; [ -x "$_a" ] || _a=$(command -v "${{1##*/}}" 2>/dev/null); }}
_q() {{
  _find "$4"; _k=$1; _n=$2; _m=$3; shift 4
  if [ -n "$_a" ]; then _p "$_k" "$_n" "$_m" "$_a" "$@"
  else _b "$_k"; _f E "$_k" 127; _x=$_k; fi
}}
_f H {format} "$_u" "$(date +%s 2>/dev/null)" "$(uname -s 2>/dev/null)"
"""

_NO_SUDO = r"""
_root() { if [ "$_u" = 0 ]; then _q "$@"; else _no "$1"; fi; }
"""

_SUDO = r"""
_s=$(command -v sudo 2>/dev/null)
_root() {{
  if [ "$_u" = 0 ]; then _q "$@"; return; fi
  if [ -z "$_s" ]; then _no "$1"; return; fi
  _b "$1"
  _find "$4"; _k=$1; _n=$2; _m=$3; shift 4
  if [ -z "$_a" ]; then _f E "$_k" 127
  else ( {{ _sudo "$_a" "$@"; _f E "$_k" $?; }} & ) | ( _cut $((_n + {grace})) "$_m" )
  fi
  _x=$_k
}}
"""

_SUDO_FREE = r"""
_sudo() { "$_s" -n -- "$@" </dev/null; }
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


def render(
    probes: Iterable[PlannedProbe], mark: Mark, *, sudo: bool, password: str | None
) -> bytes:
    """The whole script.

    Args:
        probes: commands and scripts, in the order in which they run.
        mark: begins every frame.
        sudo: whether privileged probes may use sudo; a target where the user is root needs none.
        password: for sudo, where it asks for one; ``None`` where it must not.
    """
    parts = [
        _HEAD.format(path=PATH, left=mark.left, right=mark.right, grace=GRACE_S, format=FORMAT)
    ]
    if not sudo:
        parts.append(_NO_SUDO)
    else:
        parts.append(_SUDO.format(grace=GRACE_S))
        parts.append(
            _SUDO_FREE if password is None else _SUDO_ASKS.format(password=shlex.quote(password))
        )
    parts += [_call(planned) for planned in probes]
    parts.append('[ -z "$_x" ] || _f X "$_x"\n_f Z; _f Z >&2\nexit 0\n')
    # In braces, a script of which the end was lost on the way is a syntax error as a whole.
    return ("{\n" + "".join(parts) + "}\n").encode()


def _call(planned: PlannedProbe) -> str:
    probe = planned.probe
    # One byte more than the limit tells a full output from a cut one; the frame needs room too.
    limits = f"{planned.key} {probe.timeout_s} {probe.limit_bytes + frame_room(planned.key)}"
    if probe.kind is ProbeKind.SCRIPT:
        given = shlex.join(("/bin/sh", "-c", probe.text, "assess", *probe.arguments))
        return f"_p {limits} {given}\n"
    function = "_root" if probe.privilege is Privilege.SUDO else "_q"
    return f"{function} {limits} {probe.text}\n"


def frame_room(key: str) -> int:
    """Bytes that the ``E`` frame of a probe takes at most."""
    return len(key) + 48
