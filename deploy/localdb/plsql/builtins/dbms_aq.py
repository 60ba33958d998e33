"""DBMS_AQ: messages of classic single-consumer queues with RAW payload.

Source: PL/SQL Packages and Types Reference 19c, DBMS_AQ; Advanced Queuing Types.
"""

from __future__ import annotations

from deploy.localdb import queues
from deploy.localdb.errors import OraError, Unsupported
from deploy.localdb.plsql.builtins.formats import as_date
from deploy.localdb.plsql.builtins.registry import implements
from deploy.localdb.plsql.builtins.structures import elements, fill, new_element
from deploy.localdb.plsql.values import Record, Ref
from deploy.localdb.queue_definitions import QueueHost
from deploy.localdb.queues import Delivery, Dequeue, Message
from deploy.localdb.values import Value


def _delivery(options: Record) -> Delivery:
    if options.get("TRANSFORMATION"):
        raise Unsupported("transformations of messages")
    try:
        return Delivery(options.get("DELIVERY_MODE"))
    except ValueError:
        raise OraError(25201, "invalid value, DELIVERY_MODE") from None


def _enqueue(
    host: QueueHost, queue_name: str | None, messages: list[Message], options: Record
) -> None:
    delivery = _delivery(options)
    if options.get("SEQUENCE_DEVIATION") is not None:
        raise Unsupported("sequence deviation of messages")
    visibility = queues.read_visibility(options.get("VISIBILITY"))
    queues.enqueue(host, queue_name, messages, visibility, delivery)


def _dequeue_options(options: Record) -> Dequeue:
    delivery = _delivery(options)
    if options.get("CONSUMER_NAME"):
        raise Unsupported("consumers of a queue")
    return Dequeue.read(
        mode=options.get("DEQUEUE_MODE"),
        navigation=options.get("NAVIGATION"),
        visibility=options.get("VISIBILITY"),
        wait=options.get("WAIT"),
        msgid=options.get("MSGID"),
        correlation=options.get("CORRELATION"),
        condition=options.get("DEQ_CONDITION"),
        delivery=delivery,
    )


def _message(properties: Record, payload: Value) -> Message:
    if payload is not None and not isinstance(payload, bytes):
        raise OraError(25215, "user_data type and queue type do not match")
    return Message(
        payload=payload,
        priority=int(properties.get("PRIORITY")),
        delay=int(properties.get("DELAY")),
        expiration=int(properties.get("EXPIRATION")),
        correlation=properties.get("CORRELATION"),
        exception_queue=queues.exception_queue_of(properties.get("EXCEPTION_QUEUE")),
    )


def _set_properties(host: QueueHost, properties: Record, message: Message) -> None:
    properties.set("PRIORITY", message.priority)
    properties.set("DELAY", 0)
    properties.set("EXPIRATION", message.expiration)
    properties.set("CORRELATION", message.correlation)
    properties.set("ATTEMPTS", message.attempts)
    properties.set("EXCEPTION_QUEUE", message.exception_queue)
    properties.set("STATE", message.state)
    properties.set(
        "DELIVERY_MODE", Delivery.BUFFERED if message.is_buffered else Delivery.PERSISTENT
    )
    moment = queues.enqueue_time_in_session(host, message)
    if moment is not None:
        properties.set("ENQUEUE_TIME", as_date(moment))


@implements("DBMS_AQ.ENQUEUE")
def enqueue(
    host: QueueHost,
    queue_name: Ref,
    enqueue_options: Ref,
    message_properties: Ref,
    payload: Ref,
    msgid: Ref,
) -> None:
    message = _message(message_properties.value, payload.value)
    _enqueue(host, queue_name.value, [message], enqueue_options.value)
    msgid.value = message.msgid


@implements("DBMS_AQ.DEQUEUE")
def dequeue(
    host: QueueHost,
    queue_name: Ref,
    dequeue_options: Ref,
    message_properties: Ref,
    payload: Ref,
    msgid: Ref,
) -> None:
    (message,) = queues.dequeue(host, queue_name.value, _dequeue_options(dequeue_options.value))
    _set_properties(host, message_properties.value, message)
    payload.value = message.payload
    msgid.value = message.msgid


def _array_size(array_size: Ref) -> int:
    size = array_size.value
    if size is None or size < 1:
        raise OraError(24031, "invalid value, ARRAY_SIZE should be non-NULL")
    return int(size)


@implements("DBMS_AQ.ENQUEUE_ARRAY")
def enqueue_array(
    host: QueueHost,
    queue_name: Ref,
    enqueue_options: Ref,
    array_size: Ref,
    message_properties_array: Ref,
    payload_array: Ref,
    msgid_array: Ref,
    error_array: Ref | None = None,
) -> Value:
    size = _array_size(array_size)
    properties, payloads = elements(message_properties_array), elements(payload_array)
    if len(properties) < size or len(payloads) < size:
        raise OraError(25286, "invalid number of elements in the message properties array")
    messages = [
        _message(record, payload)
        for record, payload in zip(properties[:size], payloads[:size], strict=True)
    ]
    _enqueue(host, queue_name.value, messages, enqueue_options.value)
    fill(msgid_array, [message.msgid for message in messages])
    return len(messages)


@implements("DBMS_AQ.DEQUEUE_ARRAY")
def dequeue_array(
    host: QueueHost,
    queue_name: Ref,
    dequeue_options: Ref,
    array_size: Ref,
    message_properties_array: Ref,
    payload_array: Ref,
    msgid_array: Ref,
    error_array: Ref | None = None,
) -> Value:
    options = _dequeue_options(dequeue_options.value)
    if options.msgid is not None:
        raise Unsupported("DBMS_AQ.DEQUEUE_ARRAY by message ID")
    messages = queues.dequeue(host, queue_name.value, options, _array_size(array_size))
    records: list[Value] = []
    for message in messages:
        record = new_element(message_properties_array)
        _set_properties(host, record, message)
        records.append(record)
    fill(message_properties_array, records)
    fill(payload_array, [message.payload for message in messages])
    fill(msgid_array, [message.msgid for message in messages])
    return len(messages)
