-- Oracle's types, operators and functions in PostgreSQL. Run once in a new cluster, in one transaction.
--
-- Bodies in SQL are bound to pg_catalog when they are defined; those in PL/pgSQL say so. A session has
-- the search path `ora, pg_catalog`, so where types fit exactly, what is defined here wins.

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

-- Of CHECKs that hold up the length of a VARCHAR2, CHAR or RAW.
create function ora.too_long(relation oid, column_name text, actual int, maximum int) returns boolean
language sql volatile
return ora.raise(
    12899,
    (
        select format(
            'value too large for column "%s"."%s"."%s" (actual: %s, maximum: %s)',
            n.nspname, c.relname, column_name, actual, maximum
        )
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where c.oid = relation
    )
) is null;

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

-- ---- numbers ----

-- Oracle divides to 40 digits; whole numbers too.
create function ora.divide(a numeric, b numeric) returns numeric
language sql immutable strict parallel safe
return trim_scale(
    (a * 1.0000000000000000000000000000000000000000) / b
);
create operator ora./ (leftarg = numeric, rightarg = numeric, function = ora.divide);

do $$
declare
    l text;
    r text;
begin
    foreach l in array array['int4', 'int8', 'numeric'] loop
        foreach r in array array['int4', 'int8', 'numeric'] loop
            continue when l = 'numeric' and r = 'numeric';
            execute format(
                'create function ora.divide(a %s, b %s) returns numeric language sql immutable strict'
                ' parallel safe return ora.divide(a::numeric, b::numeric)', l, r
            );
            execute format(
                'create operator ora./ (leftarg = %s, rightarg = %s, function = ora.divide)', l, r
            );
        end loop;
    end loop;
end
$$;

create function ora.to_number(value text) returns numeric
language sql immutable strict parallel safe
return case
    when value ~ '^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$' then value::numeric
    else ora.raise_number(1722, 'invalid number')
end;
create function ora.to_number(value numeric) returns numeric
language sql immutable strict parallel safe
return value;
create function ora.to_number(value float8) returns numeric
language sql immutable strict parallel safe
return value::numeric;

create function ora.to_number(value text, format text) returns numeric
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    f text := upper(format);
    v text := btrim(value);
    negative boolean := false;
begin
    if f ~ '^(FM)?0*X+$' then
        if v !~ '^[0-9A-Fa-f]+$' then
            perform ora.raise(1722, 'invalid number');
        end if;
        return ('x' || lpad(v, 16, '0'))::bit(64)::bigint::numeric;
    end if;
    if f !~ '^(FM)?[SLC$]*[0-9,.DGSVLCMIPRTE$]*$' then
        perform ora.raise(1481, 'invalid number format model');
    end if;
    if v ~ '^<.*>$' and f like '%PR' or v ~ '-$' and f ~ '(MI|S)$' then
        negative := true;
        v := btrim(v, '<>-');
    end if;
    v := translate(v, ',$ ', '');
    if v !~ '^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$'
        or f !~ '^(FM)?TM'
        and length(substring(v from '^[+-]?(\d*)'))
            > length(regexp_replace(split_part(replace(f, 'D', '.'), '.', 1), '[^09]', '', 'g')) then
        perform ora.raise(1722, 'invalid number');
    end if;
    return case when negative then - v::numeric else v::numeric end;
end
$$;

-- Oracle writes .5, not 0.5, and no zeros at the end.
create function ora.to_char(value numeric) returns text
language sql immutable strict parallel safe
return case
    when value > -1 and value < 1 and value <> 0
        then regexp_replace(trim_scale(value)::text, '^(-?)0\.', '\1.')
    else trim_scale(value)::text
end;
create function ora.to_char(value float8) returns text
language sql immutable strict parallel safe
return case
    when abs(value) < 1e15 and (value = 0 or abs(value) >= 1e-6)
        then ora.to_char(value::numeric)
    else upper(value::text)
end;
create function ora.to_char(value float4) returns text
language sql immutable strict parallel safe
return ora.to_char(value::text::numeric);
create function ora.to_char(value bigint) returns text
language sql immutable strict parallel safe
return value::text;
create function ora.to_char(value int) returns text
language sql immutable strict parallel safe
return value::text;

create function ora.to_char(value numeric, format text) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    f text := upper(format);
    found text;
begin
    if f ~ '^TM9?$' then
        return ora.to_char(value);
    elsif f ~ '^(FM)?0*X+$' then
        found := upper(to_hex(round(value)::bigint));
        if length(found) > length(replace(f, 'FM', '')) then
            return repeat('#', length(f) + 1);
        end if;
        if f like '%0X%' then
            found := lpad(found, length(replace(f, 'FM', '')), '0');
        end if;
        if format ~ 'x' then
            found := lower(found);
        end if;
        return case when f like 'FM%' then found else lpad(found, length(f) + 1) end;
    elsif f !~ '^(FM)?[0-9,.DGSVLCMIPRNBE$]+$' then
        perform ora.raise(1481, 'invalid number format model');
    end if;
    found := to_char(value, replace(f, '$', ''));
    if f like '%$%' then
        found := regexp_replace(found, '^(\s*)([-+]?)', '\1\2$');
    end if;
    if found like '%#%' then
        return repeat('#', length(found));
    end if;
    return nullif(found, '');
end
$$;
create function ora.to_char(value numeric, format text, nls text) returns text
language sql immutable parallel safe
return ora.to_char(value, format);
create function ora.to_char(value float8, format text) returns text
language sql immutable strict parallel safe
return ora.to_char(value::numeric, format);
create function ora.to_char(value text) returns text
language sql immutable strict parallel safe
return value;
-- With the blanks of a CHAR, which PostgreSQL's cast cuts off.
create function ora.to_char(value bpchar) returns text
language sql immutable strict parallel safe
return textin(bpcharout(value));
create function ora.to_char(value boolean) returns text
language sql immutable strict parallel safe
return case when value then 'TRUE' else 'FALSE' end;
create function ora.to_char(value text, format text) returns text
language sql immutable strict parallel safe
return ora.to_char(ora.to_number(value), format);
create function ora.to_char(value bytea) returns text
language sql immutable strict parallel safe
return upper(encode(value, 'hex'));

create cast (text as numeric) with function ora.to_number(text) as assignment;
create cast (numeric as text) with function ora.to_char(numeric) as assignment;

create function ora.to_binary_double(value text) returns float8
language sql immutable strict parallel safe
return value::float8;
create function ora.to_binary_double(value float8) returns float8
language sql immutable strict parallel safe
return value;
create function ora.to_binary_float(value text) returns float4
language sql immutable strict parallel safe
return value::float4;
create function ora.to_binary_float(value float8) returns float4
language sql immutable strict parallel safe
return value::float4;
create function ora.nanvl(value float8, other float8) returns float8
language sql immutable parallel safe
return case when value = 'NaN' then other else value end;

create function ora.abs(n numeric) returns numeric
language sql immutable strict parallel safe return abs(n);
create function ora.ceil(n numeric) returns numeric
language sql immutable strict parallel safe return ceil(n);
create function ora.floor(n numeric) returns numeric
language sql immutable strict parallel safe return floor(n);
create function ora.mod(n numeric, by numeric) returns numeric
language sql immutable strict parallel safe
return case when by = 0 then n else trim_scale(mod(n, by)) end;
create function ora.remainder(n numeric, by numeric) returns numeric
language sql immutable strict parallel safe
return trim_scale(n - by * round(n / by));
create function ora.power(n numeric, raised_to numeric) returns numeric
language sql immutable strict parallel safe 
return trim_scale(power(n * 1.00000000000000000000000000000000000000, raised_to));
create function ora.sqrt(n numeric) returns numeric
language sql immutable strict parallel safe
return trim_scale(sqrt(n * 1.00000000000000000000000000000000000000));
create function ora.exp(n numeric) returns numeric
language sql immutable strict parallel safe
return trim_scale(exp(n * 1.00000000000000000000000000000000000000));
create function ora.ln(n numeric) returns numeric
language sql immutable strict parallel safe
return trim_scale(ln(n * 1.00000000000000000000000000000000000000));
create function ora.log(base numeric, n numeric) returns numeric
language sql immutable strict parallel safe return trim_scale(log(base, n));
create function ora.sign(n numeric) returns numeric
language sql immutable strict parallel safe return sign(n);
create function ora.bitand(a numeric, b numeric) returns numeric
language sql immutable strict parallel safe return (trunc(a)::bigint & trunc(b)::bigint)::numeric;
create function ora.sin(n numeric) returns numeric
language sql immutable strict parallel safe return sin(n::float8)::numeric;
create function ora.cos(n numeric) returns numeric
language sql immutable strict parallel safe return cos(n::float8)::numeric;
create function ora.tan(n numeric) returns numeric
language sql immutable strict parallel safe return tan(n::float8)::numeric;
create function ora.asin(n numeric) returns numeric
language sql immutable strict parallel safe return asin(n::float8)::numeric;
create function ora.acos(n numeric) returns numeric
language sql immutable strict parallel safe return acos(n::float8)::numeric;
create function ora.atan(n numeric) returns numeric
language sql immutable strict parallel safe return atan(n::float8)::numeric;
create function ora.atan2(a numeric, b numeric) returns numeric
language sql immutable strict parallel safe return atan2(a::float8, b::float8)::numeric;
create function ora.trunc(n numeric) returns numeric
language sql immutable strict parallel safe return trim_scale(trunc(n));
create function ora.trunc(n numeric, digits numeric) returns numeric
language sql immutable strict parallel safe return trim_scale(trunc(n, digits::int));
create function ora.round(n numeric) returns numeric
language sql immutable strict parallel safe return round(n);
create function ora.round(n numeric, digits numeric) returns numeric
language sql immutable strict parallel safe return trim_scale(round(n, digits::int));
create function ora.trunc(n float8) returns float8
language sql immutable strict parallel safe return trunc(n);
create function ora.round(n float8) returns float8
language sql immutable strict parallel safe return round(n);

