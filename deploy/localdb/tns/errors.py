"""What can go wrong on the wire.

RemoteProtocolError    the client broke the protocol: its session ends
NeedMoreData           no error: a message is not complete yet
"""

from __future__ import annotations


class RemoteProtocolError(Exception):
    """The client sent what the protocol does not have."""


class NeedMoreData(Exception):
    """The bytes end inside a message.

    Attributes:
        needed: with fewer bytes than this another attempt is in vain.
    """

    def __init__(self, needed: int = 0) -> None:
        super().__init__(needed)
        self.needed = needed
