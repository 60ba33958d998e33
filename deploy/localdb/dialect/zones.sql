-- TIMESTAMP WITH TIME ZONE: a time on the clock of a zone, which it keeps.
--
-- ora.tstz is a text of one form, '2024-01-01 10:00:00.000000+02:00', behind which stands a region where
-- the zone is one, ' Europe/Madrid', and compares by the instant. SYSTIMESTAMP, which is seldom stored with its zone, stays
-- PostgreSQL's timestamptz; the one becomes the other where it is assigned.

set local search_path = pg_catalog;

create type ora.tstz;
create function ora.tstz_in(cstring) returns ora.tstz
language internal immutable strict parallel safe as 'textin';
create function ora.tstz_out(ora.tstz) returns cstring
language internal immutable strict parallel safe as 'textout';
create function ora.tstz_recv(internal) returns ora.tstz
language internal stable strict parallel safe as 'textrecv';
create function ora.tstz_send(ora.tstz) returns bytea
language internal stable strict parallel safe as 'textsend';
create type ora.tstz (
    input = ora.tstz_in,
    output = ora.tstz_out,
    receive = ora.tstz_recv,
    send = ora.tstz_send,
    internallength = variable,
    alignment = int4,
    storage = main,
    category = 'D'
);
-- The form itself, not what Oracle would show.
create function ora.tstz_text(ora.tstz) returns text
language internal immutable strict parallel safe as 'rtrim1';

create function ora.instant(value ora.tstz) returns timestamptz
language sql immutable strict parallel safe return left(ora.tstz_text(value), 32)::timestamptz;
-- What the zone's clock shows.
create function ora.wall_clock(value ora.tstz) returns timestamp
language sql immutable strict parallel safe
return timestamp_in(textout(left(ora.tstz_text(value), 26)), 0, -1);
create function ora.wall_clock(value timestamptz) returns timestamp
language sql stable strict parallel safe return value::timestamp;
create function ora.wall_clock(value timestamp) returns timestamp
language sql immutable strict parallel safe return value;
create function ora.wall_clock(value ora.date) returns timestamp
language sql immutable strict parallel safe return value::timestamp;
create function ora.away(value ora.tstz) returns interval
language sql immutable strict parallel safe
return substr(ora.tstz_text(value), 27, 6)::interval;
-- The name of its region; NULL: it has an offset.
create function ora.region(value ora.tstz) returns text
language sql immutable strict parallel safe
return nullif(substr(ora.tstz_text(value), 34), '');
create function ora.with_region(value ora.tstz, region text) returns ora.tstz
language sql immutable parallel safe
return ora.tstz_in(textout(left(ora.tstz_text(value), 32) || coalesce(' ' || region, '')));
create function ora.with_offset(shown timestamp, away interval) returns ora.tstz
language sql immutable strict parallel safe
return ora.tstz_in(textout(
    to_char(shown, 'YYYY-MM-DD HH24:MI:SS.US')
    || case when away < interval '0' then '-' else '+' end
    || to_char(abs(extract(epoch from away)) * interval '1 second', 'HH24:MI')
));
create function ora.at_offset(value timestamptz, away interval) returns ora.tstz
language sql immutable strict parallel safe
return ora.with_offset(timezone('UTC', value) + away, away);

-- 'CEST'; NULL: it has no region. PostgreSQL tells it of the zone of its own setting alone.
create function ora.abbreviation(value ora.tstz) returns text
language plpgsql stable strict set search_path = pg_catalog as $$
declare
    before text := current_setting('TimeZone');
    found text;
begin
    if ora.region(value) is null then
        return null;
    end if;
    perform set_config('TimeZone', ora.region(value), true);
    found := to_char(ora.instant(value), 'TZ');
    perform set_config('TimeZone', before, true);
    return found;
end
$$;

