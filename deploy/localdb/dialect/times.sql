-- Zones, the present time, and the formats of dates and times.

set local search_path = pg_catalog;

-- ---- zones and now ----

create function ora.session_time_zone() returns text
language sql stable parallel safe
return coalesce(nullif(current_setting('ora.time_zone', true), ''), '+00:00');
create function ora.database_time_zone() returns text
language sql immutable parallel safe
return '+00:00';

-- A region as it is written, from any case; NULL: an offset.
create function ora.region_name(zone text) returns text
language plpgsql stable strict parallel safe set search_path = pg_catalog as $$
declare
    found text;
begin
    if zone ~ '^\s*[+-]?\d\d?:\d\d\s*$' then
        return null;
    end if;
    select r.name into found from localdb.regions as r where r.upper_name = upper(btrim(zone));
    if found is null then
        perform ora.raise(1882, 'timezone region not found');
    end if;
    return found;
end
$$;

-- '+02:00' is east of Greenwich here; to PostgreSQL as a name it would be west.
create function ora.at_zone(value timestamptz, zone text) returns timestamp
language sql stable strict parallel safe
return case
    when zone ~ '^\s*[+-]?\d\d?:\d\d\s*$' then timezone(zone::interval, value)
    else timezone(ora.region_name(zone), value)
end;
create function ora.at_zone(value timestamp, zone text) returns timestamp
language sql stable strict parallel safe
return ora.at_zone(value::timestamptz, zone);
create function ora.utc_now() returns timestamp
language sql stable parallel safe
return timezone('UTC', statement_timestamp());
create function ora.sys_extract_utc(value timestamptz) returns timestamp
language sql immutable strict parallel safe
return timezone('UTC', value);
create function ora.tz_offset(zone text) returns text
language sql stable strict parallel safe
return (
    select case when m < 0 then '-' else '+' end || to_char(make_interval(mins => abs(m)), 'HH24:MI')
    from (
        select (extract(epoch from ora.at_zone(statement_timestamp(), zone) - timezone('UTC', statement_timestamp())) / 60)::int
    ) as away (m)
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
            when word in ('TZR', 'TZD', 'TZH', 'TZM') then result := result || word;
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

-- Of a time whose zone is an offset.
create function ora.zoned_format(format text) returns text
language sql immutable strict parallel safe
return replace(replace(format, 'TZR', 'TZH:TZM'), 'TZD', '');

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

-- The format, its names of months and days as literals where they are not English.
create function ora.spoken_format(format text, value timestamp, nls text) returns text
language sql stable strict parallel safe
return case
    when ora.date_language(nls) in ('AMERICAN', 'ENGLISH') then format
    else ora.format_in(format, value, ora.date_language(nls))
end;
-- The text of a time, its names in English.
create function ora.unspoken(value text, nls text) returns text
language sql stable strict parallel safe
return case
    when ora.date_language(nls) in ('AMERICAN', 'ENGLISH') then value
    else ora.text_from(value, ora.date_language(nls))
end;
create function ora.to_char(value timestamp, format text) returns text
language sql stable strict parallel safe
return to_char(value, ora.time_format(ora.spoken_format(format, value::timestamp, '')));
create function ora.to_char(value timestamptz, format text) returns text
language sql stable strict parallel safe
return to_char(value, ora.zoned_format(ora.time_format(ora.spoken_format(format, value::timestamp, ''))));
create function ora.to_char(value ora.date, format text) returns text
language sql stable strict parallel safe
return to_char(value::timestamp, ora.time_format(ora.spoken_format(format, value::timestamp, '')));
create function ora.to_char(value ora.date) returns text
language sql stable strict parallel safe
return ora.to_char(value, ora.date_format());
create function ora.to_char(value timestamp) returns text
language sql stable strict parallel safe
return ora.to_char(value, ora.timestamp_format());
create function ora.to_char(value timestamptz) returns text
language sql stable strict parallel safe
return ora.to_char(value, ora.timestamp_tz_format());
create function ora.to_char(value ora.date, format text, nls text) returns text
language sql stable parallel safe
return to_char(value::timestamp, ora.time_format(ora.spoken_format(format, value::timestamp, coalesce(nls, ''))));
create function ora.to_char(value timestamp, format text, nls text) returns text
language sql stable parallel safe
return to_char(value, ora.time_format(ora.spoken_format(format, value::timestamp, coalesce(nls, ''))));
create function ora.to_char(value timestamptz, format text, nls text) returns text
language sql stable parallel safe
return to_char(value, ora.zoned_format(ora.time_format(ora.spoken_format(format, value::timestamp, coalesce(nls, '')))));
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

-- A text read by an Oracle date format.
create function ora.read_time(
    value text, format text, out stamp timestamp, out away interval, out zone text,
    out abbreviation text
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
            found := substring(rest from '^[[:alnum:]_/:+-]+');
            if found is null then
                perform ora.raise(1882, 'timezone region not found');
            end if;
            if word = 'TZR' then
                zone := found;
            else
                abbreviation := found;
            end if;
            rest := substr(rest, length(found) + 1);
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
return ora.as_date((select r.stamp from ora.read_time(ora.unspoken(value, ''), format) as r));
create function ora.to_date(value text) returns ora.date
language sql stable strict parallel safe
return ora.to_date(value, ora.date_format());
create function ora.to_date(value text, format text, nls text) returns ora.date
language sql stable parallel safe
return ora.as_date(
    (select r.stamp from ora.read_time(ora.unspoken(value, coalesce(nls, '')), format) as r)
);
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
return (select r.stamp from ora.read_time(ora.unspoken(value, ''), format) as r);
create function ora.to_timestamp(value text) returns timestamp
language sql stable strict parallel safe
return ora.to_timestamp(value, ora.timestamp_format());
create function ora.to_timestamp(value text, format text, nls text) returns timestamp
language sql stable parallel safe
return (select r.stamp from ora.read_time(ora.unspoken(value, coalesce(nls, '')), format) as r);
create function ora.to_timestamp(value timestamp) returns timestamp
language sql immutable strict parallel safe
return value;

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

set local search_path = ora, pg_catalog;
