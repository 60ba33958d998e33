"""PostgreSQL's errors as Oracle's.

How to read the tables: SQLSTATE -> Oracle's number and text. What needs names or the kind of the
statement has a function in `_WITH_NAMES`. What is in neither becomes ORA-03001 where PostgreSQL
has no such feature, else ORA-00900; both with PostgreSQL's words, so that it can be looked into.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from deploy.localdb.errors import OraError
from deploy.localdb.postgres.wire import ServerError

#: By helper functions of the schema `ora`: the message is 'number:text'.
RAISED_BY_HELPER = "ORA00"
CANCELLED = "57014"


@dataclass(frozen=True)
class Context:
    """What an error's text depends on.

    Attributes:
        verb: of the statement, 'INSERT', 'UPDATE'.
        waits: the statement had FOR UPDATE WAIT n.
        sequence: an unknown relation would be a sequence.
    """

    verb: str = ""
    waits: bool = False
    broken_by_deadlock: bool = False


_FIXED: dict[str, tuple[int, str]] = {
    "08P01": (1008, "not all variables bound"),
    "0A000": (3001, "unimplemented feature"),
    "21000": (1427, "single-row subquery returns more than one row"),
    "22001": (12899, "value too large for column"),
    "22003": (1426, "numeric overflow"),
    "22004": (1405, "fetched column value is NULL"),
    "22007": (1861, "literal does not match format string"),
    "22008": (1843, "not a valid month"),
    "22012": (1476, "divisor is equal to zero"),
    "22P02": (1722, "invalid number"),
    "22P03": (1722, "invalid number"),
    "2201E": (1428, "argument is out of range"),
    "2201F": (1428, "argument is out of range"),
    "22023": (1428, "argument is out of range"),
    "2201B": (12726, "unmatched bracket in regular expression"),
    "22030": (40473, "duplicate key names in JSON object"),
    "22032": (40441, "JSON syntax error"),
    "22034": (40470, "JSON_VALUE evaluated to multiple values"),
    "22035": (40462, "JSON_VALUE evaluated to no value"),
    "22039": (40478, "output value too large"),
    "2203A": (40462, "JSON_VALUE evaluated to no value"),
    "2203F": (40456, "JSON_VALUE evaluated to non-scalar value"),
    "23P01": (1, "unique constraint violated"),
    "25006": (
        1456,
        "may not perform insert, delete, update operation inside a READ ONLY transaction",
    ),
    "25P02": (25402, "transaction must roll back"),
    "28000": (1017, "invalid username/password; logon denied"),
    "2BP01": (2449, "unique/primary keys in table referenced by foreign keys"),
    "34000": (1001, "invalid cursor"),
    "3B001": (1086, "savepoint never established in this session or is invalid"),
    "40001": (8177, "can't serialize access for this transaction"),
    "40P01": (60, "deadlock detected while waiting for resource"),
    "44000": (1402, "view WITH CHECK OPTION where-clause violation"),
    "42501": (1031, "insufficient privileges"),
    "42602": (911, "invalid character"),
    "42622": (972, "identifier is too long"),
    "42701": (957, "duplicate column name"),
    "42710": (2264, "name already used by an existing constraint"),
    "42723": (955, "name is already used by an existing object"),
    "42725": (6553, "PLS-307: too many declarations match this call"),
    "42803": (979, "not a GROUP BY expression"),
    "42804": (932, "inconsistent datatypes"),
    "42809": (1702, "a view is not appropriate here"),
    "42830": (2270, "no matching unique or primary key for this column-list"),
    "42846": (932, "inconsistent datatypes"),
    "42P06": (955, "name is already used by an existing object"),
    "42P07": (955, "name is already used by an existing object"),
    "42P16": (2260, "table can have only one primary key"),
    "42P18": (932, "inconsistent datatypes"),
    "53100": (1653, "unable to extend table"),
    "53200": (4030, "out of process memory"),
    "53300": (18, "maximum number of sessions exceeded"),
    "54000": (3001, "unimplemented feature"),
    "54001": (1, "statement too complex"),
    "55000": (8002, "sequence CURRVAL is not yet defined in this session"),
    "57P01": (3113, "end-of-file on communication channel"),
    "57P02": (3113, "end-of-file on communication channel"),
    "57P03": (1033, "ORACLE initialization or shutdown in progress"),
    CANCELLED: (1013, "user requested cancel of current operation"),
}
# These say in PostgreSQL's words what is wrong, which Oracle's text leaves open.
_WITH_DETAIL = frozenset({"0A000", "54000", "54001", "42804", "42846", "42P18", "25P02", "22023"})


def _unique(error: ServerError, context: Context) -> OraError:
    if context.verb == "CREATE INDEX":
        return OraError(1452, "cannot CREATE UNIQUE INDEX; duplicate keys found")
    if context.verb.startswith("ALTER"):
        return OraError(2299, f"cannot validate ({_constraint(error)}) - duplicate keys found")
    return OraError(1, f"unique constraint ({_constraint(error)}) violated")


def _not_null(error: ServerError, context: Context) -> OraError:
    fields = error.fields
    column = ".".join(f'"{fields.get(letter, "?").removeprefix("localdb$")}"' for letter in "stc")
    if context.verb == "UPDATE":
        return OraError(1407, f"cannot update ({column}) to NULL")
    if context.verb.startswith("ALTER"):
        return OraError(2296, f"cannot enable ({fields.get('s', '')}.) - null values found")
    return OraError(1400, f"cannot insert NULL into ({column})")


def _check(error: ServerError, context: Context) -> OraError:
    if context.verb.startswith("ALTER"):
        return OraError(2293, f"cannot validate ({_constraint(error)}) - check constraint violated")
    return OraError(2290, f"check constraint ({_constraint(error)}) violated")


def _foreign_key(error: ServerError, context: Context) -> OraError:
    if context.verb.startswith("ALTER"):
        return OraError(2298, f"cannot validate ({_constraint(error)}) - parent keys not found")
    if error.message.startswith("insert or update"):
        return OraError(
            2291, f"integrity constraint ({_constraint(error)}) violated - parent key not found"
        )
    return OraError(
        2292, f"integrity constraint ({_constraint(error)}) violated - child record found"
    )


def _no_relation(error: ServerError, context: Context) -> OraError:
    if "sequence" in error.message or "SEQUENCE" in context.verb:
        return OraError(2289, "sequence does not exist")
    return OraError(942, "table or view does not exist")


def _no_column(error: ServerError, context: Context) -> OraError:
    name = re.search(r'column "?([^"\s]+(?: [^"\s]+)*?)"? (?:of|does)', error.message)
    found = name[1] if name else "?"
    quoted = ".".join(f'"{part}"' for part in found.replace('"', "").split("."))
    return OraError(904, f"{quoted}: invalid identifier")


def _no_function(error: ServerError, context: Context) -> OraError:
    name = re.search(r"(?:function|procedure) ([\w.$\"]+)\(", error.message)
    if name is None:  # an operator that these types do not have
        return OraError(932, f"inconsistent datatypes: {error.message}")
    plain = name[1].replace('"', "").removeprefix("ora.").upper()
    return OraError(904, f'"{plain}": invalid identifier ({error.message})')


def _ambiguous(error: ServerError, context: Context) -> OraError:
    name = re.search(r'"([^"]+)"', error.message)
    return OraError(918, f"{name[1] if name else 'column'}: column ambiguously specified")


def _no_object(error: ServerError, context: Context) -> OraError:
    verb = context.verb
    if "constraint" in error.message:
        return OraError(2443, "Cannot drop constraint - nonexistent constraint")
    if "index" in error.message or verb.endswith("INDEX"):
        return OraError(1418, "specified index does not exist")
    if "schema" in error.message or "role" in error.message:
        return OraError(1918, "user does not exist")
    if "cursor" in error.message or "portal" in error.message:
        return OraError(1002, "fetch out of sequence")
    return OraError(4043, "object does not exist")


def _locked(error: ServerError, context: Context) -> OraError:
    if context.waits and "lock timeout" in error.message:
        return OraError(30006, "resource busy; acquire with WAIT timeout expired")
    return OraError(54, "resource busy and acquire with NOWAIT specified or timeout expired")


def _cancelled(error: ServerError, context: Context) -> OraError:
    if context.broken_by_deadlock:
        return OraError(*_FIXED["40P01"])
    return OraError(*_FIXED[CANCELLED])


def _not_in_state(error: ServerError, context: Context) -> OraError:
    sequence = re.search(r'currval of sequence "([^"]+)"', error.message)
    if sequence:
        return OraError(8002, f"sequence {sequence[1]}.CURRVAL is not yet defined in this session")
    if re.match(r"cannot (?:insert into|update|delete from|merge into) view", error.message):
        return OraError(1732, "data manipulation operation not legal on this view")
    if "being used by active queries" in error.message:
        return OraError(54, "resource busy and acquire with NOWAIT specified or timeout expired")
    return OraError(900, f"invalid SQL statement ({error})")


def _sequence_end(error: ServerError, context: Context) -> OraError:
    name = re.search(r'sequence "([^"]+)"', error.message)
    kind = "goes below MINVALUE" if "minimum" in error.message else "exceeds MAXVALUE"
    return OraError(
        8004, f"sequence {name[1] if name else ''}.NEXTVAL {kind} and cannot be instantiated"
    )


def _bad_date(error: ServerError, context: Context) -> OraError:
    if "field value out of range" in error.message or error.sqlstate == "22008":
        return OraError(*_FIXED["22008"])
    return OraError(*_FIXED["22007"])


def _generated(error: ServerError, context: Context) -> OraError:
    if context.verb == "UPDATE":
        return OraError(32796, "cannot update a generated always identity column")
    return OraError(32795, "cannot insert into a generated always identity column")


def _syntax(error: ServerError, context: Context) -> OraError:
    return OraError(900, f"invalid SQL statement ({error})")


def _overflow(error: ServerError, context: Context) -> OraError:
    if "numeric field overflow" in error.message:
        return OraError(1438, "value larger than specified precision allowed for this column")
    return OraError(*_FIXED["22003"])


def _helper(error: ServerError, context: Context) -> OraError:
    number, _, text = error.message.partition(":")
    if not number.isdigit():
        return OraError(900, error.message)
    return OraError(int(number), text.strip())


_WITH_NAMES: dict[str, Callable[[ServerError, Context], OraError]] = {
    "22003": _overflow,
    "22007": _bad_date,
    "22008": _bad_date,
    "2200H": _sequence_end,
    "23001": _foreign_key,
    "23502": _not_null,
    "23503": _foreign_key,
    "23505": _unique,
    "23514": _check,
    "428C9": _generated,
    "42601": _syntax,
    "42702": _ambiguous,
    "42703": _no_column,
    "42704": _no_object,
    "42883": _no_function,
    "42P01": _no_relation,
    "3F000": _no_relation,
    "34000": _no_object,
    "55000": _not_in_state,
    "55006": _locked,
    "55P03": _locked,
    CANCELLED: _cancelled,
    RAISED_BY_HELPER: _helper,
}


def to_oracle(error: ServerError, context: Context | None = None) -> OraError:
    """The Oracle error for one of PostgreSQL's."""
    context = context or Context()
    named = _WITH_NAMES.get(error.sqlstate)
    if named is not None:
        return named(error, context)
    found = _FIXED.get(error.sqlstate)
    if found is None:
        return OraError(900, f"invalid SQL statement ({error})")
    code, text = found
    if error.sqlstate in _WITH_DETAIL:
        text = f"{text}: {error.message}"
    return OraError(code, text)


def _constraint(error: ServerError) -> str:
    # An index that stands beside a constraint has its name behind localdb's prefix.
    return f"{error.fields.get('s', '')}.{error.fields.get('n', '').removeprefix('localdb$')}"
