-- NUMBER: division, conversion, formats and functions.

set local search_path = pg_catalog;

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

create function ora.to_number(value text, format text, nls text) returns numeric
language sql immutable parallel safe
return ora.to_number(
    translate(
        replace(value, coalesce(ora.nls_setting(nls, 'NLS_CURRENCY'), '$'), ''),
        coalesce(ora.numeric_characters(nls), '.,'), '.,'
    ),
    replace(upper(format), 'L', '')
);

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
    found := to_char(value, translate(f, '$L', ''));
    if f ~ '[$L]' then
        found := regexp_replace(found, '^(\s*)([-+]?)', '\1\2$');
    end if;
    if f like '%L%' and f not like 'FM%' then
        -- A local currency symbol may have ten characters.
        found := lpad(found, length(found) + 9);
    end if;
    if f like '%EEEE%' then
        found := upper(found);
    end if;
    if found like '%#%' then
        return repeat('#', length(found));
    end if;
    return nullif(found, '');
end
$$;
create function ora.to_char(value numeric, format text, nls text) returns text
language plpgsql immutable parallel safe set search_path = pg_catalog as $$
declare
    f text := upper(format);
    signs text := coalesce(ora.numeric_characters(nls), '.,');
    currency text := coalesce(ora.nls_setting(nls, 'NLS_CURRENCY'), '$');
    found text;
begin
    if f ~ '[CU]' then
        perform ora.raise(3001, 'unimplemented feature: number format ' || format);
    end if;
    found := ora.to_char(value, format);
    -- Literal points and commas are what they are; D and G are the language's.
    if f ~ '[DG]' or f ~ '^TM' then
        found := translate(found, '.,', signs);
    end if;
    return case when f like '%L%' then lpad(
        replace(ltrim(found), '$', currency),
        greatest(length(found), length(ltrim(found)) - 1 + length(currency))
    ) else found end;
end
$$;
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
create function ora.sinh(n numeric) returns numeric
language sql immutable strict parallel safe return sinh(n::float8)::numeric;
create function ora.cosh(n numeric) returns numeric
language sql immutable strict parallel safe return cosh(n::float8)::numeric;
create function ora.tanh(n numeric) returns numeric
language sql immutable strict parallel safe return tanh(n::float8)::numeric;
create function ora.width_bucket(n numeric, low numeric, high numeric, buckets numeric) returns numeric
language sql immutable strict parallel safe return width_bucket(n, low, high, trunc(buckets)::int)::numeric;
create function ora.bin_to_num(bits numeric[]) returns numeric
language sql immutable strict parallel safe
return (
    select sum(case
        when bit in (0, 1) then bit * 2::numeric ^ (cardinality(bits) - place)
        else ora.raise_number(1428, format('argument %L is out of range', bit::text))
    end)::bigint::numeric
    from unnest(bits) with ordinality as b (bit, place)
);
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

-- IGNORE NULLS: strict functions of states pass by what is NULL.
create function ora.first_of(kept anyelement, next anyelement) returns anyelement
language sql immutable strict parallel safe as 'select kept';
create function ora.last_of(kept anyelement, next anyelement) returns anyelement
language sql immutable strict parallel safe as 'select next';
create aggregate ora.first_value_present(anyelement) (sfunc = ora.first_of, stype = anyelement);
create aggregate ora.last_value_present(anyelement) (sfunc = ora.last_of, stype = anyelement);

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

set local search_path = ora, pg_catalog;
