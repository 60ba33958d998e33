"""Names of package STANDARD that the compiler knows: types of results, and what only SQL has."""

from __future__ import annotations

from deploy.localdb.plsql.types import (
    BLOB,
    CLOB,
    DATE,
    DOUBLE,
    INTERVAL_DS,
    INTERVAL_YM,
    NUMBER,
    PLS_INTEGER,
    RAW,
    SINGLE,
    TIMESTAMP,
    TIMESTAMP_TZ,
    VARCHAR2,
    Type,
)

_RESULTS: list[tuple[Type, str]] = [
    (VARCHAR2, """
        ASCIISTR CHR NCHR NLS_INITCAP NLS_LOWER NLS_UPPER RAWTOHEX RAWTONHEX REVERSE SOUNDEX
        SYS_CONTEXT TO_CHAR TO_NCHAR TZ_OFFSET UNISTR USER USERENV SESSIONTIMEZONE DBTIMEZONE SQLERRM
    """),
    (NUMBER, """
        ACOS ASIN ATAN ATAN2 BITAND COS COSH EXP LN LOG MONTHS_BETWEEN POWER REMAINDER SIN SINH SQRT
        TAN TANH TO_NUMBER VSIZE EXTRACT ABS CEIL FLOOR MOD NANVL UID
    """),
    (PLS_INTEGER, """
        ASCII INSTR INSTR2 INSTR4 INSTRB INSTRC LENGTH LENGTH2 LENGTH4 LENGTHB LENGTHC REGEXP_COUNT
        REGEXP_INSTR SIGN SQLCODE
    """),
    (DATE, "ADD_MONTHS CURRENT_DATE LAST_DAY NEXT_DAY SYSDATE TO_DATE"),
    (TIMESTAMP_TZ, "CURRENT_TIMESTAMP FROM_TZ SYSTIMESTAMP TO_TIMESTAMP_TZ"),
    (TIMESTAMP, "LOCALTIMESTAMP SYS_EXTRACT_UTC TO_TIMESTAMP"),
    (INTERVAL_DS, "NUMTODSINTERVAL TO_DSINTERVAL"),
    (INTERVAL_YM, "NUMTOYMINTERVAL TO_YMINTERVAL"),
    (CLOB, "EMPTY_CLOB TO_CLOB TO_NCLOB"),
    (BLOB, "EMPTY_BLOB TO_BLOB"),
    (RAW, "HEXTORAW SYS_GUID"),
    (DOUBLE, "TO_BINARY_DOUBLE"),
    (SINGLE, "TO_BINARY_FLOAT"),
]  # fmt: skip
RESULTS: dict[str, Type] = {name: type_ for type_, names in _RESULTS for name in names.split()}
#: Text in, text out; of a CLOB it may be a CLOB.
TEXT_FUNCTIONS = frozenset(
    [
        "CONCAT",
        "INITCAP",
        "LOWER",
        "LPAD",
        "LTRIM",
        "REGEXP_REPLACE",
        "REGEXP_SUBSTR",
        "REPLACE",
        "RPAD",
        "RTRIM",
        "SUBSTR",
        "SUBSTR2",
        "SUBSTR4",
        "SUBSTRB",
        "SUBSTRC",
        "TRANSLATE",
        "TRIM",
        "UPPER",
    ]
)
#: The result is of the arguments' type.
OF_ARGUMENTS = frozenset({"NVL", "GREATEST", "LEAST", "NULLIF", "COALESCE"})
#: The result is of the first argument's family.
OF_FIRST = frozenset({"ROUND", "TRUNC"})
BOOLEAN_FUNCTIONS = frozenset({"REGEXP_LIKE"})

#: Known to SQL, PLS-00204 in PL/SQL.
SQL_ONLY = frozenset(
    [
        "AVG",
        "CONNECT_BY_ISCYCLE",
        "CONNECT_BY_ISLEAF",
        "COUNT",
        "DECODE",
        "DENSE_RANK",
        "DUMP",
        "FIRST_VALUE",
        "GROUPING",
        "LAG",
        "LAST_VALUE",
        "LEAD",
        "LEVEL",
        "LISTAGG",
        "MAX",
        "MEDIAN",
        "MIN",
        "NVL2",
        "RANK",
        "RATIO_TO_REPORT",
        "ROWNUM",
        "ROW_NUMBER",
        "STDDEV",
        "SUM",
        "VARIANCE",
        "VSIZE",
        "XMLAGG",
    ]
) - {"VSIZE"}
#: Evaluated by SQL.
BY_SQL = frozenset(
    {"ORA_HASH", "STANDARD_HASH", "WIDTH_BUCKET", "NLSSORT", "JSON_VALUE", "JSON_QUERY"}
)
#: Compiled by the language itself.
SPECIAL = frozenset(
    {"SQLCODE", "SQLERRM", "COALESCE", "RAISE_APPLICATION_ERROR", "SET", "CARDINALITY"}
)