-- AT TIME ZONE.
create function ora.in_zone(value timestamptz, zone text) returns ora.tstz
language sql stable strict parallel safe
return ora.with_region(ora.at_offset(value, ora.at_zone(value, zone) - timezone('UTC', value)), ora.region_name(zone));
-- What has been moved, on its zone's clock.
create function ora.settled(value ora.tstz, region text) returns ora.tstz
language sql stable parallel safe
return case when region is null then value else ora.in_zone(ora.instant(value), region) end;
create function ora.in_zone(value timestamptz, zone interval) returns ora.tstz
language sql immutable strict parallel safe return ora.at_offset(value, zone);
create function ora.from_tz(value timestamp, zone text) returns ora.tstz
language plpgsql stable strict parallel safe set search_path = pg_catalog as $$
declare
    region text := ora.region_name(zone);
    found ora.tstz;
begin
    if region is null then
        return ora.in_zone(timezone(zone::interval, value), zone);
    end if;
    -- Of a time that comes twice this is the standard one.
    found := ora.in_zone(timezone(region, value), region);
    if ora.wall_clock(found) <> value then
        perform ora.raise(1878, 'specified field not found in datetime or interval');
    end if;
    return found;
end
$$;
-- Which of two times is meant, by the zone's abbreviation.
create function ora.from_tz(value timestamp, zone text, abbreviation text) returns ora.tstz
language plpgsql stable strict set search_path = pg_catalog as $$
declare
    found ora.tstz := ora.from_tz(value, zone);
    earlier ora.tstz;
begin
    if ora.abbreviation(found) = upper(abbreviation) then
        return found;
    end if;
    earlier := ora.in_zone(ora.instant(found) - interval '1 hour', zone);
    if ora.wall_clock(earlier) <> value or ora.abbreviation(earlier) <> upper(abbreviation) then
        perform ora.raise(1857, 'not a valid time zone');
    end if;
    return earlier;
end
$$;
create function ora.current_timestamp() returns ora.tstz
language sql stable parallel safe
return ora.in_zone(statement_timestamp(), ora.session_time_zone());

create function ora.to_timestamp_tz(value text, format text) returns ora.tstz
language plpgsql stable strict parallel safe set search_path = pg_catalog as $$
declare
    r record;
begin
    select * into r from ora.read_time(ora.unspoken(value, ''), format);
    if r.away is not null then
        return ora.with_offset(r.stamp, r.away);
    end if;
    if r.abbreviation is not null and r.zone is not null then
        return ora.from_tz(r.stamp, r.zone, r.abbreviation);
    end if;
    return ora.from_tz(r.stamp, coalesce(r.zone, ora.session_time_zone()));
end
$$;
create function ora.to_timestamp_tz(value text) returns ora.tstz
language sql stable strict parallel safe
return ora.to_timestamp_tz(value, ora.timestamp_tz_format());
create function ora.to_timestamp_tz(value text, format text, nls text) returns ora.tstz
language sql stable parallel safe
return ora.to_timestamp_tz(ora.unspoken(value, coalesce(nls, '')), format);
create function ora.to_timestamp_tz(value timestamptz) returns ora.tstz
language sql stable strict parallel safe
return ora.at_offset(value, value::timestamp - timezone('UTC', value));

-- ---- conversions ----

create function ora.as_tstz(value timestamptz) returns ora.tstz
language sql stable strict parallel safe
return ora.at_offset(value, value::timestamp - timezone('UTC', value));
-- A time without a zone is one of the session's.
create function ora.as_tstz(value timestamp) returns ora.tstz
language sql stable strict parallel safe
return ora.from_tz(value, ora.session_time_zone());
create function ora.as_tstz(value ora.date) returns ora.tstz
language sql stable strict parallel safe
return ora.from_tz(value::timestamp, ora.session_time_zone());
create function ora.as_tstz(value text) returns ora.tstz
language sql stable strict parallel safe
return ora.to_timestamp_tz(value);
create function ora.as_date(value ora.tstz) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('second', ora.wall_clock(value));
create cast (ora.tstz as timestamptz) with function ora.instant(ora.tstz) as implicit;
create cast (timestamptz as ora.tstz) with function ora.as_tstz(timestamptz) as assignment;
create cast (timestamp as ora.tstz) with function ora.as_tstz(timestamp) as implicit;
create cast (ora.date as ora.tstz) with function ora.as_tstz(ora.date) as assignment;
create cast (text as ora.tstz) with function ora.as_tstz(text) as assignment;
create cast (ora.tstz as timestamp) with function ora.wall_clock(ora.tstz) as assignment;
create cast (ora.tstz as ora.date) with function ora.as_date(ora.tstz) as assignment;