-- As Oracle's: 0 for a single value.
create function ora.only_number(n numeric, rows bigint) returns numeric
language sql immutable parallel safe
return case when rows = 1 then 0 else n end;
create function ora.collect_number(so_far numeric[], n numeric) returns numeric[]
language sql immutable parallel safe
return case when n is null then so_far else array_append(so_far, n) end;
create function ora.deviation_of(numbers numeric[]) returns numeric
language sql immutable parallel safe
return (select ora.only_number(ora.sqrt(var_samp(n * 1.00000000000000000000000000000000000000)), count(n)) from unnest(numbers) as n);
create function ora.variance_of(numbers numeric[]) returns numeric
language sql immutable parallel safe
return (select ora.only_number(trim_scale(var_samp(n * 1.00000000000000000000000000000000000000)), count(n)) from unnest(numbers) as n);
create aggregate ora.stddev(numeric) (
    sfunc = ora.collect_number, stype = numeric[], initcond = '{}', finalfunc = ora.deviation_of
);
create aggregate ora.variance(numeric) (
    sfunc = ora.collect_number, stype = numeric[], initcond = '{}', finalfunc = ora.variance_of
);

-- NULL where any is. Bound when they are called: MAX of a DATE is ora's.
create function ora.greatest(variadic items anycompatiblearray) returns anycompatible
language sql immutable parallel safe as $$
select case
    when array_position(items, null) is null then (select max(i) from unnest(items) as i)
end
$$;
create function ora.least(variadic items anycompatiblearray) returns anycompatible
language sql immutable parallel safe as $$
select case
    when array_position(items, null) is null then (select min(i) from unnest(items) as i)
end
$$;

-- ---- zones and now ----

create function ora.session_time_zone() returns text
language sql stable parallel safe
return coalesce(nullif(current_setting('ora.time_zone', true), ''), '+00:00');
create function ora.database_time_zone() returns text
language sql immutable parallel safe
return '+00:00';

-- '+02:00' is east of Greenwich here; to PostgreSQL as a name it would be west.
create function ora.at_zone(value timestamptz, zone text) returns timestamp
language sql stable strict parallel safe
return case
    when zone ~ '^[+-]?\d\d?:\d\d$' then timezone(zone::interval, value)
    else timezone(zone, value)
end;
create function ora.at_zone(value timestamp, zone text) returns timestamp
language sql stable strict parallel safe
return ora.at_zone(value::timestamptz, zone);
create function ora.from_tz(value timestamp, zone text) returns timestamptz
language sql stable strict parallel safe
return case
    when zone ~ '^[+-]?\d\d?:\d\d$' then timezone(zone::interval, value)
    else timezone(zone, value)
end;
create function ora.sys_extract_utc(value timestamptz) returns timestamp
language sql immutable strict parallel safe
return timezone('UTC', value);
create function ora.tz_offset(zone text) returns text
language sql stable strict parallel safe
return to_char(
    (extract(epoch from ora.at_zone(statement_timestamp(), zone) - timezone('UTC', statement_timestamp())))
    * interval '1 second',
    'SGHH24:MI'
);

create function ora.sysdate() returns ora.date
language sql stable parallel safe
return ora.cut_seconds('second', statement_timestamp()::timestamp);
create function ora.systimestamp() returns timestamptz
language sql stable parallel safe
return statement_timestamp();
create function ora.systimestamp(digits numeric) returns timestamptz
language sql stable parallel safe
return statement_timestamp();
create function ora.session_timestamp() returns timestamp
language sql stable parallel safe
return ora.at_zone(statement_timestamp(), ora.session_time_zone());
create function ora.session_timestamp(digits numeric) returns timestamp
language sql stable parallel safe
return ora.at_zone(statement_timestamp(), ora.session_time_zone());
create function ora.session_date() returns ora.date
language sql stable parallel safe
return ora.cut_seconds('second', ora.session_timestamp());

-- ---- formats of dates and times ----

-- An Oracle date format as PostgreSQL's to_char reads it.
create function ora.time_format(format text) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    rest text := format;
    result text := '';
    fill boolean := true;
    found text;
    word text;
    -- Longer ones first.
    c_elements constant text :=
        '^(SYYYY|YYYY|Y,YYY|IYYY|RRRR|SYEAR|YEAR|MONTH|SSSSS|HH24|HH12|DDD|DAY|MON|IYY|YYY|TZH|TZM|TZR|TZD'
        '|FF[1-9]?|RR|YY|IY|MM|MI|RM|WW|IW|DD|DY|HH|SS|AM|PM|A\.M\.|P\.M\.|BC|AD|B\.C\.|A\.D\.|CC|Q|W|D|J|Y|I|X)';
