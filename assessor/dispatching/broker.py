"""The broker, by Celery: how it is connected to, and what of a message is read at all.

A body is JSON of limited size, of our own content type. Nothing else is decoded: no pickle, and no
compression of the library's own, whose result has no limit.
"""

from __future__ import annotations

import json
import logging
import socket
import ssl
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

from celery import Celery, signals
from kombu import Exchange, Queue, compression, serialization

from assessor.dispatching.messages import MOST_MESSAGE_BYTES
from assessor.model.engine import Broker

TASK = "assess.collect"
SERIALIZER = "assess-json"
CONTENT_TYPE = "application/vnd.assess+json"
HEARTBEAT_S = 10
CONNECT_S = 10
ANSWER_S = 30
"""Seconds after which a broker that does not answer counts as lost."""
MOST_PAUSE_S = 15
"""Seconds between two attempts to reach a broker that is not there, at most."""
_LEFT_BEHIND_S = 14 * 24 * 3600
"""Seconds after which a queue that nobody uses is deleted."""
_HANDED_OUT_S = 600
"""Seconds after which Redis gives a message to another that was handed out and not acknowledged."""
_NO_FOLLOW_UP = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}


def _encoded(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _decoded(raw: bytes | str | memoryview) -> Any:
    if len(raw) > MOST_MESSAGE_BYTES:
        raise ValueError("too large")
    try:
        body = json.loads(bytes(raw) if isinstance(raw, memoryview) else raw)
    except RecursionError:
        raise ValueError("too deep") from None
    match body:
        # A task of Celery. Whatever it says is to follow upon it does not follow.
        case [[str(envelope)], dict(named), dict()] if not named:
            return [[envelope], {}, dict(_NO_FOLLOW_UP)]
        case {"envelope": str()}:
            return body
    raise ValueError("not ours")


def _refused(*_: object) -> NoReturn:
    raise ValueError("compressed messages are not read")


def _close_doors() -> None:
    """Leaves one way into this process: our own serializer."""
    serialization.register(SERIALIZER, _encoded, _decoded, CONTENT_TYPE, "utf-8")
    for name in compression.encoders():
        compression.register(_refused, _refused, name)
    for name in ("celery", "kombu", "amqp"):
        # What they log may quote a message; what is worth knowing, workers and hubs say themselves.
        logger = logging.getLogger(name)
        logger.handlers = [logging.NullHandler()]
        logger.propagate = False
    signals.setup_logging.connect(_no_logging, weak=False)


def _no_logging(**_: object) -> None:
    """Celery leaves logging alone where somebody listens to this signal."""


def make_app(broker: Broker, password: str) -> Celery:
    """The Celery application; nothing is connected to yet.

    Args:
        broker: which one.
        password: empty where there is none.
    """
    _close_doors()
    parts = urlsplit(broker.url)
    app = Celery("assess", broker=_url(broker, password), set_as_current=False)
    app.conf.update(
        accept_content=[SERIALIZER],
        task_serializer=SERIALIZER,
        task_default_queue="assess",
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_create_missing_queues=False,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_detect_quorum_queues=False,
        worker_prefetch_multiplier=1,
        worker_redirect_stdouts=False,
        broker_heartbeat=HEARTBEAT_S,
        broker_connection_timeout=CONNECT_S,
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_use_ssl=_tls(broker) if parts.scheme.endswith("s") else None,
        broker_transport_options=_transport_options(parts.scheme),
    )
    return app


def _url(broker: Broker, password: str) -> str:
    """The address with the password in it: held in memory only, and never shown."""
    parts = urlsplit(broker.url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    place = host if parts.port is None else f"{host}:{parts.port}"
    log_in = ""
    if parts.username or password:
        secret = f":{quote(password, safe='')}" if password else ""
        log_in = f"{parts.username or ''}{secret}@"
    scheme = parts.scheme
    if scheme == "amqps":
        scheme = "amqp"  # with broker_use_ssl; the other word asks for TLS without settings
    return f"{scheme}://{log_in}{place}{parts.path}"


def _tls(broker: Broker) -> dict[str, object]:
    """TLS with the certificate's chain and name checked, always."""
    parts = urlsplit(broker.url)
    files = {
        "ca_certs": broker.ca_file or None,  # None: the authorities of this system
        "certfile": broker.certificate_file or None,
        "keyfile": broker.key_file or None,
    }
    if parts.scheme == "rediss":
        return {
            "ssl_cert_reqs": ssl.CERT_REQUIRED,
            "ssl_check_hostname": True,
            "ssl_min_version": ssl.TLSVersion.TLSv1_2,
            **{f"ssl_{name}": value for name, value in files.items()},
        }
    return {
        "cert_reqs": ssl.CERT_REQUIRED,
        "server_hostname": parts.hostname,
        "tls_minimum_version": ssl.TLSVersion.TLSv1_2,
        **files,
    }


def _transport_options(scheme: str) -> dict[str, object]:
    if scheme.startswith("redis"):
        # A link that is cut without a word is noticed by the kernel.
        keepalive = {
            socket.TCP_KEEPIDLE: HEARTBEAT_S,
            socket.TCP_KEEPINTVL: HEARTBEAT_S // 2,
            socket.TCP_KEEPCNT: 3,
            socket.TCP_USER_TIMEOUT: ANSWER_S * 1000,
        }
        return {
            "visibility_timeout": _HANDED_OUT_S,
            "socket_connect_timeout": CONNECT_S,
            "socket_timeout": ANSWER_S,
            "socket_keepalive": True,
            "socket_keepalive_options": keepalive,
            "health_check_interval": HEARTBEAT_S,
        }
    return {
        "confirm_publish": True,
        "read_timeout": ANSWER_S,
        "write_timeout": ANSWER_S,
    }


def order_queue(site: str) -> Queue:
    """Where orders for a site wait."""
    name = f"assess.{site}"
    return Queue(name, Exchange(""), routing_key=name, durable=True)


def take_only_from(app: Celery, queue: Queue) -> None:
    """Has the worker of ``app`` take from ``queue``.

    Celery would give it an exchange of its own, which a site's user has no right to make.
    """
    app.conf.task_queues = [queue]
    app.amqp.queues[queue.name].exchange = Exchange("")


def delivery_queue(run: str) -> Queue:
    """Where journals for a run wait."""
    name = f"assess.run.{run}"
    return Queue(name, Exchange(""), routing_key=name, durable=True, expires=_LEFT_BEHIND_S)


def why_lost(error: BaseException) -> str:
    """Why a broker cannot be reached, without what the error quotes."""
    name = type(error).__name__
    if name in {"AccessRefused", "AuthenticationError", "NotAllowed", "NoPermissionError"}:
        return f"it refuses the user, the password or what is asked ({name})"
    reason = ""
    cause: BaseException | None = error
    while cause is not None:  # the libraries hide it behind errors of their own
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is refused ({cause.verify_message})"
        if isinstance(cause, OSError) and cause.strerror:
            reason = cause.strerror
        cause = cause.__cause__ or cause.__context__
    return reason or name


def try_broker(broker: Broker, password: str) -> str:
    """Connects once; gives why that does not work, or the empty string."""
    try:
        with make_app(broker, password).connection_for_write() as connection:
            connection.connect()
            connection.default_channel  # noqa: B018 - Redis is asked only now
    except Exception as error:  # each library has a tree of its own
        return why_lost(error)
    return ""
