"""What comes with the text: kinds, inputs, locks, effects, names, privileges."""

import pytest

from deploy.localdb.dialect import Translation, translate
from deploy.localdb.dialect.catalog import Identity
from deploy.localdb.dialect.translation import (
    AlterSession,
    ColumnChanged,
    ColumnDropped,
    ColumnRenamed,
    ColumnRow,
    ColumnsAdded,
    ColumnsDerived,
    CommentSet,
    Commit,
    Control,
    Granted,
    ObjectChanged,
    ObjectCreated,
    ObjectDropped,
    Revoked,
    Rollback,
    Savepoint,
    SetTransaction,
    SynonymCreated,
    Use,
    UserCreated,
    ViewMarked,
    Waiting,
)
from deploy.localdb.statement import Kind, Placeholder
from deploy.localdb.values import SqlType, TypeName
from tests.localdb.dialect.names import CLOB, NUMBER, TEXT, Names


def statement(text: str, *types: SqlType | None) -> Translation:
    return translate(text, Names(), schema="SCOTT", types=types)


def test_each_appearance_of_a_placeholder_is_an_input() -> None:
    found = statement("select id from t where name = :n or name = :N or name = ':n' -- :n")

    assert found.inputs == (Placeholder(0, "N"), Placeholder(1, "N"))


def test_known_types_of_binds_are_cast() -> None:
    found = statement("insert into t (id, name, doc) values (:1, :2, :3)", NUMBER, TEXT, CLOB)

    assert found.sql.endswith("values ($1::numeric, $2, $3::ora.clob)")
    assert found.types == (NUMBER, TEXT, CLOB)


def test_returning_names_its_targets() -> None:
    found = statement("delete from t where id = :1 returning id, upper(name) into :a, :b")

    assert found.inputs == (Placeholder(0, "1"),)
    assert found.into == (Placeholder(1, "A"), Placeholder(2, "B"))
    assert found.returning
    assert found.names == ("ID", "UPPER(NAME)")


def test_returning_without_targets_gives_rows() -> None:
    found = statement("update t set id = 1 returning name")

    assert (found.returning, found.into) == (True, ())


@pytest.mark.parametrize(
    ("clause", "wait"),
    [
        ("", Waiting.FOREVER),
        (" nowait", Waiting.NEVER),
        (" skip locked", Waiting.SKIP),
        (" wait 5", 5),
        (" wait 0", Waiting.NEVER),
    ],
)
def test_for_update_says_how_long_to_wait(clause: str, wait: Waiting | int) -> None:
    found = statement(f"select id from t for update{clause}")

    assert (found.for_update, found.wait) == (True, wait)


def test_columns_have_oracles_names() -> None:
    found = statement("select id, name n, count( * ) over ( ) , 'a b', \"ID\" from t")

    assert found.names == ("ID", "N", "COUNT(*)OVER()", "'a b'", "ID")


@pytest.mark.parametrize(
    ("expression", "name", "size"),
    [
        ("'abc'", TypeName.CHAR, 3),
        ("n'abc'", TypeName.NCHAR, 3),
        ("cast('X' as varchar2(1))", TypeName.VARCHAR2, 1),
        ("cast('Y' as nvarchar2(7))", TypeName.NVARCHAR2, 7),
        ("cast('Y' as char)", TypeName.CHAR, 1),
        ("'ab' || 'c'", TypeName.CHAR, 3),
        ("name || 'c'", TypeName.VARCHAR2, 11),
        ("id || ' '", TypeName.VARCHAR2, 41),
        ("upper(name)", TypeName.VARCHAR2, 10),
        ("substr(name, 1, 3)", TypeName.VARCHAR2, 3),
        ("trim('abc')", TypeName.VARCHAR2, 3),
        ("case when id = 1 then 'abc' else 'a' end", TypeName.VARCHAR2, 3),
        ("case when id = 1 then 'abc' else 'abd' end", TypeName.CHAR, 3),
        ("nvl(name, 'a longer one')", TypeName.VARCHAR2, 12),
        ("decode(id, 1, 'one', 2, 'three', name)", TypeName.VARCHAR2, 10),
    ],
)
def test_how_long_a_text_can_be(expression: str, name: TypeName, size: int) -> None:
    (column,) = statement(f"select {expression} x from t").columns

    assert column is not None
    assert (column.type.name, column.type.size) == (name, size)


