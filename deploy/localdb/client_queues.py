"""A client's own calls of Advanced Queuing, without PL/SQL."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from deploy.localdb import queues
from deploy.localdb.errors import Unsupported
from deploy.localdb.queue_definitions import QueueHost, parse_name
from deploy.localdb.queues import Delivery, Message
from deploy.localdb.tns import requests
from deploy.localdb.tns.replies import Dequeued, Enqueued, TakenMessage

#: What fails undoes its own work only.
Call = Callable[[], AbstractContextManager[None]]


def enqueue(host: QueueHost, request: requests.Enqueue, call: Call) -> Enqueued:
    """Send the client's messages; gives their msgids."""
    messages = [
        Message(
            payload=sent.payload,
            priority=sent.priority,
            delay=sent.delay,
            expiration=sent.expiration,
            correlation=sent.correlation,
            exception_queue=queues.exception_queue_of(sent.exception_queue),
        )
        for sent in request.messages
    ]
    delivery = Delivery.BUFFERED if request.buffered else Delivery.PERSISTENT
    with call():
        visibility = queues.read_visibility(request.visibility)
        queues.enqueue(host, request.queue, messages, visibility, delivery)
    return Enqueued([message.msgid for message in messages])


def dequeue(host: QueueHost, request: requests.Dequeue, call: Call) -> Dequeued:
    """Take messages for the client.

    Raises:
        OraError: 25228, nothing came in time; and others of queues.dequeue.
    """
    if request.consumer:
        raise Unsupported("consumers of a queue")
    with call():
        options = queues.Dequeue.read(
            mode=request.mode,
            navigation=request.navigation,
            visibility=request.visibility,
            wait=request.wait,
            msgid=request.msgid,
            correlation=request.correlation,
            condition=request.condition,
            delivery=request.delivery,
        )
        messages = queues.dequeue(host, request.queue, options, request.limit)
    found = parse_name(request.queue, host.current_schema)
    owner = found[0] if found is not None else host.current_schema
    return Dequeued([_taken(host, message, owner) for message in messages])


def _taken(host: QueueHost, message: Message, owner: str) -> TakenMessage:
    name = message.exception_queue
    return TakenMessage(
        msgid=message.msgid,
        payload=message.payload,
        priority=message.priority,
        expiration=message.expiration,
        correlation=message.correlation,
        attempts=message.attempts,
        exception_queue=None if name is None else f"{owner}.{name}",
        state=message.state,
        enqueue_time=queues.enqueue_time_in_session(host, message),
        is_buffered=message.is_buffered,
    )
