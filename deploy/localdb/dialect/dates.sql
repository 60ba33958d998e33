-- Arithmetic with dates, times and intervals.

set local search_path = pg_catalog;

create function ora.days(n numeric) returns interval
language sql immutable strict parallel safe
return make_interval(secs => round(n * 86400)::float8);

-- Months lead to the same day of another month, or nowhere.
create function ora.time_plus(t timestamp, i interval) returns timestamp
language sql immutable strict parallel safe
return case
    when extract(month from i) = 0 and extract(year from i) = 0
        or extract(day from t + i) = extract(day from t) then t + i
    else ora.raise(1839, 'date not valid for month specified')::timestamp
end;
create function ora.time_minus(t timestamp, i interval) returns timestamp
language sql immutable strict parallel safe
return ora.time_plus(t, -i);
create operator ora.+ (leftarg = timestamp, rightarg = interval, function = ora.time_plus);
create operator ora.- (leftarg = timestamp, rightarg = interval, function = ora.time_minus);

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
return ora.cut_seconds('second', ora.time_plus(d::timestamp, i));
create function ora.date_minus(d ora.date, i interval) returns ora.date
language sql immutable strict parallel safe
return ora.cut_seconds('second', ora.time_plus(d::timestamp, -i));
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
-- RANGE BETWEEN ... PRECEDING over dates.
create function ora.in_range(value ora.date, base ora.date, away interval, back boolean, below boolean)
returns boolean language internal immutable strict parallel safe as 'in_range_timestamp_interval';
create function ora.in_range(value ora.date, base ora.date, days numeric, back boolean, below boolean)
returns boolean language sql immutable strict parallel safe
return ora.in_range(value, base, ora.days(days), back, below);
alter operator family ora.date_ops using btree add
    function 3 (ora.date, interval) ora.in_range(ora.date, ora.date, interval, boolean, boolean),
    function 3 (ora.date, numeric) ora.in_range(ora.date, ora.date, numeric, boolean, boolean);

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

set local search_path = ora, pg_catalog;