def test_privileges_that_are_needed() -> None:
    found = statement("insert into t (id) select t_id from u")

    assert set(found.uses) == {Use("SCOTT", "T", "INSERT"), Use("SCOTT", "U", "READ")}


@pytest.mark.parametrize(
    ("text", "verb", "control"),
    [
        ("commit write immediate wait", "COMMIT", Commit()),
        ("rollback", "ROLLBACK", Rollback()),
        ("rollback to savepoint a", "ROLLBACK", Rollback("A")),
        ("savepoint a", "SAVEPOINT", Savepoint("A")),
        ("set transaction read only", "SET TRANSACTION", SetTransaction(read_only=True)),
        (
            "set transaction isolation level serializable name 'x'",
            "SET TRANSACTION",
            SetTransaction("SERIALIZABLE", name="x"),
        ),
        (
            "alter session set nls_date_format = 'YYYY' time_zone = '+02:00'",
            "ALTER SESSION",
            AlterSession((("NLS_DATE_FORMAT", "YYYY"), ("TIME_ZONE", "+02:00"))),
        ),
    ],
)
def test_control(text: str, verb: str, control: Control) -> None:
    found = statement(text)

    assert (found.kind, found.verb, found.control) == (Kind.CONTROL, verb, control)


def test_a_new_table_has_its_columns_in_the_dictionary() -> None:
    found = statement(
        "create table n (id number generated always as identity primary key,"
        " name varchar2(10 char) default on null 'x', price number(7,2))"
    )

    assert found.kind is Kind.DDL
    assert found.verb == "CREATE TABLE"
    created, columns, index = found.effects
    assert created == ObjectCreated("SCOTT", "N", "TABLE")
    assert columns == ColumnsAdded(
        "SCOTT",
        "N",
        (
            ColumnRow("ID", NUMBER, nullable=False, identity=Identity.ALWAYS),
            ColumnRow(
                "NAME",
                SqlType(TypeName.VARCHAR2, size=10),
                nullable=False,
                default_text="'x'",
                on_null=True,
                in_characters=True,
            ),
            ColumnRow("PRICE", SqlType(TypeName.NUMBER, precision=7, scale=2)),
        ),
    )
    assert isinstance(index, ObjectCreated)
    assert index.type == "INDEX"


@pytest.mark.parametrize(
    ("text", "effects"),
    [
        (
            "create view w as select id, name n from t",
            (
                ObjectCreated("SCOTT", "W", "VIEW"),
                ViewMarked("SCOTT", "W", read_only=False),
                ColumnsDerived("SCOTT", "W", (NUMBER, TEXT)),
            ),
        ),
        (
            "alter table t rename column name to label",
            (ColumnRenamed("SCOTT", "T", "NAME", "LABEL"), ObjectChanged("SCOTT", "T", "TABLE")),
        ),
        (
            "alter table t drop (name)",
            (ColumnDropped("SCOTT", "T", "NAME"), ObjectChanged("SCOTT", "T", "TABLE")),
        ),
        (
            "alter table t modify id default 5",
            (
                ColumnChanged("SCOTT", "T", "ID", default_text="5", on_null=False),
                ObjectChanged("SCOTT", "T", "TABLE"),
            ),
        ),
        ("comment on column t.id is 'key'", (CommentSet("SCOTT", "T", "ID", "key"),)),
        ("drop table t purge", (ObjectDropped("SCOTT", "T", "TABLE"),)),
        (
            "create public synonym y for t",
            (ObjectCreated("PUBLIC", "Y", "SYNONYM"), SynonymCreated("PUBLIC", "Y", "SCOTT", "T")),
        ),
        ("create user bob identified by Secret", (UserCreated("BOB", "Secret"),)),
        (
            "grant select, insert on t to joe, ann with grant option",
            (Granted(("SELECT", "INSERT"), ("SCOTT", "T"), ("JOE", "ANN"), True, "SCOTT"),),
        ),
        ("revoke create session from joe", (Revoked(("CREATE SESSION",), None, ("JOE",)),)),
        ("drop table if exists nope", ()),
    ],
)
def test_effects(text: str, effects: tuple[object, ...]) -> None:
    assert statement(text).effects == effects