create function ora.to_char_zoned(value ora.tstz, format text) returns text
language plpgsql stable strict parallel safe set search_path = pg_catalog as $$
declare
    shown timestamp := ora.wall_clock(value);
    f text := ora.time_format(ora.spoken_format(format, shown, ''));
    minutes int := (extract(epoch from ora.away(value)) / 60)::int;
    region text := ora.region(value);
begin
    if f ~ 'TZD' then
        f := replace(f, 'TZD', case when region is null then '' else format('"%s"', ora.abbreviation(value)) end);
    end if;
    f := replace(f, 'TZR', case when region is null then 'TZH:TZM' else format('"%s"', region) end);
    f := replace(f, 'TZH', format(
        '"%s%s"', case when minutes < 0 then '-' else '+' end, lpad((abs(minutes) / 60)::text, 2, '0')));
    f := replace(f, 'TZM', format('"%s"', lpad((abs(minutes) % 60)::text, 2, '0')));
    return to_char(shown, f);
end
$$;
create function ora.to_char(value ora.tstz, format text) returns text
language sql stable strict parallel safe
return ora.to_char_zoned(value, format);
create function ora.to_char(value ora.tstz) returns text
language sql stable strict parallel safe
return ora.to_char(value, ora.timestamp_tz_format());
create function ora.to_char(value ora.tstz, format text, nls text) returns text
language sql stable parallel safe
return ora.to_char(value, ora.spoken_format(format, ora.wall_clock(value), coalesce(nls, '')));
create function ora.tstz_shown(value ora.tstz) returns text
language sql stable strict parallel safe
return ora.to_char(value);
create cast (ora.tstz as text) with function ora.tstz_shown(ora.tstz) as assignment;

-- ---- comparison ----

create function ora.tstz_cmp(a ora.tstz, b ora.tstz) returns integer
language sql immutable strict parallel safe
return timestamptz_cmp(ora.instant(a), ora.instant(b));
create function ora.tstz_hash(value ora.tstz) returns integer
language sql immutable strict parallel safe return timestamptz_hash(ora.instant(value));
do $$
declare
    sign text;
    word text;
    mirrored text;
    opposite text;
begin
    for sign, word, mirrored, opposite in
        select * from (values
            ('=', 'eq', '=', '<>'), ('<>', 'ne', '<>', '='), ('<', 'lt', '>', '>='),
            ('<=', 'le', '>=', '>'), ('>', 'gt', '<', '<='), ('>=', 'ge', '<=', '<')
        ) as s
    loop
        execute format(
            'create function ora.tstz_%s(a ora.tstz, b ora.tstz) returns boolean language sql immutable'
            ' strict parallel safe return ora.instant(a) operator(pg_catalog.%s) ora.instant(b)',
            word, sign);
        execute format(
            'create operator ora.%s (leftarg = ora.tstz, rightarg = ora.tstz, function = ora.tstz_%s,'
            ' commutator = operator(ora.%s), negator = operator(ora.%s)%s)',
            sign, word, mirrored, opposite, case sign when '=' then ', hashes, merges' else '' end);
    end loop;
end
$$;
create operator class ora.tstz_ops default for type ora.tstz using btree as
    operator 1 ora.<, operator 2 ora.<=, operator 3 ora.=, operator 4 ora.>=, operator 5 ora.>,
    function 1 ora.tstz_cmp(ora.tstz, ora.tstz);
create operator class ora.tstz_hash_ops default for type ora.tstz using hash as
    operator 1 ora.=,
    function 1 ora.tstz_hash(ora.tstz);
