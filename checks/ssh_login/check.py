"""Who can log in to this machine from elsewhere, and what they must show.

One look at sshd, PAM, accounts and open ports; one judgement for each of three promises.
"""

from __future__ import annotations

from collections.abc import Iterable

from assessor.api import (
    Check,
    Facts,
    Judgement,
    Message,
    Parameters,
    failed,
    not_applicable,
    not_observed,
    passed,
    unknown,
)

from .host import CLEAR_TEXT, OTHERS
from .observation import Doubt, LogIn, Server, observe
from .paths import Path, only_password, too_many

ACCESS, MFA, REMOTE = "access-control", "mfa", "remote-access"


def evaluate(seen: LogIn | Doubt, parameters: Parameters) -> Iterable[Judgement]:
    if isinstance(seen, Doubt):
        return [seen.about(measure, {}) for measure in (ACCESS, MFA, REMOTE)]
    return [_access(seen), _mfa(seen), _remote(seen)]


def _access(seen: LogIn) -> Judgement:
    """Nobody gets in without an account and a proof of who they are."""
    observed = seen.facts()
    if seen.host.automatic:
        files = {"files": seen.host.automatic}
        return failed(ACCESS, "automatic_log_in", files, observed=observed)
    empty = [account.name for account in seen.host.accounts if account.empty and account.can_log_in]
    if not isinstance(seen.passwords, Doubt):
        empty += seen.passwords.none
    if empty:
        names = {"accounts": tuple(dict.fromkeys(empty))}
        return failed(ACCESS, "no_password", names, observed=observed)
    if seen.server is Server.OPENSSH and not seen.host.sshd_options:
        if seen.ways.empty_passwords:
            where = {"where": seen.ways.empty_passwords}
            return failed(ACCESS, "empty_passwords_allowed", where, observed=observed)
        open_ways = [path for path in seen.ways.certain if not path.factors]
        if open_ways:
            paths = {"paths": _labels(open_ways)}
            return failed(ACCESS, "no_proof_asked", paths, observed=observed)
    doubt = _doubt(seen, ACCESS)
    if doubt is not None:
        return doubt
    opaque = [path for path in seen.ways.certain if path.opaque and not path.known]
    if opaque and seen.server is Server.OPENSSH:
        return _opaque(seen, ACCESS, opaque)
    if isinstance(seen.passwords, Doubt):
        return seen.passwords.about(ACCESS, observed)
    root_may = any(path.root for path in seen.ways.certain) and seen.server is Server.OPENSSH
    advice = (Message("root_is_not_a_person"),) if root_may else ()
    return passed(ACCESS, "accounts_guarded", observed=observed, advice=advice)


def _mfa(seen: LogIn) -> Judgement:
    """Every way in asks for two kinds of proof."""
    observed = seen.facts()
    others = seen.host.named({**CLEAR_TEXT, **OTHERS})
    if seen.server is Server.NONE:
        if others:
            return unknown(MFA, "other_log_in", {"services": others}, observed=observed)
        # No way in from elsewhere, so there is nothing that could ask for a second factor.
        return not_applicable(MFA, "no_remote_log_in")
    early = _no_ground(seen, MFA)
    if early is not None:
        return early
    weak = [path for path in seen.ways.certain if not path.two_factors]
    certain = [path for path in weak if not path.unseen]
    expected = {"factors": 2}
    if certain:
        return _one_factor(seen, certain)
    opaque = [path for path in weak if path.opaque]
    if opaque:
        return _opaque(seen, MFA, opaque)
    if weak:
        paths = {"paths": _labels(weak)}
        return unknown(MFA, "second_factor_elsewhere", paths, expected=expected, observed=observed)
    doubt = _doubt(seen, MFA)
    if doubt is not None:
        return doubt
    combined = [path for path in seen.ways.possible if not path.two_factors]
    if combined or _too_many(seen):
        paths = {"paths": _labels(combined)}
        return unknown(MFA, "match_combined", paths, expected=expected, observed=observed)
    if not seen.ways.certain:
        return unknown(MFA, "no_way_in", expected=expected, observed=observed)
    if others:
        services = {"services": others}
        return unknown(MFA, "other_log_in", services, expected=expected, observed=observed)
    paths = {"paths": _labels(seen.ways.certain)}
    advice = (Message("duo_fails_open"),) if _duo_fails_open(seen) else ()
    return passed(MFA, "two_factors", paths, expected=expected, observed=observed, advice=advice)


