"""Advanced Queuing on the wire: requests read, answers written. Payloads are RAW.

Source: python-oracledb 26.1.0, impl/thin/messages/{aq_base,aq_enq,aq_deq,aq_array}.pyx.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from deploy.localdb.errors import Unsupported
from deploy.localdb.tns.buffer import Reader, Writer
from deploy.localdb.tns.constants import FIELD_VERSION_20_1, FIELD_VERSION_21_1, Message
from deploy.localdb.tns.datatypes import encode_date
from deploy.localdb.tns.errors import RemoteProtocolError
from deploy.localdb.tns.replies import Dequeued, Enqueued, TakenMessage
from deploy.localdb.tns.requests import Dequeue, Enqueue, QueueMessage

_BUFFERED, _EITHER = 0x02, 0x10
_MSGID_LENGTH = 16
_TOID_LENGTH = 16
_MOST_MESSAGES = 1 << 16
#: Before a payload on its way to the client: the length of an image that RAW does not have.
_IMAGE_HEADER = b"\0\0\0\0"


class _Operation(IntEnum):
    ENQUEUE = 1
    DEQUEUE = 2


@dataclass(frozen=True)
class QueueFrame:
    """How the answer to a request is laid out."""

    is_array: bool


def _delivery(flags: int) -> int:
    """delivery_mode of DBMS_AQ: 1 persistent, 2 buffered, 3 either."""
    if flags & _BUFFERED:
        return 2
    return 3 if flags & _EITHER else 1


def _optional(data: bytes | None) -> str | None:
    return data.decode("utf-8", "replace") if data else None


def _read_properties(reader: Reader, field_version: int) -> QueueMessage:
    """The properties of a message, without its payload."""
    priority, delay, expiration = reader.ub(), reader.ub(), reader.ub()
    correlation = reader.b2()
    reader.ub()  # attempts
    exception_queue = reader.b2()
    reader.ub()  # state
    reader.b2()  # enqueue time
    reader.b2()  # transaction
    extensions = reader.count(_MOST_MESSAGES)
    if extensions:
        reader.u8()
        for _ in range(extensions):
            reader.b2()
            reader.b2()
            reader.ub()
    if reader.ub():
        raise RemoteProtocolError("user properties of a message")
    for _ in range(3):
        reader.ub()  # two numbers of changes, flags
    if field_version >= FIELD_VERSION_21_1:
        reader.ub()  # shard
    return QueueMessage(
        b"", priority, delay, expiration, _optional(correlation), _optional(exception_queue)
    )


def _with_payload(message: QueueMessage, payload: bytes) -> QueueMessage:
    return QueueMessage(
        payload,
        message.priority,
        message.delay,
        message.expiration,
        message.correlation,
        message.exception_queue,
    )


def read_enqueue(reader: Reader, field_version: int) -> Enqueue:
    """Function 121.

    Raises:
        Unsupported: an object or JSON as payload, or several recipients.
    """
    reader.u8()
    reader.ub()
    message = _read_properties(reader, field_version)
    reader.u8()
    recipients = reader.ub()
    visibility = reader.ub()
    reader.u8()
    reader.ub()
    reader.ub()
    reader.u8()
    reader.ub()  # length of the type's id
    reader.ub()  # version
    has_object = reader.u8()
    has_raw = reader.u8()
    length = reader.ub()
    reader.u8()
    reader.ub()  # length of the msgid
    flags = reader.ub()
    for _ in range(4):  # extensions, numbers of the source
        reader.u8()
        reader.ub()
    reader.u8()
    for _ in range(3):  # correlation, sender
        reader.u8()
        reader.ub()
    reader.skip(2)
    if field_version >= FIELD_VERSION_20_1:
        reader.u8()
    queue = _optional(reader.b1()) or ""
    _check_payload(has_object=bool(has_object), has_raw=bool(has_raw))
    if recipients:
        raise Unsupported("recipients of messages")
    reader.skip(_TOID_LENGTH)
    payload = reader.raw(length)
    return Enqueue(queue, (_with_payload(message, payload),), visibility, bool(flags & _BUFFERED))


def _check_payload(*, has_object: bool, has_raw: bool) -> None:
    if has_object:
        raise Unsupported("queues of objects")
    if not has_raw:
        raise Unsupported("queues of JSON")


def read_dequeue(reader: Reader, field_version: int) -> Dequeue:
    """Function 122."""
    reader.u8()
    reader.ub()
    reader.skip(4)
    has_consumer = reader.u8()
    reader.ub()
    mode, navigation, visibility, wait = reader.ub(), reader.ub(), reader.ub(), reader.ub()
    has_msgid = reader.u8()
    reader.ub()
    has_correlation = reader.u8()
    reader.ub()
    reader.u8()
    reader.ub()  # length of the type's id
    reader.ub()  # version
    reader.skip(2)
    reader.ub()  # length of the msgid
    flags = reader.ub()
    has_condition = reader.u8()
    reader.ub()
    reader.u8()
    reader.ub()
    if field_version >= FIELD_VERSION_20_1:
        reader.u8()
    if field_version >= FIELD_VERSION_21_1:
        reader.ub()
    queue = _optional(reader.b1()) or ""
    consumer = _optional(reader.b1()) if has_consumer else None
    msgid = reader.raw(_MSGID_LENGTH) if has_msgid else None
    correlation = _optional(reader.b1()) if has_correlation else None
    reader.skip(_TOID_LENGTH)
    condition = _optional(reader.b1()) if has_condition else None
    return Dequeue(
        queue,
        mode,
        navigation,
        visibility,
        wait,
        consumer=consumer,
        msgid=msgid,
        correlation=correlation,
        condition=condition,
        delivery=_delivery(flags),
    )


def read_array(reader: Reader, field_version: int) -> Enqueue | Dequeue:
    """Function 145.

    Raises:
        Unsupported: recipients, or a payload that is not RAW, as far as that can be told.
    """
    reader.u8()
    wanted = reader.count(_MOST_MESSAGES)
    reader.ub()  # flags
    reader.skip(2)
    operation = reader.ub()
    reader.u8()
    if field_version >= FIELD_VERSION_21_1:
        reader.ub()
    if operation == _Operation.ENQUEUE:
        return _read_array_enqueue(reader, field_version)
    if operation != _Operation.DEQUEUE or not wanted:
        raise RemoteProtocolError(f"array operation {operation} on a queue")
    found = [_read_array_dequeue(reader, field_version, wanted) for _ in range(wanted)]
    return found[-1]


def _read_array_enqueue(reader: Reader, field_version: int) -> Enqueue:
    count = reader.count(_MOST_MESSAGES)
    reader.ub()
    reader.u8()
    queue = _optional(reader.b2()) or ""
    kind = reader.raw(_TOID_LENGTH)
    reader.ub()  # version
    flags = reader.ub()
    if kind != _RAW_TYPE:
        raise Unsupported("queues of objects or JSON")
    messages = []
    visibility = 0
    for _ in range(count):
        if reader.u8() != Message.ROW_DATA:
            raise RemoteProtocolError("no message where one is due")
        reader.ub()
        message = _read_properties(reader, field_version)
        if reader.ub():
            raise Unsupported("recipients of messages")
        visibility = reader.ub()
        reader.ub()
        reader.ub()
        messages.append(_with_payload(message, reader.raw(reader.ub())))
    reader.u8()
    return Enqueue(queue, tuple(messages), visibility, bool(flags & _BUFFERED))


#: The type's id of RAW.
_RAW_TYPE = bytes(15) + b"\x17"


def _read_array_dequeue(reader: Reader, field_version: int, limit: int) -> Dequeue:
    queue = _optional(reader.b2()) or ""
    _read_properties(reader, field_version)
    reader.ub()
    consumer = _optional(reader.b2())
    mode, navigation, visibility, wait = reader.ub(), reader.ub(), reader.ub(), reader.ub()
    msgid = reader.b2()
    correlation, condition = _optional(reader.b2()), _optional(reader.b2())
    for _ in range(3):
        reader.ub()
    reader.b2()  # the type's id
    reader.ub()  # version
    for _ in range(3):
        reader.ub()
    flags = reader.ub()
    reader.ub()
    reader.ub()
    return Dequeue(
        queue,
        mode,
        navigation,
        visibility,
        wait,
        limit,
        consumer=consumer,
        msgid=msgid,
        correlation=correlation,
        condition=condition,
        delivery=_delivery(flags),
    )


# ---- answers ----


def write_enqueued(w: Writer, reply: Enqueued, frame: QueueFrame) -> None:
    """The msgids; of an array all in one."""
    w.u8(Message.PARAMETER)
    if not frame.is_array:
        w.raw(reply.msgids[0])
        w.ub(0)
        return
    w.ub(1)
    w.ub(0)
    w.ub(0)
    w.ub(0)
    w.b2(b"".join(reply.msgids))
    w.ub(0)
    w.ub(0)
    w.ub(len(reply.msgids))


def write_dequeued(w: Writer, reply: Dequeued, frame: QueueFrame, field_version: int) -> None:
    """The messages; there is at least one."""
    w.u8(Message.PARAMETER)
    if not frame.is_array:
        (message,) = reply.messages
        w.ub(1)
        _write_properties(w, message, field_version)
        w.ub(0)  # recipients
        _write_payload(w, message)
        w.raw(message.msgid)
        return
    w.ub(len(reply.messages))
    for message in reply.messages:
        w.ub(1)
        w.u8(1)
        _write_properties(w, message, field_version)
        w.ub(0)
        w.ub(1)
        _write_payload(w, message)
        w.b2(message.msgid)
        w.ub(0)
        w.ub(0)


def _write_properties(w: Writer, message: TakenMessage, field_version: int) -> None:
    w.ub(message.priority)
    w.ub(0)  # it is due
    w.ub(message.expiration)
    w.text(message.correlation or "")
    w.ub(message.attempts)
    w.text(message.exception_queue or "")
    w.ub(message.state)
    w.b2(None if message.enqueue_time is None else encode_date(message.enqueue_time))
    w.ub(0)  # transaction
    w.ub(0)  # extensions
    w.ub(0)  # user properties
    w.ub(0)
    w.ub(0)
    w.ub(_BUFFERED if message.is_buffered else 0)
    if field_version >= FIELD_VERSION_21_1:
        w.ub(0)


def _write_payload(w: Writer, message: TakenMessage) -> None:
    for _ in range(3):  # ids of a type, an object, a snapshot
        w.ub(0)
    w.ub(0)  # version
    payload = message.payload or b""
    w.ub(len(payload) + len(_IMAGE_HEADER) if payload else 0)
    w.ub(0)  # flags
    if payload:
        w.b1(_IMAGE_HEADER + payload)