create function ora.tstz_larger(a ora.tstz, b ora.tstz) returns ora.tstz
language sql immutable strict parallel safe
return case when ora.instant(a) >= ora.instant(b) then a else b end;
create function ora.tstz_smaller(a ora.tstz, b ora.tstz) returns ora.tstz
language sql immutable strict parallel safe
return case when ora.instant(a) <= ora.instant(b) then a else b end;
create aggregate ora.max(ora.tstz) (
    sfunc = ora.tstz_larger, stype = ora.tstz, combinefunc = ora.tstz_larger, parallel = safe
);
create aggregate ora.min(ora.tstz) (
    sfunc = ora.tstz_smaller, stype = ora.tstz, combinefunc = ora.tstz_smaller, parallel = safe
);

-- ---- arithmetic ----

create function ora.tstz_plus(value ora.tstz, i interval) returns ora.tstz
language sql stable strict parallel safe
return ora.settled(ora.with_offset(ora.wall_clock(value) + i, ora.away(value)), ora.region(value));
create function ora.tstz_plus(i interval, value ora.tstz) returns ora.tstz
language sql stable strict parallel safe
return ora.settled(ora.with_offset(ora.wall_clock(value) + i, ora.away(value)), ora.region(value));
create function ora.tstz_minus(value ora.tstz, i interval) returns ora.tstz
language sql stable strict parallel safe
return ora.settled(ora.with_offset(ora.wall_clock(value) - i, ora.away(value)), ora.region(value));
create function ora.tstz_minus(a ora.tstz, b ora.tstz) returns interval
language sql immutable strict parallel safe
return ora.instant(a) - ora.instant(b);
create function ora.date_plus(value ora.tstz, n numeric) returns ora.date
language sql immutable strict parallel safe
return ora.date_plus(ora.wall_clock(value), n);
create function ora.date_minus(value ora.tstz, n numeric) returns ora.date
language sql immutable strict parallel safe
return ora.date_minus(ora.wall_clock(value), n);
create operator ora.+ (leftarg = ora.tstz, rightarg = interval, function = ora.tstz_plus);
create operator ora.+ (leftarg = interval, rightarg = ora.tstz, function = ora.tstz_plus);
create operator ora.- (leftarg = ora.tstz, rightarg = interval, function = ora.tstz_minus);
create operator ora.- (leftarg = ora.tstz, rightarg = ora.tstz, function = ora.tstz_minus);
create operator ora.+ (leftarg = ora.tstz, rightarg = numeric, function = ora.date_plus);
create operator ora.- (leftarg = ora.tstz, rightarg = numeric, function = ora.date_minus);

create function ora.trunc(value ora.tstz) returns ora.date
language sql immutable strict parallel safe return ora.trunc(ora.wall_clock(value));
create function ora.trunc(value ora.tstz, unit text) returns ora.date
language sql immutable strict parallel safe return ora.trunc(ora.wall_clock(value), unit);
create function ora.round(value ora.tstz) returns ora.date
language sql immutable strict parallel safe return ora.round(ora.wall_clock(value));
create function ora.round(value ora.tstz, unit text) returns ora.date
language sql immutable strict parallel safe return ora.round(ora.wall_clock(value), unit);

-- Its parts in UTC, but for those of the zone.
create function ora.extract(unit text, value ora.tstz) returns numeric
language sql stable strict parallel safe
return case unit
    when 'timezone_hour' then trunc(extract(epoch from ora.away(value)) / 3600)
    when 'timezone_minute' then trunc(mod(extract(epoch from ora.away(value)), 3600) / 60)
    else trim_scale(pg_catalog.extract(unit, timezone('UTC', ora.instant(value))))
end;
create function ora.extract_zone(unit text, value ora.tstz) returns text
language sql stable strict
return case unit
    when 'timezone_region' then coalesce(ora.region(value), 'UNKNOWN')
    else coalesce(ora.abbreviation(value), 'UNK')
end;

-- A column's fraction digits.
create function ora.cut_fraction(value ora.tstz, digits int) returns ora.tstz
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    shown timestamp := ora.wall_clock(value);
    unit numeric := power(10::numeric, -digits);
    parts numeric := extract(second from shown);
begin
    return ora.with_region(ora.with_offset(
        shown + make_interval(secs => (round(parts / unit) * unit - parts)::float8), ora.away(value)
    ), ora.region(value));
end
$$;

set local search_path = ora, pg_catalog;
