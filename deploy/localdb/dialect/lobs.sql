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

set local search_path = ora, pg_catalog;
