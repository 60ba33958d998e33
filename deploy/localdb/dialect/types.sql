-- Errors, and Oracle's types: DATE, CLOB and BLOB with OIDs of their own.
--
-- This and the scripts behind it run once in a new cluster, in one transaction. Bodies in SQL are bound
-- to pg_catalog when they are defined; those in PL/pgSQL say so. A session has the search path
-- `ora, pg_catalog`, so where types fit exactly, what is defined here wins.

set local search_path = pg_catalog;

-- ---- errors ----

-- The backend turns SQLSTATE ORA00 and 'number:text' into Oracle's error.
create function ora.raise(code int, message text) returns text
language plpgsql volatile set search_path = pg_catalog as $$
begin
    raise exception using errcode = 'ORA00', message = lpad(code::text, 5, '0') || ':' || message;
end
$$;

create function ora.raise_number(code int, message text) returns numeric
language sql volatile
return ora.raise(code, message)::numeric;

-- ROWIDs: OOOOOO FFF BBBBBB RRR for data object, file, block and row, in digits of base 64. PostgreSQL
-- tells block and row; the others are zero. The client's come from postgres/codec.py, in the same form.
create function localdb.to_base64(number bigint, size int) returns text
language sql immutable strict parallel safe
return (
    select string_agg(
        substr(
            'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
            ((number >> (6 * (size - i))) & 63)::int + 1, 1
        ),
        '' order by i
    )
    from generate_series(1, size) as i
);
create function localdb.from_base64(digits text) returns bigint
language sql immutable strict parallel safe
return (
    select sum((
        strpos(
            'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', substr(digits, i, 1)
        ) - 1
    )::bigint << (6 * (length(digits) - i)))::bigint
    from generate_series(1, length(digits)) as i
);
create function ora.rowidtochar(value tid) returns text
language sql immutable strict parallel safe
return 'AAAAAAAAA' || localdb.to_base64(split_part(btrim(value::text, '()'), ',', 1)::bigint, 6)
    || localdb.to_base64(split_part(btrim(value::text, '()'), ',', 2)::bigint, 3);
create function ora.to_char(value tid) returns text
language sql immutable strict parallel safe return ora.rowidtochar(value);
create function ora.chartorowid(value text) returns tid
language sql immutable strict parallel safe
return case
    when value ~ '^[A-Za-z0-9+/]{18}$' then format(
        '(%s,%s)', localdb.from_base64(substr(value, 10, 6)) & 4294967295,
        localdb.from_base64(substr(value, 16, 3)) & 65535
    )::tid
    else ora.raise(1410, 'invalid ROWID')::tid
end;

-- A CHAR that counts bytes.
create function ora.pad(s bpchar, size int) returns bpchar
language sql immutable strict parallel safe
return rpad(s::text, char_length(s::text) + greatest(size - octet_length(s::text), 0))::bpchar;

-- The lengths of VARCHAR2, NVARCHAR2, RAW and CHAR(n BYTE) columns are held up by one trigger a table and not by
-- CHECKs: PostgreSQL reads the text of every CHECK again for each statement that changes the table,
-- a trigger's function once a session. Virtual columns, which a trigger before the change does not
-- see, and MODIFY, for the rows that are there, have CHECKs.
create function ora.too_long(relation oid, column_name text, actual int, maximum int) returns boolean
language plpgsql volatile as $$
declare
    full_name text := (
        select format('"%s"."%s"."%s"', n.nspname, replace(c.relname, 'localdb$', ''), column_name)
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where c.oid = relation
    );
begin
    return ora.raise(
        12899,
        format('value too large for column %s (actual: %s, maximum: %s)', full_name, actual, maximum)
    ) is null;
end
$$;

-- Make the trigger anew, by what the dictionary says of the columns now.
create procedure localdb.keep_lengths(owner text, table_name text)
language plpgsql set search_path = pg_catalog as $$
declare
    -- Those of a temporary table are in another one.
    rows_name text := case
        when exists (
            select from localdb.temporary_tables as t
            where t.owner = keep_lengths.owner and t.name = keep_lengths.table_name
        ) then left('localdb$' || table_name, 63) else table_name end;
    relation pg_class := (
        select c from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = owner and c.relname = rows_name
    );
    function_name text := format('localdb.%I', 'lengths_' || relation.oid);
    wide text;
    checks text;
    listed text;
    pads text;
