-- the empty string is NULL
select nvl('', 'x') from dual
-> select coalesce(null, 'x') as "NVL('','x')"

-- whole numbers divide as NUMBER
select id / 2 from t
-> select ("T"."ID" / 2.) as "ID/2" from "SCOTT"."T" "T"

-- concatenation has typed operands
select 'a' || id || :x from t
-> select (('a'::text || "T"."ID") || $1::text) as "'a'||ID||:X" from "SCOTT"."T" "T"

-- the bind's type is open
select id from t where name = :1 and id = :2
-> select "T"."ID" as "ID" from "SCOTT"."T" "T" where (("T"."NAME" = $1) and ("T"."ID" = $2))

-- NVL converts to the type of its first argument
select nvl(name, id), nvl(id, 0) from t
-> select coalesce("T"."NAME", ora.to_char("T"."ID")) as "NVL(NAME,ID)", coalesce("T"."ID", 0.) as "NVL(ID,0)" from "SCOTT"."T" "T"

-- DECODE finds NULL
select decode(name, 'a', 1, null, 2, 3) from t
-> select (case when "T"."NAME" is not distinct from 'a' then 1. when "T"."NAME" is null then 2. else 3. end) as "DECODE(NAME,'a',1,NULL,2,3)" from "SCOTT"."T" "T"

-- CASE
select case when id > 1 then 'x' else name end from t
-> select (case when ("T"."ID" > 1) then 'x' else "T"."NAME" end) as "CASEWHENID>1THEN'x'ELSENAMEEND" from "SCOTT"."T" "T"

-- LIKE has no escape character of its own
select id from t where name like 'a\_%'
-> select "T"."ID" as "ID" from "SCOTT"."T" "T" where ("T"."NAME" like E'a\\_%' escape '')

-- but one that is given
select id from t where name like 'a!_%' escape '!'
-> select "T"."ID" as "ID" from "SCOTT"."T" "T" where ("T"."NAME" like ora.like_pattern('a!_%', '!') escape '\')

-- dates
select made + 1, made - sysdate, trunc(made, 'MM') from t
-> select ("T"."MADE" + 1.) as "MADE+1", ("T"."MADE" - ora.sysdate()) as "MADE-SYSDATE", ora.trunc("T"."MADE", 'MM') as "TRUNC(MADE,'MM')" from "SCOTT"."T" "T"

-- date and time literals
select date '2024-02-29', timestamp '2024-02-29 10:11:12.5' from dual
-> select '2024-02-29'::ora.date as "DATE'2024-02-29'", '2024-02-29 10:11:12.5'::timestamp as "TIMESTAMP'2024-02-29 10:11:12.5'"

-- intervals
select at + interval '1 2' day to hour, interval '1-6' year to month from t
-> select ("T"."AT" + interval '93600 seconds') as "AT+INTERVAL'1 2'DAYTOHOUR", interval '18 months' year to month as "INTERVAL'1-6'YEARTOMONTH" from "SCOTT"."T" "T"

-- CAST
select cast(at as date), cast(name as number(5,2)), cast(id as varchar2(5)) from t
-> select ("T"."AT")::ora.date as "CAST(ATASDATE)", (ora.to_number("T"."NAME"))::numeric(5, 2) as "CAST(NAMEASNUMBER(5,2))", ora.cast_bytes(ora.to_char("T"."ID"), 5) as "CAST(IDASVARCHAR2(5))" from "SCOTT"."T" "T"

-- a time with zone as its own clock shows it
select cast(systimestamp at time zone 'UTC' as timestamp) from dual
-> select (ora.wall_clock(ora.in_zone(ora.systimestamp(), 'UTC')))::timestamp(6) as "CAST(SYSTIMESTAMPATTIMEZONE'UTC'ASTIMESTAMP)"

-- the parts of a time
select extract(day from made) from t
-> select ora.extract('day', "T"."MADE") as "EXTRACT(DAYFROMMADE)" from "SCOTT"."T" "T"

-- TO_CHAR in another zone
select to_char(systimestamp at time zone 'Europe/Paris', 'HH24:MI') from dual
-> select ora.to_char(ora.in_zone(ora.systimestamp(), 'Europe/Paris'), 'HH24:MI') as "TO_CHAR(SYSTIMESTAMPATTIMEZONE'Europe/Paris','HH24:MI')"

-- functions of text take numbers
select substr(id, 1, 2), length(name) from t
-> select ora.substr(ora.to_char("T"."ID"), 1, 2) as "SUBSTR(ID,1,2)", ora.length("T"."NAME") as "LENGTH(NAME)" from "SCOTT"."T" "T"

-- TRIM
select trim(leading '0' from name) from t
-> select ora.ltrim("T"."NAME", '0') as "TRIM(LEADING'0'FROMNAME)" from "SCOTT"."T" "T"

-- a package of SQL's
select dbms_lob.getlength(doc) from t
-> select ora.dbms_lob_getlength("T"."DOC") as "DBMS_LOB.GETLENGTH(DOC)" from "SCOTT"."T" "T"

-- text against RAW
select id from t where key = '0A0B'
-> select "T"."ID" as "ID" from "SCOTT"."T" "T" where ("T"."KEY" = ora.hextoraw('0A0B'))

-- a bind that PostgreSQL could not type
select id from t where :1 is null
-> select "T"."ID" as "ID" from "SCOTT"."T" "T" where ($1::text is null)

-- JSON
select json_value(doc, '$.a.b' returning number), json_query(doc, '$.c' with wrapper) from t
-> select json_value(ora.json("T"."DOC"), '$.a.b' returning numeric) as "JSON_VALUE(DOC,'$.a.b'RETURNINGNUMBER)", ora.json_text(json_query(ora.json("T"."DOC"), '$.c' returning jsonb with unconditional wrapper), false) as "JSON_QUERY(DOC,'$.c'WITHWRAPPER)" from "SCOTT"."T" "T"

-- JSON_TABLE
select t.id, j.v from t, json_table(t.doc, '$[*]' columns (v varchar2(10) path '$.v', n for ordinality)) j
-> select "T"."ID" as "ID", nullif("J"."V", '') as "V" from "SCOTT"."T" "T", json_table(ora.json("T"."DOC"), '$[*]' columns ("V" text path '$.v', "N" for ordinality)) "J"

-- JSON is made as Oracle writes it
select json_object('a' value id, 'b' value json_array(1, name) format json absent on null) from t
-> select ora.json_object(array['a', 'b']::text[], array[ora.json_item("T"."ID"), (ora.json_array(array[ora.json_item(1), ora.json_item("T"."NAME")]::text[], true))::text]::text[], true) as "JSON_OBJECT('a'VALUEID,'b'VALUEJSON_ARRAY(1,NAME)FORMATJSONABSE" from "SCOTT"."T" "T"

-- ROWID
select rowid from t where rowid = :1
-> select "T".ctid as "ROWID" from "SCOTT"."T" "T" where ("T".ctid = $1)
