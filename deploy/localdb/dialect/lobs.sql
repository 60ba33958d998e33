-- RAW, LOBs, hashes and random numbers.

set local search_path = pg_catalog;

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

-- ---- DUMP ----

create function ora.bytes_of(data bytea) returns integer[]
language sql immutable strict parallel safe
return (select array_agg(get_byte(data, i) order by i) from generate_series(0, octet_length(data) - 1) as i);
-- Two decimal digits a byte, behind the power of a hundred.
create function ora.bytes_of(n numeric) returns integer[]
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    whole text := split_part(abs(n)::text, '.', 1);
    rest text := split_part(trim_scale(abs(n))::text, '.', 2);
    digits text;
    pairs integer[];
    power integer;
begin
    if n = 0 then
        return array[128];
    end if;
    whole := case when mod(length(whole), 2) = 1 then '0' || whole else whole end;
    rest := case when mod(length(rest), 2) = 1 then rest || '0' else rest end;
    digits := whole || rest;
    power := length(whole) / 2 - 1;
    while left(digits, 2) = '00' loop
        digits := substr(digits, 3);
        power := power - 1;
    end loop;
    while right(digits, 2) = '00' loop
        digits := left(digits, -2);
    end loop;
    pairs := array(
        select case when n > 0 then substr(digits, i, 2)::int + 1 else 101 - substr(digits, i, 2)::int end
        from generate_series(1, length(digits), 2) as i
    );
    if n > 0 then
        return (193 + power) || pairs;
    end if;
    return (62 - power) || pairs || case when cardinality(pairs) < 20 then array[102] else '{}'::int[] end;
end
$$;
create function ora.bytes_of(d ora.date, code integer) returns integer[]
language sql immutable strict parallel safe
return (select case code
    when 12 then array[y / 100 + 100, y % 100 + 100, m, dd, h + 1, mi + 1, s + 1]
    else array[y % 256, y / 256, m, dd, h, mi, s, 0]
end from (select extract(year from t)::int, extract(month from t)::int, extract(day from t)::int,
    extract(hour from t)::int, extract(minute from t)::int, extract(second from t)::int
    from (select d::timestamp) as x (t)) as p (y, m, dd, h, mi, s));
create function ora.dump_bytes(
    data integer[], code integer, style numeric default 10, start numeric default 1, size numeric default null
) returns text
language sql immutable parallel safe
return (
    select coalesce('Typ=' || code || ' Len=' || cardinality(data)
        || case when style > 1000 and code in (1, 96) then ' CharacterSet=AL32UTF8' else '' end || ': '
        || (select string_agg(case mod(style, 1000)
            when 8 then ltrim(((byte / 64) * 100 + (byte / 8 % 8) * 10 + byte % 8)::text)
            when 16 then to_hex(byte)
            when 17 then case when byte between 32 and 126 then chr(byte) else to_hex(byte) end
            else byte::text
        end, ',' order by place)
        from unnest(data) with ordinality as b (byte, place)
        where place >= start and (size is null or place < start + size)), 'NULL')
);
do $$
declare
    kind text;
begin
    for kind in values ('text'), ('bpchar'), ('bytea'), ('numeric'), ('ora.date') loop
        execute format(
            'create function ora.dump(value %s, code integer, style numeric default 10, start numeric default 1,'
            ' size numeric default null) returns text language sql immutable parallel safe'
            ' return ora.dump_bytes(ora.bytes_of(%s), code, style, start, size)',
            kind,
            case kind when 'text' then 'textsend(value)' when 'bpchar' then 'bpcharsend(value)'
                when 'ora.date' then 'value, code' else 'value' end);
    end loop;
end
$$;
create function ora.rawtonhex(value bytea) returns text
language sql immutable strict parallel safe return ora.rawtohex(value);
create function ora.to_nclob(value text) returns ora.clob
language sql immutable strict parallel safe return value::ora.clob;

set local search_path = ora, pg_catalog;
