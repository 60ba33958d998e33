-- Text: concatenation, the conversions that Oracle does on its own, and functions.

set local search_path = pg_catalog;

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
        'numeric', 'int4', 'int8', 'float8', 'ora.date', 'timestamp', 'timestamptz', 'ora.tstz', 'interval', 'bytea',
        'bpchar', 'tid'
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
-- How many bytes of a text's beginning are whole characters.
create function ora.whole_size(bytes bytea) returns int
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    size constant int := octet_length(bytes);
    last int := size - 1;
    lead int;
begin
    while last >= 0 and get_byte(bytes, last) & 192 = 128 loop
        last := last - 1;
    end loop;
    if last < 0 then
        return size;
    end if;
    lead := get_byte(bytes, last);
    return case
        when last + case when lead >= 240 then 4 when lead >= 224 then 3 when lead >= 192 then 2 else 1 end > size
            then last
        else size
    end;
end
$$;
-- Bytes cut out of a text: blanks stand for the parts of a character at both ends.
create function ora.cut_out(bytes bytea) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    size constant int := octet_length(bytes);
    whole constant int := ora.whole_size(bytes);
    first int := 0;
begin
    while first < whole and get_byte(bytes, first) & 192 = 128 loop
        first := first + 1;
    end loop;
    return nullif(
        repeat(' ', first) || convert_from(substr(bytes, first + 1, whole - first), 'UTF8') || repeat(' ', size - whole),
        ''
    );
end
$$;
create function ora.substrb(s text, place numeric, length numeric) returns text
language sql immutable strict parallel safe
return case when length >= 1 and octet_length(s) + least(trunc(place), 0) >= 0 then ora.cut_out(
    substr(
        convert_to(s, 'UTF8'),
        ora.whole(case when trunc(place) < 0 then octet_length(s) + trunc(place) + 1 else greatest(place, 1) end),
        ora.whole(length)
    )) end;
create function ora.substrb(s text, place numeric) returns text
language sql immutable strict parallel safe
return ora.substrb(s, place, octet_length(s)::numeric);

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
language sql immutable strict parallel safe return length(textin(bpcharout(s)))::numeric;
create function ora.lengthb(s character) returns numeric
language sql immutable strict parallel safe return octet_length(s)::numeric;
create function ora.vsize(s character) returns numeric
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
create function ora.cast_bytes(s text, n int) returns text
language sql immutable strict parallel safe
return case
    when octet_length(s) <= n then s
    else nullif(convert_from(substr(convert_to(s, 'UTF8'), 1, ora.whole_size(substr(convert_to(s, 'UTF8'), 1, n))), 'UTF8'), '')
end;
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

-- PostgreSQL's function of the name reads more than four digits after a backslash.
create function ora.unistr(value text) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
begin
    if regexp_replace(value, '\\\\|\\[0-9A-Fa-f]{4}', '', 'g') ~ '\\' then
        perform ora.raise(
            30186, '''\'' must be followed by four hexdecimal characters or another ''\'''
        );
    end if;
    return pg_catalog.unistr(value);
end
$$;

create function ora.asciistr(value text) returns text
language sql immutable strict parallel safe
return (
    select string_agg(case
        when ascii(letter) < 128 and letter <> '\' then letter
        when ascii(letter) < 65536 then '\' || lpad(upper(to_hex(ascii(letter))), 4, '0')
        else '\' || upper(to_hex(55296 + (ascii(letter) - 65536) / 1024))
            || '\' || upper(to_hex(56320 + (ascii(letter) - 65536) % 1024))
    end, '' order by place)
    from regexp_split_to_table(value, '') with ordinality as l (letter, place)
);
create function ora.nchr(code numeric) returns text
language sql immutable strict parallel safe return chr(trunc(code)::int);
create function ora.soundex(value text) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
declare
    letters text := regexp_replace(upper(value), '[^A-Z]', '', 'g');
    codes text := translate(letters, 'BFPVCGJKQSXZDTLMNRAEIOUYHW', '11112222222233455600000099');
    last text := left(codes, 1);
    result text := left(letters, 1);
    code text;
begin
    foreach code in array string_to_array(substr(codes, 2), null) loop
        if code between '1' and '6' and code <> last then
            result := result || code;
        end if;
        -- Vowels part equal codes, H and W do not.
        if code <> '9' then
            last := code;
        end if;
    end loop;
    return rpad(nullif(left(result, 4), ''), 4, '0');
end
$$;

-- LISTAGG's result is a VARCHAR2: it has an end.
create function ora.listagg_checked(value text) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog as $$
begin
    if octet_length(value) > 4000 then
        perform ora.raise(1489, 'result of string concatenation is too long');
    end if;
    return value;
end
$$;

-- LISTAGG ... ON OVERFLOW TRUNCATE: as many values as leave room for what stands for the others.
create function ora.listagg_cut(given text[], separator text, filler text, counts boolean) returns text
language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
    kept text[] := array_remove(given, null);
    found text := array_to_string(kept, separator);
    total int := cardinality(kept);
    n int;
    shown text;
begin
    if coalesce(total, 0) = 0 then
        return null;
    end if;
    if octet_length(found) <= 4000 then
        return found;
    end if;
    for n in reverse total - 1 .. 0 loop
        shown := array_to_string(kept[1:n], separator)
            || case when n > 0 then separator else '' end || coalesce(filler, '')
            || case when counts then format('(%s)', total - n) else '' end;
        exit when octet_length(shown) <= 4000;
    end loop;
    return shown;
end
$$;

set local search_path = ora, pg_catalog;
