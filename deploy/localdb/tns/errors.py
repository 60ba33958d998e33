"""What can go wrong on the wire.

RemoteProtocolError    the client broke the protocol: its session ends
NeedMoreData           no error: a message is not complete yet
"""

from __future__ import annotations


class RemoteProtocolError(Exception):
    """The client sent what the protocol does not have."""


class NeedMoreData(Exception):
    """The bytes end inside a message."""
