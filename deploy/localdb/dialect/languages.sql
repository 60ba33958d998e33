-- National languages: names of months and days, and what the NLS argument of a conversion sets.
-- Source: Database Globalization Support Guide 19c; SQL Language Reference 19c, TO_CHAR, TO_DATE, TO_NUMBER.

-- The value of a setting in text like NLS_DATE_LANGUAGE = SPANISH; null: it is not there.
create function ora.nls_setting(nls text, name text) returns text
language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
    c_setting constant text := '^\s*(\w+)\s*=\s*(?:''((?:[^'']|'''')*)''|"([^"]*)"|([^\s,'']+))\s*,?\s*';
    rest text := nls;
    parts text[];
    found text;
begin
    while rest <> '' loop
        parts := regexp_match(rest, c_setting);
        if parts is null or upper(parts[1]) not in (
            'NLS_DATE_LANGUAGE', 'NLS_NUMERIC_CHARACTERS', 'NLS_CURRENCY', 'NLS_ISO_CURRENCY', 'NLS_DUAL_CURRENCY'
        ) then
            perform ora.raise(12702, 'invalid NLS parameter string used in SQL function');
        end if;
        if upper(parts[1]) = name then
            found := replace(coalesce(parts[2], parts[3], parts[4]), '''''', '''');
        end if;
        rest := regexp_replace(rest, c_setting, '');
    end loop;
    return found;
end
$$;

-- What an argument says, else the session.
create function ora.date_language(nls text) returns text
language sql stable parallel safe
return upper(coalesce(
    case when nls <> '' then ora.nls_setting(nls, 'NLS_DATE_LANGUAGE') end,
    nullif(current_setting('ora.nls_date_language', true), ''),
    nullif(current_setting('ora.nls_language', true), ''),
    'AMERICAN'
));

-- Names from January and Sunday on: months, their abbreviations, days, their abbreviations.
create function ora.calendar_names(language text) returns text[]
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
begin
    case
        when language in ('AMERICAN', 'ENGLISH') then
            return array[
                'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September',
                'October', 'November', 'December',
                'Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec',
                'Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday',
                'Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'
            ];
        when language in ('SPANISH', 'LATIN AMERICAN SPANISH', 'MEXICAN SPANISH') then
            return array[
                'Enero', 'Febrero', 'Marzo', 'Abril', 'Mayo', 'Junio', 'Julio', 'Agosto', 'Septiembre',
                'Octubre', 'Noviembre', 'Diciembre',
                'Ene', 'Feb', 'Mar', 'Abr', 'May', 'Jun', 'Jul', 'Ago', 'Sep', 'Oct', 'Nov', 'Dic',
                'Domingo', 'Lunes', 'Martes', 'Miércoles', 'Jueves', 'Viernes', 'Sábado',
                'Dom', 'Lun', 'Mar', 'Mié', 'Jue', 'Vie', 'Sáb'
            ];
        else
            perform ora.raise(3001, 'unimplemented feature: NLS_DATE_LANGUAGE ' || language);
    end case;
    return null;
end
$$;

-- A date format with the names of months and days in a language in place of their elements.
create function ora.format_in(format text, value timestamp, language text) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    names text[] := ora.calendar_names(language);
    rest text := format;
    result text := '';
    fill boolean := true;
    found text;
    name text;
    width int;
begin
    while rest <> '' loop
        found := coalesce(
            substring(rest from '^"[^"]*"'),
            substring(rest from '(?i)^(?:F[MX]|MONTH|MON|DAY|DY)'),
            left(rest, 1)
        );
        rest := substr(rest, length(found) + 1);
        width := 0;
        case upper(found)
            when 'FM' then
                fill := not fill;
                name := null;
            when 'MONTH' then
                name := names[extract(month from value)];
                width := (select max(length(n)) from unnest(names[1 : 12]) as n);
            when 'MON' then
                name := names[12 + extract(month from value)];
            when 'DAY' then
                name := names[25 + extract(dow from value)];
                width := (select max(length(n)) from unnest(names[25 : 31]) as n);
            when 'DY' then
                name := names[32 + extract(dow from value)];
            else
                name := null;
        end case;
        if name is null then
            result := result || found;
            continue;
        end if;
        -- The letters' case is that of the element.
        name := case when found = lower(found) then lower(name) when found = initcap(found) then name else upper(name) end;
        result := result || '"' || case when fill then rpad(name, greatest(width, length(name))) else name end || '"';
    end loop;
    return result;
end
$$;

-- A text of a time with the names of months in English; days of the week are dropped with their element.
create function ora.text_from(value text, language text) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    names text[] := ora.calendar_names(language);
    english text[] := ora.calendar_names('AMERICAN');
    result text := value;
begin
    -- Longer names first: a month's abbreviation is the beginning of its name.
    for i in 1 .. 12 loop
        result := regexp_replace(result, '\m' || names[i] || '\M', english[i], 'i');
    end loop;
    for i in 1 .. 12 loop
        result := regexp_replace(result, '\m' || names[12 + i] || '\M', english[12 + i], 'i');
    end loop;
    for i in 25 .. 38 loop
        result := regexp_replace(result, '\m' || names[i] || '\M', english[i], 'i');
    end loop;
    return result;
end
$$;

-- Decimal character and group separator of an argument; null: those of the session, which are '.,'.
create function ora.numeric_characters(nls text) returns text
language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
    found text := ora.nls_setting(nls, 'NLS_NUMERIC_CHARACTERS');
begin
    if found is not null and (length(found) <> 2 or left(found, 1) = right(found, 1)) then
        perform ora.raise(12702, 'invalid NLS parameter string used in SQL function');
    end if;
    return found;
end
$$;
