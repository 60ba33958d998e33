-- PL/SQL functions that a statement calls for its rows.

-- What the function of a call gives for arguments, as text.
--
-- PostgreSQL cannot call PL/SQL. What is not among the answers is asked for by a notice, and NULL stands
-- for it; whoever runs the statement finds the answers out, and runs it again, until nothing is asked.
-- `answers`: 'round' -> a number that no other run of a statement has; key -> 'v' and the value, 'n'
-- for NULL, 'e' and the number of an error. Calls of a higher phase depend on those of lower ones; they
-- ask only where nothing lower was asked for in the same round: their arguments may be wrong.
create function ora.plsql(answers jsonb, call int, phase int, variadic arguments text[])
returns text
language plpgsql
volatile
parallel unsafe
as $$
declare
  key text := call || arguments::text;
  answer text := answers ->> key;
  state text[];
  lowest int := phase;
  asked int := 0;
begin
  case left(answer, 1)
    when 'v' then
      return substr(answer, 2);
    when 'n' then
      return null;
    when 'e' then
      raise exception using errcode = 'ORAFE', message = substr(answer, 2);
    else
      null;
  end case;
  state := string_to_array(current_setting('ora.asked', true), ' ');
  if state[1] = answers ->> 'round' then
    lowest := least(lowest, state[2]::int);
    asked := state[3]::int;
  end if;
  if lowest < phase then
    return null;
  end if;
  if asked >= 20000 then
    -- Enough for one round: many rows may ask the same.
    raise exception using errcode = 'ORAFM', message = 'PL/SQL functions are to be called first';
  end if;
  perform set_config('ora.asked', concat_ws(' ', answers ->> 'round', lowest, asked + 1), false);
  raise notice using
    errcode = 'ORAFN', message = key, detail = array_to_json(arguments)::text, hint = call::text;
  return null;
end
$$;
