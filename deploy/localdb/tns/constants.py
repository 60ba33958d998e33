"""Numbers of the protocol, under the names that Oracle's drivers give them.

Source: python-oracledb 26.1.0, impl/thin/constants.pxi and capabilities.pyx.
"""

from __future__ import annotations

from enum import IntEnum


class PacketType(IntEnum):
    """Byte 4 of a packet's header."""

    CONNECT = 1
    ACCEPT = 2
    REFUSE = 4
    DATA = 6
    MARKER = 12


class Marker(IntEnum):
    """Byte 3 of a MARKER's body."""

    BREAK = 1
    RESET = 2
    INTERRUPT = 3


class DataFlag(IntEnum):
    """The two bytes at the start of a DATA packet's body."""

    EOF = 0x0040
    END_OF_REQUEST = 0x0800
    BEGIN_PIPELINE = 0x1000
    END_OF_RESPONSE = 0x2000


class Message(IntEnum):
    """The byte that a message begins with."""

    PROTOCOL = 1
    DATA_TYPES = 2
    FUNCTION = 3
    ERROR = 4
    ROW_HEADER = 6
    ROW_DATA = 7
    PARAMETER = 8
    STATUS = 9
    IO_VECTOR = 11
    LOB_DATA = 14
    DESCRIBE = 16
    PIGGYBACK = 17
    ONE_WAY_FUNCTION = 26
    IMPLICIT_RESULTS = 27
    END_OF_RESPONSE = 29
    TOKEN = 33
    FAST_AUTH = 34


class Function(IntEnum):
    """What a client asks for."""

    REEXECUTE = 4
    FETCH = 5
    LOGOFF = 9
    COMMIT = 14
    ROLLBACK = 15
    REEXECUTE_AND_FETCH = 78
    EXECUTE = 94
    LOB_OP = 96
    TPC_SWITCH = 103
    TPC_CHANGE = 104
    CLOSE_CURSORS = 105
    AUTH_PHASE_TWO = 115
    AUTH_PHASE_ONE = 118
    AQ_ENQUEUE = 121
    AQ_DEQUEUE = 122
    SUBSCRIBE = 125
    SET_END_TO_END = 135
    AQ_ARRAY = 145
    PING = 147
    SET_SCHEMA = 152
    APPLICATION_CONTEXT = 154
    SESSION_RELEASE = 163
    SESSION_STATE = 176
    PIPELINE_BEGIN = 199
    PIPELINE_END = 200


class Option:
    """Options of EXECUTE, bits; plain numbers, for speed."""

    PARSE = 0x01
    BIND = 0x08
    DEFINE = 0x10
    EXECUTE = 0x20
    FETCH = 0x40
    COMMIT = 0x100
    PLSQL_BIND = 0x400
    NOT_PLSQL = 0x8000
    DESCRIBE = 0x20000
    BATCH_ERRORS = 0x80000


class ExecFlag:
    """Flags of EXECUTE, in its array of numbers."""

    SCROLLABLE = 0x02
    DML_ROW_COUNTS = 0x4000


class Orientation:
    """Where in a scrollable cursor EXECUTE fetches from, in its array of numbers."""

    CURRENT = 0x01
    FIRST = 0x04
    LAST = 0x08
    ABSOLUTE = 0x20
    RELATIVE = 0x40


#: Those that name a row.
SCROLLS = frozenset(
    {Orientation.FIRST, Orientation.LAST, Orientation.ABSOLUTE, Orientation.RELATIVE}
)

#: Option of RE-EXECUTE.
REEXECUTE_COMMIT = 0x01
#: Mode of a pipeline: the first error ends it.
PIPELINE_ABORT = 2


class WireType(IntEnum):
    """Types of binds and columns."""

    VARCHAR = 1
    NUMBER = 2
    BINARY_INTEGER = 3
    LONG = 8
    ROWID = 11
    DATE = 12
    RAW = 23
    LONG_RAW = 24
    CHAR = 96
    BINARY_FLOAT = 100
    BINARY_DOUBLE = 101
    CURSOR = 102
    OBJECT = 109
    CLOB = 112
    BLOB = 113
    BFILE = 114
    JSON = 119
    VECTOR = 127
    TIMESTAMP = 180
    TIMESTAMP_TZ = 181
    INTERVAL_YM = 182
    INTERVAL_DS = 183
    UROWID = 208
    TIMESTAMP_LTZ = 231
    BOOLEAN = 252


#: Character set forms.
FORM_DATABASE = 1
FORM_NATIONAL = 2

#: AL32UTF8, AL16UTF16.
CHARSET = 873
NATIONAL_CHARSET = 2000

#: ACCEPT flags.
ACCEPT_FAST_AUTH = 0x10000000
ACCEPT_END_OF_RESPONSE = 0x02000000

#: Field versions.
FIELD_VERSION_12_2 = 8
FIELD_VERSION_12_2_EXT1 = 9
FIELD_VERSION_19 = 12
FIELD_VERSION_FAST_AUTH = 13
FIELD_VERSION_20_1 = 14
FIELD_VERSION_21_1 = 16
FIELD_VERSION_23_1 = 17
FIELD_VERSION_23_1_EXT1 = 18
FIELD_VERSION_23_1_EXT3 = 20
FIELD_VERSION_23_4 = 24

#: SQL's binds whose buffer is larger are sent last in their row.
LONGEST_INLINE = 32767
#: In a locator: byte 4 tells a BLOB, byte 6 that a CLOB's characters are UTF-16.
LOCATOR_BLOB = 0x01
LOCATOR_UTF16 = 0x80
#: Call status: a transaction is open.
CALL_IN_TRANSACTION = 0x02

NO_MORE_ROWS = 1403
BATCH_ERRORS = 24381
