"""Runs the scripts of a restore test on its target, and sees to it that nothing is left there."""

from __future__ import annotations

import concurrent.futures
import threading
from collections.abc import Callable

from assessor.collect.secrets import SourcedSecrets
from assessor.collect.terminal import Terminal
from assessor.collect.transports.base import Abandoned, Deadline, Script
from assessor.collect.transports.local import LocalTransport
from assessor.collect.transports.ssh import SshTransport
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import SecretPurpose, Target, TransportKind
from assessor.restore.answers import Answers
from assessor.restore.order import Order
from assessor.restore.record import PLACE, Line
from assessor.restore.script import (
    Rights,
    keep_script,
    new_mark,
    sweep_script,
    work_script,
)

SWEEP_S = 60.0
"""How long it may take to see whether the scratch folder is gone, in seconds."""

_Render = Callable[[str, Rights], bytes]


class Session:
    """The connections of one restore test.

    Args:
        target: where it runs.
        sudo: whether root's rights are asked for.
        deadline_s: seconds that each script may take, connecting included.
    """

    def __init__(self, target: Target, *, sudo: bool, deadline_s: float) -> None:
        self._target = target
        self._sudo = sudo
        self._deadline_s = deadline_s
        self._abandoned = threading.Event()
        self._secrets = SourcedSecrets(Terminal(self._abandoned).ask)

    def work(self, order: Order, secret: str) -> Answers:
        """Runs the test.

        Whatever happens, the scratch folder is gone when this returns or raises; where that could
        not be seen, ``Answers.removed`` is not ``True``.

        Raises:
            TransportError: the target could not be reached or entered; nothing was written.
            KeyboardInterrupt: with the answers as far as they came as its argument.
        """
        answers = Answers(new_mark())
        interrupted = False
        try:
            self._run(answers, lambda mark, rights: work_script(order, mark, rights, secret))
        except TransportError as error:
            if answers.head is None:
                raise
            if answers.failure is None and not answers.done:
                answers.failure = ("broken-off", f"{error.reason}: {error.detail}")
        except KeyboardInterrupt:
            interrupted = True
        if answers.made and answers.removed is None:
            answers.removed = self._sweep(order)
        if interrupted:
            raise KeyboardInterrupt(answers)
        return answers

    def keep(self, line: Line) -> Answers:
        """Leaves the record's line on the target; raises ``TransportError``."""
        answers = Answers(new_mark())
        self._run(
            answers,
            lambda mark, rights: keep_script(
                PLACE, line.name, line.text, line.digest, mark, rights
            ),
        )
        return answers

    def _sweep(self, order: Order) -> bool | None:
        """Whether the scratch folder is gone; ``None`` where that could not be seen."""
        answers = Answers(new_mark())
        self._abandoned = threading.Event()
        self._deadline_s = SWEEP_S
        try:
            self._run(answers, lambda mark, rights: sweep_script(order.scratch, mark, rights))
        except (TransportError, KeyboardInterrupt):
            return None
        return answers.removed

    def _run(self, answers: Answers, render: _Render) -> None:
        """Runs a script in a thread of its own, so that Ctrl-C is heard whatever it waits for."""
        with concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="restore") as pool:
            running = pool.submit(self._talk, answers, render, self._abandoned)
            try:
                running.result()
            except BaseException:
                self._abandoned.set()
                raise
        if not answers.finished:
            raise TransportError(
                Reason.DROPPED if answers.head else Reason.SHELL_REFUSED,
                "the script ended before its end" if answers.head else "no POSIX shell answered",
                mend="" if answers.head else "give the account a log-in shell",
            )

    def _talk(self, answers: Answers, render: _Render, abandoned: Abandoned) -> None:
        password = None
        if self._sudo:
            password = self._secrets.get(self._target, SecretPurpose.SUDO_PASSWORD)
        script = Script(render(answers.mark, Rights(self._sudo, password)))
        deadline = Deadline.after(self._deadline_s)
        if self._target.transport is TransportKind.LOCAL:
            LocalTransport(abandoned).run(self._target, [script], answers, deadline)
            return
        with SshTransport(self._secrets, abandoned) as ssh:
            ssh.run(self._target, [script], answers, deadline)
