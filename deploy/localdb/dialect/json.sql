-- JSON, written as Oracle writes it.

set local search_path = pg_catalog;

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

create function ora.is_json(value bytea, kind text) returns boolean
language plpgsql stable parallel safe as $$
begin
    return ora.is_json(convert_from(value, 'UTF8'), kind);
exception when others then  -- no text at all
    return false;
end
$$;
create function ora.is_json(value ora.blob, kind text) returns boolean
language sql stable parallel safe return ora.is_json(value::bytea, kind);

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
