"""What the DNS says of a domain, validated from the root.

The question ``{"kind": "dns", "subject": "zone"}`` is answered with one JSON object; the subjects
are ``zone``, ``mail-transport`` and ``mail-authentication``. All answers have:

===================  =========================================================================
``domain``           the name that was asked about; null where the target is an IP address, and
                     then nothing else is said
``at``, ``seconds``  when it was asked, ISO 8601, UTC, and how long all of it took
``resolvers``        who was asked; ``trust_anchors`` what was trusted from the start
``queries``          every query: ``name``, ``type``, ``server``, ``transport``, ``seconds``,
                     ``kept`` (from an earlier question of this run), ``failure`` or ``code``,
                     ``flags``, ``records``, ``records_count``. The first 200 of ``queries_count``
===================  =========================================================================

A *look-up* is ``name``, ``type``, ``outcome`` (``found``, ``no-data``, ``no-name``, ``failed``),
``security`` (RFC 4033, 5: ``secure``, ``insecure``, ``bogus``, ``indeterminate``) with ``why`` and
``detail``, ``records`` and their ``records_count``, ``cut`` (not all of it is here), ``aliases``
and ``failure``. ``docs/mail-and-dns.md`` tells what each subject adds.

Options of the target: ``server_name`` (where the domain differs from the address), ``resolver``
(IP address with port, or a list), ``trust_anchor`` (DS record, or a list; the root's where no zone
stands before it), ``names`` (of aliases to look at), ``dkim_selectors``.
"""

from __future__ import annotations

import ipaddress
import time

import dns.name

from assessor.collect.questions.dns_client import Client
from assessor.collect.questions.dns_lookup import Lookups, name_of, plain
from assessor.collect.questions.dns_mail import mail_authentication, mail_transport
from assessor.collect.questions.dns_session import Session
from assessor.collect.questions.dns_zone import zone_facts
from assessor.collect.questions.service import Request, option
from assessor.collect.transports.tcp import Clock
from assessor.errors import TransportError
from assessor.model.capture import Reason
from assessor.model.target import Target

KIND = "dns"


class DnsQuestion:
    """Looks up what the DNS says of a target's domain."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ask(self, target: Target, request: Request, clock: Clock) -> dict[str, object]:
        """The answer, as the module's table says.

        Raises:
            TransportError: there was no answer.
        """
        subject = str(request.get("subject"))
        domain = domain_of(target)
        if domain is None:
            return {"kind": KIND, "subject": subject, "domain": None}
        began = time.monotonic()
        session = Session(self._client, target, clock)
        facts = _facts(subject, Lookups(session), domain, target, request)
        return {
            "kind": KIND,
            "subject": subject,
            "domain": plain(domain),
            "at": session.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": round(time.monotonic() - began, 3),
            **session.evidence(),
            **facts,
        }


def _facts(
    subject: str, lookups: Lookups, domain: dns.name.Name, target: Target, request: Request
) -> dict[str, object]:
    if subject == "zone":
        return zone_facts(lookups, domain, target)
    if subject == "mail-transport":
        return mail_transport(lookups, domain)
    if subject == "mail-authentication":
        return mail_authentication(lookups, domain, target, request)
    raise TransportError(
        Reason.NOT_RUN,
        f"this version of assess knows no such subject: {subject[:100]}",
        mend="the subject is one of zone, mail-transport, mail-authentication",
    )


def domain_of(target: Target) -> dns.name.Name | None:
    """The domain that a target is about; ``None`` for an IP address.

    Raises:
        TransportError: it is no name.
    """
    text = option(target, "server_name") or target.address
    try:
        ipaddress.ip_address(text)
    except ValueError:
        name = name_of(text)
    else:
        return None
    if name is None or name == dns.name.root:
        raise TransportError(
            Reason.NAME_NOT_FOUND,
            f"{text[:100]!r} is not a domain name",
            mend="check the address in the inventory",
        )
    return name