begin
    if relation.relkind is distinct from 'r' then
        return;
    end if;
    select
        string_agg(format('%s > %s', m.length, m.size), ' or ' order by m.position),
        string_agg(
            format(
                'if %1$s > %2$s then perform ora.too_long(tg_relid, %3$L, %1$s, %2$s); end if;',
                m.length, m.size, m.column_name
            ),
            ' ' order by m.position
        ),
        string_agg(format('%I', m.column_name), ', '),
        string_agg(
            format('new.%1$I := ora.pad(new.%1$I, %2$s);', m.column_name, m.size), ' '
        ) filter (where m.type = 'CHAR')
    into wide, checks, listed, pads
    from (
        select c.column_name, c.size, c.position, c.type, format(
            'pg_catalog.%s(new.%I)',
            case
                when c.type = 'RAW' or not c.in_characters and c.type <> 'NVARCHAR2'
                    then 'octet_length'
                else 'char_length'
            end,
            c.column_name
        ) as length
        from localdb.columns as c
        where c.owner = keep_lengths.owner
            and c.table_name = keep_lengths.table_name
            and (c.type in ('VARCHAR2', 'NVARCHAR2', 'RAW') or c.type = 'CHAR' and not c.in_characters)
            and c.size is not null
            and not c.virtual
    ) as m;
    execute format('drop trigger if exists "localdb$lengths" on %I.%I', owner, rows_name);
    if wide is null then
        return;
    end if;
    execute format(
        'create or replace function %s() returns trigger language plpgsql as'
        ' $body$ begin if %s then %s end if; %s return new; end $body$',
        function_name, wide, checks, coalesce(pads, '')
    );
    execute format(
        'create trigger "localdb$lengths" before insert or update of %s on %I.%I'
        ' for each row execute function %s()',
        listed, owner, rows_name, function_name
    );
end
$$;

-- The functions of tables that are gone.
create procedure localdb.forget_lengths()
language plpgsql set search_path = pg_catalog as $$
declare
    name text;
begin
    for name in
        select p.proname from pg_proc as p
        where p.pronamespace = 'localdb'::regnamespace
            and p.proname like 'lengths\_%'
            and not exists (select from pg_class as c where 'lengths_' || c.oid = p.proname)
    loop
        execute format('drop function localdb.%I()', name);
    end loop;
end
$$;

create function localdb.is_length_check(name text) returns boolean
language sql immutable
return name like 'localdb$%';

-- ---- types ----

-- DATE: a timestamp with an OID of its own, always to the second.
create type ora.date;
create function ora.date_in(cstring, oid, integer) returns ora.date
language internal stable strict parallel safe as 'timestamp_in';
create function ora.date_out(ora.date) returns cstring
language internal stable strict parallel safe as 'timestamp_out';
create function ora.date_recv(internal, oid, integer) returns ora.date
language internal stable strict parallel safe as 'timestamp_recv';
create function ora.date_send(ora.date) returns bytea
language internal stable strict parallel safe as 'timestamp_send';
create type ora.date (
    input = ora.date_in,
    output = ora.date_out,
    receive = ora.date_recv,
    send = ora.date_send,
    internallength = 8,
    passedbyvalue,
    alignment = double,
    storage = plain,
    category = 'D'
);

-- CLOB and BLOB: text and bytea, told apart by their OIDs. Like Oracle's they cannot be compared.
create type ora.clob;
create function ora.clob_in(cstring) returns ora.clob
language internal immutable strict parallel safe as 'textin';
create function ora.clob_out(ora.clob) returns cstring
language internal immutable strict parallel safe as 'textout';
create function ora.clob_recv(internal) returns ora.clob
language internal stable strict parallel safe as 'textrecv';
create function ora.clob_send(ora.clob) returns bytea
language internal stable strict parallel safe as 'textsend';
create type ora.clob (
    input = ora.clob_in,
    output = ora.clob_out,
    receive = ora.clob_recv,
    send = ora.clob_send,
    internallength = variable,
    alignment = int4,
    storage = extended,
    category = 'S',
    collatable = true
);

create type ora.blob;
create function ora.blob_in(cstring) returns ora.blob
language internal immutable strict parallel safe as 'byteain';
create function ora.blob_out(ora.blob) returns cstring
language internal immutable strict parallel safe as 'byteaout';
create function ora.blob_recv(internal) returns ora.blob
language internal immutable strict parallel safe as 'bytearecv';
create function ora.blob_send(ora.blob) returns bytea
language internal immutable strict parallel safe as 'byteasend';
create type ora.blob (
    input = ora.blob_in,
    output = ora.blob_out,
    receive = ora.blob_recv,
    send = ora.blob_send,
    internallength = variable,
    alignment = int4,
    storage = extended
);

create cast (ora.clob as text) without function as implicit;
create cast (text as ora.clob) without function as assignment;
create cast (ora.blob as bytea) without function as implicit;
create cast (bytea as ora.blob) without function as assignment;
create cast (ora.date as timestamp) without function as implicit;

