"""Sessions as the built-in packages see them, without a server around."""

import datetime
from typing import Any

from deploy.localdb.plsql.builtins.locks import LockTable
from deploy.localdb.plsql.builtins.registry import FUNCTIONS, IMPLEMENTATIONS
from deploy.localdb.plsql.values import Ref
from deploy.localdb.rights import Rights


class PlainHost:
    """A session without a database."""

    def __init__(self, user="SCOTT", identity=(1, 2), locks=None):
        self.user = user
        self.current_schema = user
        self.rights = Rights(user)
        self.attributes = {}
        self.identity = identity
        self.locks = locks or LockTable()
        self.signals = []
        self.slept = []
        self.resets = 0
        self.moment = datetime.datetime(2024, 2, 29, 13, 14, 15, 123456, datetime.UTC)
        self.zone = datetime.UTC

    def now(self):
        return self.moment

    def session_time_zone(self):
        return self.zone

    def attribute(self, name):
        return self.attributes.get(name)

    def set_attribute(self, name, value):
        self.attributes[name] = value

    def session_id(self):
        return self.identity

    def session_alive(self, sid, serial):
        return (sid, serial) == self.identity

    def sleep(self, seconds):
        self.slept.append(seconds)

    def reset_packages(self):
        self.resets += 1

    def signal(self, channel):
        self.signals.append(channel)

    def generation(self, channel):
        return 0

    def commit(self, *, waits=True):
        self.signals.append("commit")


def call_function(name: str, *values: Any, host: Any = None) -> Any:
    """A function of STANDARD."""
    return FUNCTIONS[name](host or PlainHost(), *values)


def call(host: Any, name: str, /, **values: Any) -> Any:
    """A subprogram of a package; what is a Ref already is passed as it is."""
    refs = {n: v if isinstance(v, Ref) else Ref(v) for n, v in values.items()}
    return IMPLEMENTATIONS[name](host, **refs)
