"""What of a message's body is read at all, and how a broker is reached."""

from __future__ import annotations

import json
import ssl

import pytest
from kombu import compression, serialization
from kombu.exceptions import ContentDisallowed, DecodeError

from assessor.dispatching.broker import CONTENT_TYPE, SERIALIZER, make_app
from assessor.dispatching.messages import MOST_MESSAGE_BYTES
from assessor.model.engine import Broker

APP = make_app(Broker("amqps://u@broker.example.nl:5671/v"), "p:@/?#ss")


def read(body: bytes, kind: str = CONTENT_TYPE) -> object:
    accepted = {CONTENT_TYPE}
    return serialization.loads(body, kind, "utf-8", accept=accepted)


def test_nothing_follows_upon_a_task_whatever_it_says() -> None:
    follow_up = {"callbacks": [{"task": "x"}], "errbacks": [1], "chain": [{"task": "y"}]}
    body = json.dumps([["envelope"], {}, follow_up]).encode()
    assert read(body) == [
        ["envelope"],
        {},
        {"callbacks": None, "errbacks": None, "chain": None, "chord": None},
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b" " * MOST_MESSAGE_BYTES + b'{"envelope": ""}',
        b"[[1], {}, {}]",
        b'[["a", "b"], {}, {}]',
        b'[["a"], {"more": 1}, {}]',
        b'{"no": "envelope"}',
        b"null",
        b"\xff",
    ],
)
def test_bodies_that_are_not_ours_are_not_read(body: bytes) -> None:
    with pytest.raises(DecodeError):
        read(body)


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-python-serialize", "text/plain"]
)
def test_no_other_content_type_is_read(kind: str) -> None:
    assert APP.conf.accept_content == [SERIALIZER]
    with pytest.raises(ContentDisallowed):
        read(b"{}", kind)


def test_nothing_is_unpacked() -> None:
    for name in compression.encoders():
        with pytest.raises(ValueError, match="compressed"):
            compression.decompress(b"x", name)


@pytest.mark.parametrize(
    ("url", "verified", "named"),
    [
        ("amqps://broker.example.nl/v", "cert_reqs", "server_hostname"),
        ("rediss://broker.example.nl/0", "ssl_cert_reqs", "ssl_check_hostname"),
    ],
)
def test_the_brokers_certificate_and_name_are_always_checked(
    url: str, verified: str, named: str
) -> None:
    tls = make_app(Broker(url), "").conf.broker_use_ssl
    assert tls[verified] is ssl.CERT_REQUIRED
    assert tls[named] in {True, "broker.example.nl"}


def test_a_password_of_any_signs_reaches_the_library_whole() -> None:
    connection = APP.connection_for_write()
    assert connection.password == "p:@/?#ss"
    assert (connection.userid, connection.hostname, connection.port) == (
        "u",
        "broker.example.nl",
        5671,
    )
    assert "ss" not in connection.as_uri().removeprefix("amqp").replace("assess", "")