begin
    while rest <> '' loop
        if rest ~* '^F[MX]' then
            if upper(left(rest, 2)) = 'FM' then
                fill := not fill;
            end if;
            rest := substr(rest, 3);
            continue;
        end if;
        if left(rest, 1) = '"' then
            found := substring(rest from '^"[^"]*"');
            if found is null then
                perform ora.raise(1821, 'date format not recognized');
            end if;
            result := result || replace(found, '\', '\\');
            rest := substr(rest, length(found) + 1);
            continue;
        end if;
        found := substring(rest from '(?i)' || c_elements);
        if found is null then
            if left(rest, 1) ~ '[[:alnum:]]' then
                perform ora.raise(1821, 'date format not recognized');
            end if;
            result := result || case when left(rest, 1) = '\' then '\\' else left(rest, 1) end;
            rest := substr(rest, 2);
            continue;
        end if;
        rest := substr(rest, length(found) + 1);
        word := upper(found);
        case
            when word in ('MONTH', 'MON', 'DAY', 'DY', 'RM') or word ~ '^[AP]\.?M|^[AB]\.?[CD]' then
                -- The letters' case is that of the name.
                result := result || case when fill then '' else 'FM' end
                    || case when found = initcap(found) and length(found) > 1 then initcap(word)
                        when found = lower(found) then lower(word) else word end;
            when word = 'FF' then result := result || 'FF6';
            when word ~ '^FF[7-9]$' then
                result := result || 'FF6"' || repeat('0', right(word, 1)::int - 6) || '"';
            when word ~ '^FF' then result := result || word;
            when word = 'RRRR' then result := result || case when fill then '' else 'FM' end || 'YYYY';
            when word = 'RR' then result := result || case when fill then '' else 'FM' end || 'YY';
            when word = 'X' then result := result || '.';
            when word = 'TZR' then result := result || 'TZH:TZM';
            when word = 'TZD' then result := result || 'TZ';
            when word in ('TZH', 'TZM') then result := result || word;
            when word in ('SYYYY', 'SYEAR', 'YEAR', 'SSSSS') then
                perform ora.raise(3001, 'unimplemented feature: date format ' || word);
            else
                result := result || case when fill then '' else 'FM' end || word;
                if rest ~* '^TH' then
                    result := result || left(rest, 2);
                    rest := substr(rest, 3);
                elsif rest ~* '^SP' then
                    perform ora.raise(3001, 'unimplemented feature: date format SP');
                end if;
        end case;
    end loop;
    return result;
end
$$;

create function ora.date_format() returns text
language sql stable parallel safe
return coalesce(nullif(current_setting('ora.nls_date_format', true), ''), 'DD-MON-RR');
create function ora.timestamp_format() returns text
language sql stable parallel safe
return coalesce(nullif(current_setting('ora.nls_timestamp_format', true), ''), 'DD-MON-RR HH.MI.SSXFF AM');
create function ora.timestamp_tz_format() returns text
language sql stable parallel safe
return coalesce(
    nullif(current_setting('ora.nls_timestamp_tz_format', true), ''), 'DD-MON-RR HH.MI.SSXFF AM TZR'
);

create function ora.to_char(value timestamp, format text) returns text
language sql stable strict parallel safe
return to_char(value, ora.time_format(format));
create function ora.to_char(value timestamptz, format text) returns text
language sql stable strict parallel safe
return to_char(value, ora.time_format(format));
create function ora.to_char(value ora.date, format text) returns text
language sql stable strict parallel safe
return to_char(value::timestamp, ora.time_format(format));
create function ora.to_char(value ora.date) returns text
language sql stable strict parallel safe
return to_char(value::timestamp, ora.time_format(ora.date_format()));
create function ora.to_char(value timestamp) returns text
language sql stable strict parallel safe
return to_char(value, ora.time_format(ora.timestamp_format()));
create function ora.to_char(value timestamptz) returns text
language sql stable strict parallel safe
return to_char(value, ora.time_format(ora.timestamp_tz_format()));
create function ora.to_char(value ora.date, format text, nls text) returns text
language sql stable parallel safe
return ora.to_char(value, format);
create function ora.to_char(value timestamp, format text, nls text) returns text
language sql stable parallel safe
return ora.to_char(value, format);
create function ora.to_char(value timestamptz, format text, nls text) returns text
language sql stable parallel safe
return ora.to_char(value, format);
create function ora.to_char(value interval) returns text
language sql immutable strict parallel safe
return case
    when extract(year from value) <> 0 or extract(month from value) <> 0 then
        (case when value < interval '0' then '-' else '+' end)
        || lpad(abs(extract(year from value))::int::text, 9, '0') || '-'
        || lpad(abs(extract(month from value))::int::text, 2, '0')
    else
        (case when value < interval '0' then '-' else '+' end)
        || lpad(trunc(abs(extract(epoch from value)) / 86400)::text, 9, '0') || ' '
        || to_char(
            mod(abs(extract(epoch from value)), 86400) * interval '1 second', 'HH24:MI:SS.US'
        ) || '000'
end;

-- With the offset of the zone in which it is shown.
create function ora.to_char_at(value timestamptz, format text, zone text) returns text
language plpgsql stable strict parallel safe set search_path = pg_catalog as $$
declare
    shown timestamp := ora.at_zone(value, zone);
    away interval := shown - timezone('UTC', value);
    f text := ora.time_format(format);
    minutes int := (extract(epoch from away) / 60)::int;
begin
    f := replace(f, 'TZH', format(
        '"%s%s"', case when minutes < 0 then '-' else '+' end, lpad((abs(minutes) / 60)::text, 2, '0')));
    f := replace(f, 'TZM', format('"%s"', lpad((abs(minutes) % 60)::text, 2, '0')));
    return to_char(shown, f);
end
$$;

-- A text read by an Oracle date format.
create function ora.read_time(
    value text, format text, out stamp timestamp, out away interval, out zone text
)
language plpgsql stable strict parallel safe set search_path = pg_catalog as $$
declare
    rest text := btrim(value);
    f text := btrim(format);
    element text;
    word text;
    found text;
    exact boolean := false;
    year int := extract(year from statement_timestamp());
    month int := extract(month from statement_timestamp());
    day int := 1;
    day_of_year int;
    julian int;
    hour int := 0;
    minute int := 0;
    second int := 0;
    fraction numeric := 0;
    half text;
    is_half boolean := false;
    seconds_of_day int;
    away_hours int;
    away_minutes int := 0;
    away_sign int := 1;
    n int;
    digits int;
    c_months constant text[] := array[
        'JANUARY', 'FEBRUARY', 'MARCH', 'APRIL', 'MAY', 'JUNE', 'JULY', 'AUGUST', 'SEPTEMBER',
        'OCTOBER', 'NOVEMBER', 'DECEMBER'
    ];
    c_elements constant text :=
        '^(YYYY|RRRR|MONTH|SSSSS|HH24|HH12|DDD|DAY|MON|YYY|TZH|TZM|TZR|TZD|FF[1-9]?|RR|YY|MM|MI|RM|DD|DY'
        '|HH|SS|AM|PM|A\.M\.|P\.M\.|BC|AD|J|Y|X)';
begin
    while f <> '' loop
        if f ~* '^F[MX]' then
            exact := exact or upper(left(f, 2)) = 'FX';
            f := substr(f, 3);
            continue;
        end if;
        if left(f, 1) = '"' then
            found := substring(f from '^"([^"]*)"');
            if found is null then
                perform ora.raise(1821, 'date format not recognized');
            end if;
            if left(rest, length(found)) <> found then
                perform ora.raise(1861, 'literal does not match format string');
            end if;
            f := substr(f, length(found) + 3);
            rest := substr(rest, length(found) + 1);
            continue;
        end if;
        element := substring(f from '(?i)' || c_elements);
        if element is null then
            if left(f, 1) ~ '[[:alnum:]]' then
                perform ora.raise(1821, 'date format not recognized');
            end if;
            -- Any punctuation stands for any other, and blanks do not count.
            if left(f, 1) ~ '\s' then
                rest := ltrim(rest);
            elsif rest ~ '^\s*[[:punct:]]' then
                rest := regexp_replace(rest, '^\s*[[:punct:]]', '');
            elsif rest = '' then
                exit when f ~ '^[^[:alnum:]]*$';
                perform ora.raise(1840, 'input value not long enough for date format');
            elsif rest !~ '^\s*\d' then
                perform ora.raise(1861, 'literal does not match format string');
            end if;
            f := substr(f, 2);
            continue;
        end if;
        f := substr(f, length(element) + 1);
        word := upper(element);
        rest := ltrim(rest);
        if rest = '' then
            -- Times may be left out at the end.
            exit when word in ('HH24', 'HH12', 'HH', 'MI', 'SS', 'AM', 'PM', 'TZH', 'TZM', 'TZR', 'X')
                or word ~ '^FF' or word = 'SSSSS';
            perform ora.raise(1840, 'input value not long enough for date format');
        end if;
        if word in ('MON', 'MONTH') or word = 'MM' and rest ~ '^[[:alpha:]]' then
            n := null;
            for i in 1 .. 12 loop
                if upper(left(rest, length(c_months[i]))) = c_months[i] then
                    n := i;
                    rest := substr(rest, length(c_months[i]) + 1);
                    exit;
                elsif upper(left(rest, 3)) = left(c_months[i], 3) then
                    n := i;
                    rest := substr(rest, 4);
                    exit;
                end if;
            end loop;
            if n is null then
                perform ora.raise(1843, 'not a valid month');
            end if;
            month := n;
            continue;
        elsif word in ('DAY', 'DY') then
            if rest !~* '^(SUN|MON|TUE|WED|THU|FRI|SAT)' then
                perform ora.raise(1846, 'not a valid day of the week');
            end if;
            rest := regexp_replace(rest, '^[[:alpha:]]+', '');
            continue;
        elsif word ~ '^[AP]\.?M' then
            half := upper(substring(rest from '(?i)^([ap])\.?m\.?'));
            if half is null then
                perform ora.raise(1855, 'AM/A.M. or PM/P.M. required');
            end if;
            rest := regexp_replace(rest, '(?i)^[ap]\.?m\.?', '');
            continue;
        elsif word in ('BC', 'AD') then
            if rest !~* '^AD' then
                perform ora.raise(3001, 'unimplemented feature: dates before Christ');
            end if;
            rest := substr(rest, 3);
            continue;
        elsif word = 'RM' then
            perform ora.raise(3001, 'unimplemented feature: date format RM');
        elsif word = 'X' then
            rest := regexp_replace(rest, '^\.', '');
            continue;
        elsif word in ('TZR', 'TZD') then
            zone := substring(rest from '^[[:alnum:]_/:+-]+');
            rest := substr(rest, length(zone) + 1);
            continue;
        elsif word ~ '^FF' then
            found := substring(rest from '^\.?(\d{1,9})');
            if found is null then
                perform ora.raise(1858, 'a non-numeric character was found where a numeric was expected');
            end if;
            fraction := ('0.' || found)::numeric;
            rest := regexp_replace(rest, '^\.?\d{1,9}', '');
            continue;
        elsif word = 'TZH' then
            found := substring(rest from '^([+-]?\d{1,2})');
            if found is null then
                perform ora.raise(1858, 'a non-numeric character was found where a numeric was expected');
            end if;
            away_sign := case when left(found, 1) = '-' then -1 else 1 end;
            away_hours := abs(found::int);
            rest := substr(rest, length(found) + 1);
            continue;
        end if;
        digits := case
            when word in ('YYYY', 'RRRR') then 4
            when word = 'YYY' or word = 'DDD' then 3
            when word = 'SSSSS' then 5
            when word = 'J' then 7
            when word = 'Y' then 1
            else 2
        end;
        found := substring(rest from '^\d{1,' || digits || '}');
        if found is null then
            perform ora.raise(1858, 'a non-numeric character was found where a numeric was expected');
        end if;
        rest := substr(rest, length(found) + 1);
        n := found::int;
        case word
            when 'YYYY' then year := n;
            when 'RRRR' then
                year := case when length(found) > 2 then n
                    when n < 50 then 2000 + n else 1900 + n end;
            when 'RR' then year := case when n < 50 then 2000 + n else 1900 + n end;
            when 'YYY' then year := year / 1000 * 1000 + n;
            when 'YY' then year := year / 100 * 100 + n;
            when 'Y' then year := year / 10 * 10 + n;
            when 'MM' then
                if n not between 1 and 12 then
                    perform ora.raise(1843, 'not a valid month');
                end if;
                month := n;
            when 'DD' then
                if n not between 1 and 31 then
                    perform ora.raise(1847, 'day of month must be between 1 and last day of month');
                end if;
                day := n;
            when 'DDD' then
                if n not between 1 and 366 then
                    perform ora.raise(1848, 'day of year must be between 1 and 365 (366 for leap year)');
                end if;
                day_of_year := n;
            when 'J' then julian := n;
            when 'HH24' then
                if n > 23 then
                    perform ora.raise(1850, 'hour must be between 0 and 23');
                end if;
                hour := n;
            when 'MI' then
                if n > 59 then
                    perform ora.raise(1851, 'minutes must be between 0 and 59');
                end if;
                minute := n;
            when 'SS' then
                if n > 59 then
                    perform ora.raise(1852, 'seconds must be between 0 and 59');
                end if;
                second := n;
            when 'SSSSS' then seconds_of_day := n;
            when 'TZM' then away_minutes := n;
            else  -- HH, HH12
                if n not between 1 and 12 then
                    perform ora.raise(1849, 'hour must be between 1 and 12');
                end if;
                hour := n;
                is_half := true;
        end case;
    end loop;
    if btrim(rest) <> '' then
        perform ora.raise(1830, 'date format picture ends before converting entire input string');
    end if;
    if is_half or half is not null then
        hour := hour % 12 + case when half = 'P' then 12 else 0 end;
    end if;
    if year = 0 then
        perform ora.raise(1841, '(full) year must be between -4713 and +9999, and not be 0');
    end if;
    if julian is not null then
        stamp := date '4714-11-24 BC' + julian;
    elsif day_of_year is not null then
        stamp := make_date(year, 1, 1) + (day_of_year - 1);
    else
        if day > extract(day from (make_date(year, month, 1) + interval '1 month' - interval '1 day')) then
            perform ora.raise(1839, 'date not valid for month specified');
        end if;
        stamp := make_date(year, month, day);
    end if;
    if seconds_of_day is not null then
        stamp := stamp + seconds_of_day * interval '1 second';
    else
        stamp := stamp + make_interval(hours => hour, mins => minute, secs => (second + fraction)::float8);
    end if;
    if away_hours is not null then
        away := away_sign * make_interval(hours => away_hours, mins => away_minutes);
    end if;
end
$$;

create function ora.to_date(value text, format text) returns ora.date
language sql stable strict parallel safe
return ora.as_date((select r.stamp from ora.read_time(value, format) as r));
create function ora.to_date(value text) returns ora.date
language sql stable strict parallel safe
return ora.to_date(value, ora.date_format());
create function ora.to_date(value text, format text, nls text) returns ora.date
language sql stable parallel safe
return ora.to_date(value, format);
create function ora.to_date(value ora.date) returns ora.date
language sql immutable strict parallel safe
return value;
create function ora.to_date(value ora.date, format text) returns ora.date
language sql stable strict parallel safe
return ora.to_date(ora.to_char(value), format);
create function ora.to_date(value timestamp) returns ora.date
language sql immutable strict parallel safe
return ora.as_date(value);
create function ora.to_date(value numeric, format text) returns ora.date
language sql stable strict parallel safe
return ora.to_date(ora.to_char(value), format);

create function ora.to_timestamp(value text, format text) returns timestamp
language sql stable strict parallel safe
return (select r.stamp from ora.read_time(value, format) as r);
create function ora.to_timestamp(value text) returns timestamp
language sql stable strict parallel safe
return ora.to_timestamp(value, ora.timestamp_format());
create function ora.to_timestamp(value text, format text, nls text) returns timestamp
language sql stable parallel safe
return ora.to_timestamp(value, format);
create function ora.to_timestamp(value timestamp) returns timestamp
language sql immutable strict parallel safe
return value;

create function ora.to_timestamp_tz(value text, format text) returns timestamptz
language plpgsql stable strict parallel safe set search_path = pg_catalog as $$
declare
    r record;
begin
    select * into r from ora.read_time(value, format);
    if r.away is not null then
        return timezone(r.away, r.stamp);
    end if;
    return ora.from_tz(r.stamp, coalesce(r.zone, ora.session_time_zone()));
end
$$;
create function ora.to_timestamp_tz(value text) returns timestamptz
language sql stable strict parallel safe
return ora.to_timestamp_tz(value, ora.timestamp_tz_format());
create function ora.to_timestamp_tz(value text, format text, nls text) returns timestamptz
language sql stable parallel safe
return ora.to_timestamp_tz(value, format);

create function ora.text_to_date(value text) returns ora.date
language sql stable strict parallel safe
return ora.to_date(value);
create cast (text as ora.date) with function ora.text_to_date(text) as assignment;
create function ora.text_to_timestamp(value text) returns timestamp
language sql stable strict parallel safe
return ora.to_timestamp(value);
create cast (text as timestamp) with function ora.text_to_timestamp(text) as assignment;
create function ora.date_to_text(value ora.date) returns text
language sql stable strict parallel safe
return ora.to_char(value);
create cast (ora.date as text) with function ora.date_to_text(ora.date) as assignment;
create function ora.timestamp_to_text(value timestamp) returns text
language sql stable strict parallel safe
return ora.to_char(value);
create cast (timestamp as text) with function ora.timestamp_to_text(timestamp) as assignment;
create function ora.timestamptz_to_text(value timestamptz) returns text
language sql stable strict parallel safe
return ora.to_char(value);
create cast (timestamptz as text) with function ora.timestamptz_to_text(timestamptz) as assignment;

-- ---- arithmetic with dates ----

create function ora.days(n numeric) returns interval
language sql immutable strict parallel safe
return make_interval(secs => round(n * 86400)::float8);

create function ora.date_plus(d ora.date, n numeric) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('second', d::timestamp + ora.days(n));
create function ora.date_plus(n numeric, d ora.date) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('second', d::timestamp + ora.days(n));
create function ora.date_minus(d ora.date, n numeric) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('second', d::timestamp - ora.days(n));
create function ora.date_minus(a ora.date, b ora.date) returns numeric
language sql immutable strict parallel safe
return ora.divide(trunc(extract(epoch from a::timestamp - b::timestamp)), 86400::numeric);
create function ora.date_plus(d ora.date, i interval) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('second', d::timestamp + i);
create function ora.date_minus(d ora.date, i interval) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('second', d::timestamp - i);
create function ora.date_minus(a ora.date, b timestamp) returns interval
language sql immutable strict parallel safe
return a::timestamp - b;
create function ora.date_minus(a timestamp, b ora.date) returns interval
language sql immutable strict parallel safe
return a - b::timestamp;
create function ora.date_minus(a ora.date, b timestamptz) returns interval
language sql stable strict parallel safe
return a::timestamp::timestamptz - b;
create function ora.date_minus(a timestamptz, b ora.date) returns interval
language sql stable strict parallel safe
return a - b::timestamp::timestamptz;
create function ora.date_plus(t timestamp, n numeric) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('second', date_trunc('second', t) + ora.days(n));
create function ora.date_minus(t timestamp, n numeric) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('second', date_trunc('second', t) - ora.days(n));
create function ora.date_plus(t timestamptz, n numeric) returns ora.date
language sql stable strict parallel safe
return ora.cut_seconds('second', date_trunc('second', t::timestamp) + ora.days(n));
create function ora.date_minus(t timestamptz, n numeric) returns ora.date
language sql stable strict parallel safe
return ora.cut_seconds('second', date_trunc('second', t::timestamp) - ora.days(n));

create operator ora.+ (leftarg = ora.date, rightarg = numeric, function = ora.date_plus);
create operator ora.+ (leftarg = numeric, rightarg = ora.date, function = ora.date_plus);
create operator ora.+ (leftarg = ora.date, rightarg = interval, function = ora.date_plus);
create operator ora.+ (leftarg = timestamp, rightarg = numeric, function = ora.date_plus);
create operator ora.+ (leftarg = timestamptz, rightarg = numeric, function = ora.date_plus);
create operator ora.- (leftarg = ora.date, rightarg = numeric, function = ora.date_minus);
create operator ora.- (leftarg = ora.date, rightarg = ora.date, function = ora.date_minus);
create operator ora.- (leftarg = ora.date, rightarg = interval, function = ora.date_minus);
create operator ora.- (leftarg = ora.date, rightarg = timestamp, function = ora.date_minus);
create operator ora.- (leftarg = timestamp, rightarg = ora.date, function = ora.date_minus);
create operator ora.- (leftarg = ora.date, rightarg = timestamptz, function = ora.date_minus);
create operator ora.- (leftarg = timestamptz, rightarg = ora.date, function = ora.date_minus);
create operator ora.- (leftarg = timestamp, rightarg = numeric, function = ora.date_minus);
create operator ora.- (leftarg = timestamptz, rightarg = numeric, function = ora.date_minus);

create function ora.add_months(value timestamp, months numeric) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('second', case
    -- The last day of a month stays the last.
    when extract(day from value + interval '1 day') = 1
        then date_trunc('month', value) + make_interval(months => trunc(months)::int + 1)
            - interval '1 day' + (value - date_trunc('day', value))
    else value + make_interval(months => trunc(months)::int)
end);
create function ora.months_between(a timestamp, b timestamp) returns numeric
language sql immutable strict parallel safe
return case
    when extract(day from a) = extract(day from b)
        or extract(day from a + interval '1 day') = 1 and extract(day from b + interval '1 day') = 1
        then (extract(year from a) - extract(year from b)) * 12
            + extract(month from a) - extract(month from b)
    else (extract(year from a) - extract(year from b)) * 12
        + extract(month from a) - extract(month from b)
        + ora.divide(
            trunc(extract(epoch from (a - date_trunc('month', a)) - (b - date_trunc('month', b)))),
            86400::numeric * 31
        )
end;
create function ora.last_day(value timestamp) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('second',
    date_trunc('month', value) + interval '1 month' - interval '1 day' + (value - date_trunc('day', value)));
create function ora.next_day(value timestamp, name text) returns ora.date
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    wanted int := array_position(
        array['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'], upper(left(btrim(name), 3))
    ) - 1;
begin
    if wanted is null then
        perform ora.raise(1846, 'not a valid day of the week');
    end if;
    return ora.as_date(value + (mod(wanted - extract(dow from value)::int + 6, 7) + 1) * interval '1 day');
end
$$;

create function ora.trunc(value timestamp) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('day', value);
create function ora.trunc(value ora.date) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('day', value::timestamp);
create function ora.trunc(value timestamptz) returns ora.date
language sql stable strict parallel safe
return ora.cut_seconds('day', value::timestamp);
create function ora.trunc(value timestamp, unit text) returns ora.date
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    u text := upper(unit);
    base timestamp := date_trunc('day', value);
    found timestamp;
begin
    found := case
        when u in ('SYYYY', 'YYYY', 'YEAR', 'SYEAR', 'YYY', 'YY', 'Y') then date_trunc('year', value)
        when u in ('IYYY', 'IYY', 'IY', 'I') then date_trunc('week', make_date(extract(isoyear from value)::int, 1, 4)::timestamp)
        when u = 'Q' then date_trunc('quarter', value)
        when u in ('MONTH', 'MON', 'MM', 'RM') then date_trunc('month', value)
        when u in ('CC', 'SCC') then make_date(((extract(year from value)::int - 1) / 100) * 100 + 1, 1, 1)
        when u = 'WW' then base - ((extract(doy from value)::int - 1) % 7) * interval '1 day'
        when u = 'IW' then date_trunc('week', value)
        when u = 'W' then base - ((extract(day from value)::int - 1) % 7) * interval '1 day'
        when u in ('DDD', 'DD', 'J') then base
        when u in ('DAY', 'DY', 'D') then base - extract(dow from value)::int * interval '1 day'
        when u in ('HH', 'HH12', 'HH24') then date_trunc('hour', value)
        when u = 'MI' then date_trunc('minute', value)
    end;
    if found is null then
        perform ora.raise(1898, 'too many precision specifiers');
    end if;
    return ora.as_date(found);
end
$$;
create function ora.trunc(value ora.date, unit text) returns ora.date
language sql immutable strict parallel safe
return ora.trunc(value::timestamp, unit);
create function ora.trunc(value timestamptz, unit text) returns ora.date
language sql stable strict parallel safe
return ora.trunc(value::timestamp, unit);
create function ora.round(value timestamp, unit text) returns ora.date
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    u text := upper(unit);
begin
    return case
        when u in ('SYYYY', 'YYYY', 'YEAR', 'SYEAR', 'YYY', 'YY', 'Y') then ora.trunc(value + interval '6 months', 'YYYY')
        when u = 'Q' then ora.trunc(ora.trunc(value, 'MM')::timestamp
            + case when extract(month from value)::int % 3 = 2 and extract(day from value) >= 16
                or extract(month from value)::int % 3 = 0 then interval '3 months' else interval '0' end, 'Q')
        when u in ('MONTH', 'MON', 'MM', 'RM') then
            ora.trunc(value + case when extract(day from value) >= 16
                then interval '1 month' - (extract(day from value)::int - 1) * interval '1 day' else interval '0' end, 'MM')
        when u in ('IW', 'WW', 'W') then ora.trunc(value + interval '84 hours', u)
        when u in ('DAY', 'DY', 'D') then ora.trunc(value + interval '84 hours', u)
        when u in ('HH', 'HH12', 'HH24') then ora.trunc(value + interval '30 minutes', u)
        when u = 'MI' then ora.trunc(value + interval '30 seconds', u)
        else ora.trunc(value + interval '12 hours', u)
    end;
end
$$;
create function ora.round(value ora.date, unit text) returns ora.date
language sql immutable strict parallel safe
return ora.round(value::timestamp, unit);
create function ora.round(value timestamp) returns ora.date
language sql immutable strict parallel safe
return ora.trunc(value + interval '12 hours');
create function ora.round(value ora.date) returns ora.date
language sql immutable strict parallel safe
return ora.trunc(value::timestamp + interval '12 hours');
create function ora.round(value timestamptz) returns ora.date
language sql stable strict parallel safe
return ora.trunc(value::timestamp + interval '12 hours');

create function ora.extract(unit text, value timestamp) returns numeric
language sql immutable strict parallel safe
return trim_scale(pg_catalog.extract(unit, value));
create function ora.extract(unit text, value ora.date) returns numeric
language sql immutable strict parallel safe
return trim_scale(pg_catalog.extract(unit, value::timestamp));
-- Oracle's extract from a time with zone gives its parts in UTC, but for those of the zone.
create function ora.extract(unit text, value timestamptz) returns numeric
language sql stable strict parallel safe
return case
    when unit like 'timezone%' then pg_catalog.extract(unit, value)
    else trim_scale(pg_catalog.extract(unit, timezone('UTC', value)))
end;
create function ora.extract(unit text, value interval) returns numeric
language sql immutable strict parallel safe
return case unit
    when 'day' then trunc(extract(epoch from value) / 86400)
    when 'hour' then trunc(mod(extract(epoch from value), 86400) / 3600)
    when 'minute' then trunc(mod(extract(epoch from value), 3600) / 60)
    when 'second' then trim_scale(mod(extract(epoch from value), 60))
    else pg_catalog.extract(unit, value)
end;

create function ora.numtodsinterval(n numeric, unit text) returns interval
language sql immutable strict parallel safe
return make_interval(secs => (n * case upper(btrim(unit))
    when 'DAY' then 86400 when 'HOUR' then 3600 when 'MINUTE' then 60 when 'SECOND' then 1
    else ora.raise_number(1760, 'illegal argument for function') end)::float8);
create function ora.numtoyminterval(n numeric, unit text) returns interval
language sql immutable strict parallel safe
return make_interval(months => round(n * case upper(btrim(unit))
    when 'YEAR' then 12 when 'MONTH' then 1
    else ora.raise_number(1760, 'illegal argument for function') end)::int)::interval year to month;
create function ora.to_dsinterval(value text) returns interval
language sql immutable strict parallel safe
return case
    when value ~ '^\s*[+-]?\d+ \d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?\s*$' or value ~ '^\s*[+-]?P'
        then make_interval(secs => extract(epoch from
            case when value ~ '^\s*-' then - ltrim(value, ' -')::interval else ltrim(value, ' +')::interval end)::float8)
    else ora.raise(1867, 'the interval is invalid')::interval
end;
create function ora.to_yminterval(value text) returns interval
language sql immutable strict parallel safe
return case
    when value ~ '^\s*[+-]?\d+-\d+\s*$' or value ~ '^\s*[+-]?P' then btrim(value)::interval year to month
    else ora.raise(1867, 'the interval is invalid')::interval
end;

-- ---- text ----

create function ora.concatenate(a text, b text) returns text
language sql immutable parallel safe
return nullif(coalesce(a, '') || coalesce(b, ''), '');
create operator ora.|| (leftarg = text, rightarg = text, function = ora.concatenate);
create function ora.concatenate(a ora.clob, b ora.clob) returns ora.clob
language sql immutable parallel safe
return case
    when a is null then b
    when b is null then a
    else (a::text || b::text)::ora.clob
end;
create operator ora.|| (leftarg = ora.clob, rightarg = ora.clob, function = ora.concatenate);
create function ora.concatenate(a ora.clob, b text) returns ora.clob
language sql immutable parallel safe
return ora.concatenate(a, b::ora.clob);
create operator ora.|| (leftarg = ora.clob, rightarg = text, function = ora.concatenate);
create function ora.concatenate(a text, b ora.clob) returns ora.clob
language sql immutable parallel safe
return ora.concatenate(a::ora.clob, b);
create operator ora.|| (leftarg = text, rightarg = ora.clob, function = ora.concatenate);

-- What Oracle converts on its own: in || everything to text, in comparisons and arithmetic text to
-- the other side's type.
do $$
declare
    c_types constant text[] := array[
        'numeric', 'int4', 'int8', 'float8', 'ora.date', 'timestamp', 'timestamptz', 'interval', 'bytea', 'bpchar'
    ];
    l text;
    r text;
    sign text;
    mirrored text;
    helper text;
    target text;
begin
    foreach l in array c_types loop
        execute format(
            'create function ora.concatenate(a %s, b text) returns text language sql stable parallel safe'
            ' return ora.concatenate(ora.to_char(a), b)', l);
        execute format(
            'create function ora.concatenate(a text, b %s) returns text language sql stable parallel safe'
            ' return ora.concatenate(a, ora.to_char(b))', l);
        execute format('create operator ora.|| (leftarg = %s, rightarg = text, function = ora.concatenate)', l);
        execute format('create operator ora.|| (leftarg = text, rightarg = %s, function = ora.concatenate)', l);
        execute format(
            'create function ora.concatenate(a %s, b ora.clob) returns ora.clob language sql stable parallel safe'
            ' return ora.concatenate(ora.to_char(a)::ora.clob, b)', l);
        execute format(
            'create function ora.concatenate(a ora.clob, b %s) returns ora.clob language sql stable parallel safe'
            ' return ora.concatenate(a, ora.to_char(b)::ora.clob)', l);
        execute format('create operator ora.|| (leftarg = %s, rightarg = ora.clob, function = ora.concatenate)', l);
        execute format('create operator ora.|| (leftarg = ora.clob, rightarg = %s, function = ora.concatenate)', l);
        foreach r in array c_types loop
            execute format(
                'create function ora.concatenate(a %s, b %s) returns text language sql stable parallel safe'
                ' return ora.concatenate(ora.to_char(a), ora.to_char(b))', l, r);
            execute format('create operator ora.|| (leftarg = %s, rightarg = %s, function = ora.concatenate)', l, r);
        end loop;
    end loop;
    for sign, mirrored in
        select * from (values ('=', '='), ('<>', '<>'), ('<', '>'), ('<=', '>='), ('>', '<'), ('>=', '<=')) as s
    loop
        for target, helper in
            select * from (values
                ('numeric', 'ora.to_number'), ('ora.date', 'ora.text_to_date'), ('timestamp', 'ora.text_to_timestamp')
            ) as t
        loop
            execute format(
                'create function ora.compare_%s(a %s, b text) returns boolean language sql stable strict'
                ' parallel safe return a operator(%s.%s) %s(b)',
                case sign when '=' then 'eq' when '<>' then 'ne' when '<' then 'lt' when '<=' then 'le'
                    when '>' then 'gt' else 'ge' end,
                target, case target when 'ora.date' then 'ora' else 'pg_catalog' end, sign, helper);
            execute format(
                'create function ora.compare_%s(a text, b %s) returns boolean language sql stable strict'
                ' parallel safe return %s(a) operator(%s.%s) b',
                case sign when '=' then 'eq' when '<>' then 'ne' when '<' then 'lt' when '<=' then 'le'
                    when '>' then 'gt' else 'ge' end,
                target, helper, case target when 'ora.date' then 'ora' else 'pg_catalog' end, sign);
            execute format(
                'create operator ora.%s (leftarg = %s, rightarg = text, function = ora.compare_%s)',
                sign, target, case sign when '=' then 'eq' when '<>' then 'ne' when '<' then 'lt'
                    when '<=' then 'le' when '>' then 'gt' else 'ge' end);
            execute format(
                'create operator ora.%s (leftarg = text, rightarg = %s, function = ora.compare_%s)',
                sign, target, case sign when '=' then 'eq' when '<>' then 'ne' when '<' then 'lt'
                    when '<=' then 'le' when '>' then 'gt' else 'ge' end);
        end loop;
    end loop;
    for sign, helper in select * from (values ('+', 'plus'), ('-', 'minus'), ('*', 'times'), ('/', 'by')) as s loop
        foreach l in array array['text', 'numeric'] loop
            foreach r in array array['text', 'numeric'] loop
                continue when l = 'numeric' and r = 'numeric';
                execute format(
                    'create function ora.text_%s(a %s, b %s) returns numeric language sql immutable strict'
                    ' parallel safe return ora.to_number(a) operator(%s.%s) ora.to_number(b)',
                    helper, l, r, case sign when '/' then 'ora' else 'pg_catalog' end, sign);
                execute format(
                    'create operator ora.%s (leftarg = %s, rightarg = %s, function = ora.text_%s)',
                    sign, l, r, helper);
            end loop;
        end loop;
    end loop;
end
$$;

create function ora.upper(s text) returns text
language sql immutable strict parallel safe return upper(s);
create function ora.lower(s text) returns text
language sql immutable strict parallel safe return lower(s);
create function ora.nls_upper(s text) returns text
language sql immutable strict parallel safe return upper(s);
create function ora.nls_lower(s text) returns text
language sql immutable strict parallel safe return lower(s);
create function ora.initcap(s text) returns text
language sql immutable strict parallel safe return initcap(s);
create function ora.reverse(s text) returns text
language sql immutable strict parallel safe return reverse(s);
create function ora.concat(a text, b text) returns text
language sql immutable parallel safe return ora.concatenate(a, b);
create function ora.concat(a numeric, b text) returns text
language sql immutable parallel safe return ora.concatenate(ora.to_char(a), b);
create function ora.concat(a text, b numeric) returns text
language sql immutable parallel safe return ora.concatenate(a, ora.to_char(b));

create function ora.whole(n numeric) returns int
language sql immutable strict parallel safe
return least(greatest(trunc(n), -2147483648), 2147483647)::int;
create function ora.substr(s text, place numeric) returns text
language sql immutable strict parallel safe
return nullif(case
    when place >= 1 then substr(s, ora.whole(place))
    when trunc(place) = 0 then s
    when length(s) + trunc(place) < 0 then null
    else substr(s, ora.whole(length(s) + trunc(place) + 1))
end, '');
create function ora.substr(s text, place numeric, length numeric) returns text
language sql immutable strict parallel safe
return nullif(case
    when length < 1 then null
    when place >= 1 then substr(s, ora.whole(place), ora.whole(length))
    when trunc(place) = 0 then substr(s, 1, ora.whole(length))
    when pg_catalog.length(s) + trunc(place) < 0 then null
    else substr(s, ora.whole(pg_catalog.length(s) + trunc(place) + 1), ora.whole(length))
end, '');
create function ora.substrb(s text, place numeric) returns text
language sql immutable strict parallel safe
return convert_from(
    substr(convert_to(s, 'UTF8'), ora.whole(case when place < 0 then octet_length(s) + place + 1 else greatest(place, 1) end)),
    'UTF8');
create function ora.substrb(s text, place numeric, length numeric) returns text
language sql immutable strict parallel safe
return case when length >= 1 then nullif(convert_from(
    substr(
        convert_to(s, 'UTF8'),
        ora.whole(case when place < 0 then octet_length(s) + place + 1 else greatest(place, 1) end),
        ora.whole(length)
    ), 'UTF8'), '') end;

create function ora.instr(s text, part text, place numeric, occurrence numeric) returns numeric
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    at int := ora.whole(place);
    left_over int := ora.whole(occurrence);
    last int := length(s) - length(part) + 1;
    step int := 1;
begin
    if left_over < 1 then
        perform ora.raise(1428, format('argument ''%s'' is out of range', left_over));
    end if;
    if at = 0 then
        return 0;
    elsif at < 0 then
        step := -1;
        at := least(length(s) + at + 1, last);
    end if;
    while at between 1 and last loop
        if substr(s, at, length(part)) = part then
            left_over := left_over - 1;
            if left_over = 0 then
                return at;
            end if;
        end if;
        at := at + step;
    end loop;
    return 0;
end
$$;
create function ora.instr(s text, part text) returns numeric
language sql immutable strict parallel safe return strpos(s, part)::numeric;
create function ora.instr(s text, part text, place numeric) returns numeric
language sql immutable strict parallel safe return ora.instr(s, part, place, 1);
create function ora.instrb(s text, part text) returns numeric
language sql immutable strict parallel safe
return position(convert_to(part, 'UTF8') in convert_to(s, 'UTF8'))::numeric;

create function ora.length(s text) returns numeric
language sql immutable strict parallel safe return length(s)::numeric;
create function ora.lengthb(s text) returns numeric
language sql immutable strict parallel safe return octet_length(s)::numeric;
create function ora.length(s ora.clob) returns numeric
language sql immutable strict parallel safe return length(s::text)::numeric;
create function ora.length(s bytea) returns numeric
language sql immutable strict parallel safe return octet_length(s)::numeric;
create function ora.lengthb(s bytea) returns numeric
language sql immutable strict parallel safe return octet_length(s)::numeric;
create function ora.length(s character) returns numeric
language sql immutable strict parallel safe return octet_length(s)::numeric;
create function ora.vsize(s text) returns numeric
language sql immutable strict parallel safe return octet_length(s)::numeric;
create function ora.lpad(s text, n numeric) returns text
language sql immutable strict parallel safe return nullif(lpad(s, ora.whole(n)), '');
create function ora.lpad(s text, n numeric, fill text) returns text
language sql immutable strict parallel safe return nullif(lpad(s, ora.whole(n), fill), '');
create function ora.rpad(s text, n numeric) returns text
language sql immutable strict parallel safe return nullif(rpad(s, ora.whole(n)), '');
create function ora.rpad(s text, n numeric, fill text) returns text
language sql immutable strict parallel safe return nullif(rpad(s, ora.whole(n), fill), '');
create function ora.ltrim(s text) returns text
language sql immutable strict parallel safe return nullif(ltrim(s), '');
create function ora.ltrim(s text, characters text) returns text
language sql immutable strict parallel safe return nullif(ltrim(s, characters), '');
create function ora.rtrim(s text) returns text
language sql immutable strict parallel safe return nullif(rtrim(s), '');
create function ora.rtrim(s text, characters text) returns text
language sql immutable strict parallel safe return nullif(rtrim(s, characters), '');
create function ora.trim(s text) returns text
language sql immutable strict parallel safe return nullif(btrim(s), '');
create function ora.trim(s text, letter text) returns text
language sql immutable strict parallel safe return nullif(btrim(s, letter), '');
create function ora.replace(s text, part text) returns text
language sql immutable parallel safe return nullif(replace(s, coalesce(part, ''), ''), '');
create function ora.replace(s text, part text, by text) returns text
language sql immutable parallel safe
return nullif(replace(s, coalesce(part, ''), coalesce(by, '')), '');
create function ora.translate(s text, given text, wanted text) returns text
language sql immutable strict parallel safe return nullif(translate(s, given, wanted), '');
create function ora.ascii(s text) returns numeric
language sql immutable strict parallel safe return ascii(s)::numeric;
create function ora.chr(n numeric) returns text
language sql immutable strict parallel safe return chr(n::int);
create function ora.cast_text(s text, n numeric) returns text
language sql immutable strict parallel safe return nullif(left(s, n::int), '');
create function ora.to_nchar(s text) returns text
language sql immutable strict parallel safe return s;
create function ora.to_clob(s text) returns ora.clob
language sql immutable strict parallel safe return s::ora.clob;
create function ora.to_blob(s bytea) returns ora.blob
language sql immutable strict parallel safe return s::ora.blob;
create function ora.empty_clob() returns ora.clob
language sql immutable parallel safe return ''::text::ora.clob;
create function ora.empty_blob() returns ora.blob
language sql immutable parallel safe return ''::bytea::ora.blob;

-- A LIKE pattern with another escape character than PostgreSQL's.
create function ora.like_pattern(pattern text, escape text) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    result text := '';
    c text;
    i int := 1;
begin
    if length(escape) <> 1 then
        perform ora.raise(1425, 'escape character must be character string of length 1');
    end if;
    while i <= length(pattern) loop
        c := substr(pattern, i, 1);
        if c = escape then
            i := i + 1;
            c := substr(pattern, i, 1);
            if c not in ('%', '_', escape) or c = '' then
                perform ora.raise(1424, 'missing or illegal character following the escape character');
            end if;
            result := result || '\' || c;
        else
            result := result || case when c = '\' then '\\' else c end;
        end if;
        i := i + 1;
    end loop;
    return result;
end
$$;

-- Oracle's match parameter as PostgreSQL's flags: there '.' does not match a newline unless asked to.
create function ora.regexp_flags(match text) returns text
language sql immutable parallel safe
return (case when match like '%i%' then 'i' else 'c' end)
    || (case when match like '%x%' then 'x' else '' end)
    || case
        when match like '%n%' and match like '%m%' then 'w'
        when match like '%n%' then 's'
        when match like '%m%' then 'n'
        else 'p'
    end;
create function ora.regexp_like(s text, pattern text) returns boolean
language sql immutable strict parallel safe return regexp_like(s, pattern, 'p');
create function ora.regexp_like(s text, pattern text, match text) returns boolean
language sql immutable parallel safe return regexp_like(s, pattern, ora.regexp_flags(match));
create function ora.regexp_substr(
    s text, pattern text, place numeric default 1, occurrence numeric default 1,
    match text default null, part numeric default 0
) returns text
language sql immutable parallel safe
return nullif(regexp_substr(s, pattern, place::int, occurrence::int, ora.regexp_flags(match), part::int), '');
create function ora.regexp_instr(
    s text, pattern text, place numeric default 1, occurrence numeric default 1,
    behind numeric default 0, match text default null, part numeric default 0
) returns numeric
language sql immutable parallel safe
return regexp_instr(s, pattern, place::int, occurrence::int, behind::int, ora.regexp_flags(match), part::int)::numeric;
create function ora.regexp_replace(
    s text, pattern text, by text default null, place numeric default 1, occurrence numeric default 0,
    match text default null
) returns text
language sql immutable parallel safe
return nullif(regexp_replace(s, pattern, coalesce(by, ''), place::int, occurrence::int, ora.regexp_flags(match)), '');
create function ora.regexp_count(
    s text, pattern text, place numeric default 1, match text default null
) returns numeric
language sql immutable parallel safe
return regexp_count(s, pattern, place::int, ora.regexp_flags(match))::numeric;

-- ---- RAW and LOBs ----

create function ora.rawtohex(value bytea) returns text
language sql immutable strict parallel safe return nullif(upper(encode(value, 'hex')), '');
create function ora.hextoraw(value text) returns bytea
language sql immutable strict parallel safe
return case
    when value ~ '^[0-9A-Fa-f]*$'
        then decode(case when mod(length(value), 2) = 1 then '0' || value else value end, 'hex')
    else ora.raise(1465, 'invalid hex number')::bytea
end;
create cast (bytea as text) with function ora.rawtohex(bytea) as assignment;
create function ora.sys_guid() returns bytea
language sql volatile parallel safe return decode(replace(gen_random_uuid()::text, '-', ''), 'hex');
create function ora.utl_raw_cast_to_raw(value text) returns bytea
language sql immutable strict parallel safe return convert_to(value, 'UTF8');
create function ora.utl_raw_cast_to_varchar2(value bytea) returns text
language sql immutable strict parallel safe return nullif(convert_from(value, 'UTF8'), '');
create function ora.utl_raw_length(value bytea) returns numeric
language sql immutable strict parallel safe return octet_length(value)::numeric;
create function ora.utl_raw_concat(variadic items bytea[]) returns bytea
language sql immutable parallel safe
return (select string_agg(i, ''::bytea) from unnest(items) as i);

create function ora.dbms_lob_getlength(value ora.clob) returns numeric
language sql immutable strict parallel safe return length(value::text)::numeric;
create function ora.dbms_lob_getlength(value ora.blob) returns numeric
language sql immutable strict parallel safe return octet_length(value::bytea)::numeric;
create function ora.dbms_lob_getlength(value text) returns numeric
language sql immutable strict parallel safe return length(value)::numeric;
create function ora.dbms_lob_substr(value ora.clob, amount numeric default 32767, place numeric default 1)
returns text
language sql immutable strict parallel safe
return case when amount >= 1 and place >= 1
    then nullif(substr(value::text, ora.whole(place), ora.whole(amount)), '') end;
create function ora.dbms_lob_substr(value text, amount numeric default 32767, place numeric default 1)
returns text
language sql immutable strict parallel safe
return case when amount >= 1 and place >= 1
    then nullif(substr(value, ora.whole(place), ora.whole(amount)), '') end;
create function ora.dbms_lob_substr(value ora.blob, amount numeric default 32767, place numeric default 1)
returns bytea
language sql immutable strict parallel safe
return case when amount >= 1 and place >= 1
    then nullif(substr(value::bytea, ora.whole(place), ora.whole(amount)), '') end;
create function ora.dbms_lob_instr(value ora.clob, part text, place numeric default 1, occurrence numeric default 1)
returns numeric
language sql immutable strict parallel safe
return ora.instr(value::text, part, place, occurrence);

create function ora.standard_hash(value bytea, method text default 'SHA1') returns bytea
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
begin
    case upper(method)
        when 'MD5' then return decode(md5(value), 'hex');
        when 'SHA256' then return sha256(value);
        when 'SHA384' then return sha384(value);
        when 'SHA512' then return sha512(value);
        else perform ora.raise(3001, 'unimplemented feature: STANDARD_HASH with ' || method);
    end case;
    return null;
end
$$;
create function ora.standard_hash(value text, method text default 'SHA1') returns bytea
language sql immutable strict parallel safe
return ora.standard_hash(convert_to(value, 'UTF8'), method);
create function ora.ora_hash(value text, buckets numeric default 4294967295, seed numeric default 0)
returns numeric
language sql immutable strict parallel safe
return mod(hashtextextended(value, seed::bigint)::numeric + 9223372036854775808, buckets + 1);
create function ora.ora_hash(value numeric, buckets numeric default 4294967295, seed numeric default 0)
returns numeric
language sql immutable strict parallel safe
return ora.ora_hash(ora.to_char(value), buckets, seed);

create function ora.dbms_random_value() returns numeric
language sql volatile return random()::numeric;
create function ora.dbms_random_value(low numeric, high numeric) returns numeric
language sql volatile return low + random()::numeric * (high - low);

-- ---- the session ----

create function ora.user_name() returns text
language sql stable parallel safe return nullif(current_setting('ora.user', true), '');
create function ora.user_number() returns numeric
language sql stable parallel safe
return (select u.user_id::numeric from localdb.users as u where u.name = ora.user_name());
create function ora.sys_context(namespace text, name text) returns text
language sql stable strict parallel safe
return case
    when upper(namespace) <> 'USERENV' then null
    when upper(name) in ('SESSION_USER', 'CURRENT_USER', 'USER', 'AUTHENTICATED_IDENTITY')
        then ora.user_name()
    when upper(name) = 'DB_NAME' then 'LOCALDB'
    when name ~ '^[A-Za-z_#]+$' then nullif(current_setting('ora.' || lower(translate(name, '#', '')), true), '')
end;
create function ora.sys_context(namespace text, name text, size numeric) returns text
language sql stable strict parallel safe return left(ora.sys_context(namespace, name), size::int);
create function ora.userenv(name text) returns text
language sql stable strict parallel safe return ora.sys_context('USERENV', name);

-- ---- JSON ----

-- In PL/pgSQL: the planner would read a constant before it knows whether it is JSON.
create function ora.json(value text) returns jsonb
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
begin
    if pg_input_is_valid(value, 'jsonb') then
        return value::jsonb;
    end if;
    return null;
end
$$;
create function ora.json(value bytea) returns jsonb
language sql immutable strict parallel safe return ora.json(convert_from(value, 'UTF8'));
create function ora.json(value jsonb) returns jsonb
language sql immutable strict parallel safe return value;
create function ora.json_strict(value text) returns jsonb
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
begin
    if not pg_input_is_valid(value, 'jsonb') then
        perform ora.raise(40441, 'JSON syntax error');
    end if;
    return value::jsonb;
end
$$;
create function ora.json_strict(value jsonb) returns jsonb
language sql immutable strict parallel safe return value;
create function ora.is_json(value text, kind text) returns boolean
language sql immutable parallel safe
return case
    when value is null then null
    when not pg_input_is_valid(value, 'json') then false
    when kind = 'object' then value is json object
    when kind = 'array' then value is json array
    when kind = 'scalar' then value is json scalar
    -- Before 21c a scalar alone was no JSON; now it is.
    else true
end;

-- Without blanks, as Oracle writes JSON; a scalar only where it may be one.
create function ora.json_text(value jsonb, scalars boolean) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
begin
    case jsonb_typeof(value)
        when 'object' then
            return '{' || coalesce((
                select string_agg(to_json(e.key)::text || ':' || ora.json_text(e.value, true), ',')
                from jsonb_each(value) as e
            ), '') || '}';
        when 'array' then
            return '[' || coalesce((
                select string_agg(ora.json_text(e.value, true), ',' order by e.number)
                from jsonb_array_elements(value) with ordinality as e (value, number)
            ), '') || ']';
        else
            return case when scalars then value::text end;
    end case;
end
$$;

-- A value as it stands in JSON.
create function ora.json_item(value text) returns text
language sql immutable parallel safe return to_json(value)::text;
create function ora.json_item(value numeric) returns text
language sql immutable parallel safe
return case when value > -1 and value < 1 then trim_scale(value)::text else ora.to_char(value) end;
create function ora.json_item(value int) returns text
language sql immutable parallel safe return value::text;
create function ora.json_item(value boolean) returns text
language sql immutable parallel safe return value::text;
create function ora.json_item(value ora.date) returns text
language sql stable parallel safe return to_json(to_char(value::timestamp, 'YYYY-MM-DD"T"HH24:MI:SS'))::text;
create function ora.json_item(value timestamp) returns text
language sql stable parallel safe return to_json(to_char(value, 'YYYY-MM-DD"T"HH24:MI:SS.US'))::text;
create function ora.json_item(value timestamptz) returns text
language sql stable parallel safe
return to_json(to_char(timezone('UTC', value), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))::text;
create function ora.json_item(value bytea) returns text
language sql immutable parallel safe return to_json(upper(encode(value, 'hex')))::text;

create function ora.json_object(keys text[], items text[], absent boolean) returns text
language sql immutable parallel safe
return case when keys is not null then '{' || coalesce((
    select string_agg(to_json(i.key)::text || ':' || coalesce(i.item, 'null'), ',' order by i.number)
    from unnest(keys, items) with ordinality as i (key, item, number)
    where i.item is not null or not absent
), '') || '}' end;
create function ora.json_array(items text[], absent boolean) returns text
language sql immutable parallel safe
return case when items is not null then '[' || coalesce((
    select string_agg(coalesce(i.item, 'null'), ',' order by i.number)
    from unnest(items) with ordinality as i (item, number)
    where i.item is not null or not absent
), '') || ']' end;

set local search_path = ora, pg_catalog;