def _duo_fails_open(seen: LogIn) -> bool:
    """Whether Duo is in use and lets everyone through when it is out of reach."""
    used = {"pam_duo"} & set(seen.stack.second_factors())
    if any("[login_duo]" in path.label for path in seen.ways.certain):
        used.add("login_duo")
    return any(name in seen.duo and seen.duo[name].fails_open is True for name in used)


def _one_factor(seen: LogIn, weak: list[Path]) -> Judgement:
    """Says where a second factor may be skipped, or that none is asked for."""
    module = seen.stack.skippable_factor()
    through_pam = all(path.methods != "publickey" for path in weak)
    message = "code_may_be_skipped" if module and through_pam else "one_factor"
    facts: Facts = {"paths": _labels(weak), "module": module}
    return failed(MFA, message, facts, expected={"factors": 2}, observed=seen.facts())


def _opaque(seen: LogIn, measure: str, paths: list[Path]) -> Judgement:
    """PAM decides, by a module or file that is not known here."""
    unknown_modules = {f.partition(":")[2] for path in paths for f in path.factors - path.known}
    if unknown_modules <= {"duo", "login_duo"} and seen.duo_gap is not None:
        return not_observed(measure, seen.duo_gap)
    parts = seen.stack.unread or tuple(sorted(f"pam_{name}" for name in unknown_modules))
    facts = {"paths": _labels(paths), "parts": parts}
    return unknown(measure, "pam_not_understood", facts, observed=seen.facts())


def _remote(seen: LogIn) -> Judgement:
    """Remote log-in is encrypted, and root's password opens nothing."""
    observed = seen.facts()
    clear = seen.host.named(CLEAR_TEXT)
    if clear:
        return failed(REMOTE, "clear_text", {"services": clear}, observed=observed)
    early = _no_ground(seen, REMOTE)
    if early is not None:
        return early
    openssh = seen.server is Server.OPENSSH
    root = [path for path in seen.ways.certain if path.root and only_password(path)]
    if openssh and root:
        return failed(REMOTE, "root_password", {"paths": _labels(root)}, observed=observed)
    others = seen.host.named(OTHERS)
    if others:
        return unknown(REMOTE, "others_listen", {"services": others}, observed=observed)
    if not openssh:
        return not_applicable(REMOTE, "no_remote_log_in")
    doubt = _doubt(seen, REMOTE)
    if doubt is not None:
        return doubt
    opaque = [p for p in seen.ways.certain if p.root and p.opaque and not p.two_factors]
    if opaque:
        return _opaque(seen, REMOTE, opaque)
    combined = [path for path in seen.ways.possible if path.root and only_password(path)]
    if combined or _too_many(seen):
        paths = {"paths": _labels(combined)}
        return unknown(REMOTE, "match_combined", paths, observed=observed)
    with_password = [path for path in seen.ways.certain if only_password(path)]
    advice = (Message("passwords_accepted"),) if with_password else ()
    return passed(REMOTE, "encrypted_only", observed=observed, advice=advice)


def _labels(paths: Iterable[Path]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path.label for path in paths))


def _too_many(seen: LogIn) -> bool:
    return not isinstance(seen.files, Doubt) and too_many(seen.files.blocks)


def _no_ground(seen: LogIn, measure: str) -> Judgement | None:
    """Why nothing can be said of SSH, however its settings look."""
    observed = seen.facts()
    if seen.server is Server.OTHER:
        names = seen.host.other_ssh or (f"port {seen.values['port']}",)
        return unknown(measure, "other_ssh", {"servers": names}, observed=observed)
    if seen.server is Server.UNCLEAR:
        return unknown(measure, "processes_hidden", observed=observed)
    if seen.server is Server.OPENSSH and seen.host.sshd_options:
        options = {"options": seen.host.sshd_options}
        return unknown(measure, "own_options", options, observed=observed)
    files_known = not isinstance(seen.files, Doubt) and not seen.files.unread
    if seen.server is Server.OPENSSH and seen.values_doubt is not None and not files_known:
        return seen.values_doubt.about(measure, observed)
    return None


def _doubt(seen: LogIn, measure: str) -> Judgement | None:
    """Why a good picture is no ground for a pass."""
    early = _no_ground(seen, measure)
    if early is not None:
        return early
    observed = seen.facts()
    if not seen.host.complete:
        return unknown(measure, "not_understood", observed=observed)
    if seen.server is not Server.OPENSSH:
        return None
    if seen.values_doubt is not None:
        return seen.values_doubt.about(measure, observed)
    if isinstance(seen.files, Doubt):
        return seen.files.about(measure, observed)
    if seen.files.unread:
        files = {"files": seen.files.unread}
        return unknown(measure, "match_not_read", files, observed=observed)
    return None


CHECK = Check(observe=observe, evaluate=evaluate)