create function ora.cut_seconds(text, timestamp) returns ora.date
language internal immutable strict parallel safe as 'timestamp_trunc';
create function ora.as_date(value timestamp) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('second', value);
create function ora.as_date(value timestamptz) returns ora.date
language sql stable strict parallel safe
return ora.cut_seconds('second', value::timestamp);
create function ora.as_timestamptz(value ora.date) returns timestamptz
language sql stable strict parallel safe
return value::timestamp::timestamptz;
create cast (timestamp as ora.date) with function ora.as_date(timestamp) as assignment;
create cast (timestamptz as ora.date) with function ora.as_date(timestamptz) as assignment;
create cast (ora.date as timestamptz) with function ora.as_timestamptz(ora.date) as implicit;

-- Comparison of dates.
create function ora.date_eq(ora.date, ora.date) returns boolean
language internal immutable strict leakproof parallel safe as 'timestamp_eq';
create function ora.date_ne(ora.date, ora.date) returns boolean
language internal immutable strict leakproof parallel safe as 'timestamp_ne';
create function ora.date_lt(ora.date, ora.date) returns boolean
language internal immutable strict leakproof parallel safe as 'timestamp_lt';
create function ora.date_le(ora.date, ora.date) returns boolean
language internal immutable strict leakproof parallel safe as 'timestamp_le';
create function ora.date_gt(ora.date, ora.date) returns boolean
language internal immutable strict leakproof parallel safe as 'timestamp_gt';
create function ora.date_ge(ora.date, ora.date) returns boolean
language internal immutable strict leakproof parallel safe as 'timestamp_ge';
create function ora.date_cmp(ora.date, ora.date) returns integer
language internal immutable strict leakproof parallel safe as 'timestamp_cmp';
create function ora.date_hash(ora.date) returns integer
language internal immutable strict leakproof parallel safe as 'timestamp_hash';
create function ora.date_hash_extended(ora.date, bigint) returns bigint
language internal immutable strict leakproof parallel safe as 'timestamp_hash_extended';
create function ora.date_larger(ora.date, ora.date) returns ora.date
language internal immutable strict parallel safe as 'timestamp_larger';
create function ora.date_smaller(ora.date, ora.date) returns ora.date
language internal immutable strict parallel safe as 'timestamp_smaller';

create operator ora.= (
    leftarg = ora.date, rightarg = ora.date, function = ora.date_eq,
    commutator = operator(ora.=), negator = operator(ora.<>),
    restrict = eqsel, join = eqjoinsel, hashes, merges
);
create operator ora.<> (
    leftarg = ora.date, rightarg = ora.date, function = ora.date_ne,
    commutator = operator(ora.<>), negator = operator(ora.=), restrict = neqsel, join = neqjoinsel
);
create operator ora.< (
    leftarg = ora.date, rightarg = ora.date, function = ora.date_lt,
    commutator = operator(ora.>), negator = operator(ora.>=),
    restrict = scalarltsel, join = scalarltjoinsel
);
create operator ora.<= (
    leftarg = ora.date, rightarg = ora.date, function = ora.date_le,
    commutator = operator(ora.>=), negator = operator(ora.>),
    restrict = scalarlesel, join = scalarlejoinsel
);
create operator ora.> (
    leftarg = ora.date, rightarg = ora.date, function = ora.date_gt,
    commutator = operator(ora.<), negator = operator(ora.<=),
    restrict = scalargtsel, join = scalargtjoinsel
);
create operator ora.>= (
    leftarg = ora.date, rightarg = ora.date, function = ora.date_ge,
    commutator = operator(ora.<=), negator = operator(ora.<),
    restrict = scalargesel, join = scalargejoinsel
);
create operator class ora.date_ops default for type ora.date using btree as
    operator 1 ora.<, operator 2 ora.<=, operator 3 ora.=, operator 4 ora.>=, operator 5 ora.>,
    function 1 ora.date_cmp(ora.date, ora.date);
create operator class ora.date_hash_ops default for type ora.date using hash as
    operator 1 ora.=,
    function 1 ora.date_hash(ora.date),
    function 2 ora.date_hash_extended(ora.date, bigint);
create aggregate ora.max(ora.date) (
    sfunc = ora.date_larger, stype = ora.date, sortop = operator(ora.>),
    combinefunc = ora.date_larger, parallel = safe
);
create aggregate ora.min(ora.date) (
    sfunc = ora.date_smaller, stype = ora.date, sortop = operator(ora.<),
    combinefunc = ora.date_smaller, parallel = safe
);

set local search_path = ora, pg_catalog;
