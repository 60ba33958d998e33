-- text
select substr('hello', 2), substr('hello', -3, 2), substr('hello', 0, 2), substr('hello', 9), substr('hello', -9), substr('hello', 2, 0) from dual
    = ello | ll | he | null | null | null
select instr('hello', 'l'), instr('hello', 'l', 1, 2), instr('hello', 'l', -1), instr('hello', 'x'), instr('hello', 'l', 5) from dual
    = 3 | 4 | 4 | 0 | 0
select length(''), length('abc'), lengthb('äb'), lpad('abcd', 2), rpad('a', 3, 'xy') || '|', lpad('', 3) from dual
    = null | 3 | 3 | ab | axy| | null
select replace('aXbX', 'X'), replace('aXbX', 'X', '-'), replace('abc', '', 'x'), translate('2a1b', '012', 'xyz') from dual
    = ab | a-b- | abc | zayb
select ltrim('  a'), rtrim('a..', '.'), trim('-' from '--a--'), trim('   ') from dual
    = a | a | a | null
select initcap('hELLO wORLD'), upper('straße'), chr(65) || 'x', ascii('a') from dual
    = Hello World | STRAßE | Ax | 97
select 'a' || '' || null, '' || '', 1 || 2, 'd' || date '2024-02-29' from dual
    = a | null | 12 | d29-FEB-24
select regexp_substr('a1b22', '[0-9]+', 1, 2), regexp_replace('a.b', '\.', '-'), regexp_replace('John Smith', '(\w+) (\w+)', '\2 \1'), regexp_count('banana', 'a') from dual
    = 22 | a-b | Smith John | 3
select regexp_instr('abc123', '[0-9]'), regexp_substr('KEY=value', '=(.*)$', 1, 1, null, 1), case when regexp_like('ABC', 'b', 'i') then 'yes' end from dual
    = 4 | value | yes
-- numbers
select 7 / 2, 1 / 3, 2 / 3, 10 / 5, 0.1 + 0.2, 1e3 * 2, 86400 * 100000 from dual
    = 3.5 | 0.3333333333333333333333333333333333333333 | 0.6666666666666666666666666666666666666667 | 2 | 0.3 | 2000 | 8640000000
select round(2.5), round(-1.55, 1), trunc(-1.9), trunc(1234.5, -2), mod(11, 4), mod(5, 0), mod(-11, 4), remainder(11, 4) from dual
    = 3 | -1.6 | -1 | 1200 | 3 | 5 | -3 | -1
select ceil(1.01), floor(-1.01), abs(-1.5), sign(0), power(2, 0.5), sqrt(2), exp(0), ln(1), log(10, 1000), bitand(6, 3) from dual
    = 2 | -2 | 1.5 | 0 | 1.41421356237309504880168872420969807857 | 1.41421356237309504880168872420969807857 | 1 | 0 | 3 | 2
select to_number('  12.5 '), to_number('-.5'), to_number('1E2'), to_number('FF', 'XX'), to_number('$1,234.50', '$9,999.99') from dual
    = 12.5 | -0.5 | 100 | 255 | 1234.5
select to_number('abc') from dual
    ! ORA-01722: invalid number
select to_number('1_000') from dual
    ! ORA-01722: invalid number
select 1 / 0 from dual
    ! ORA-01476: divisor is equal to zero
select to_char(0), to_char(.5), to_char(-0.25), to_char(100), to_char(1.50), to_char(12345678901234567890) from dual
    = 0 | .5 | -.25 | 100 | 1.5 | 12345678901234567890
select to_char(1234.567, '9999.99'), to_char(1234.567, 'FM9999.9'), to_char(0.5, '0.00'), to_char(-12, '999'), to_char(12345, '999'), to_char(5, 'FM000') from dual
    =  1234.57 | 1234.6 |  0.50 |  -12 | #### | 005
select to_char(1234567, 'FM9,999,999'), to_char(1234.5, '$9,999.00'), to_char(10, 'XX'), to_char(7, 'TM9'), to_char(-5, '999MI'), to_char(0.1, 'FM999990.999') from dual
    = 1,234,567 |  $1,234.50 |   A | 7 |   5- | 0.1
select greatest(3, 1, 2), least('b', 'a', 'c'), greatest(date '2024-01-01', date '2023-01-01'), least(1, null) from dual
    = 3 | a | 2024-01-01 | null
-- dates
select to_char(date '2024-02-29', 'DD.MM.YYYY'), to_char(date '2024-02-29', 'fmDD Month, YYYY'), to_char(date '2024-02-29', 'Dy DD Mon RR') from dual
    = 29.02.2024 | 29 February, 2024 | Thu 29 Feb 24
select to_char(timestamp '2024-02-29 15:06:07.123456', 'HH:MI:SS.FF3 AM'), to_char(timestamp '2024-02-29 15:06:07.1', 'HH24:MI:SSXFF'), to_char(timestamp '2024-02-29 15:06:07', 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') from dual
    = 03:06:07.123 PM | 15:06:07.100000 | 2024-02-29T15:06:07.000Z
select to_char(date '2024-02-29', 'D DD DDD W WW IW Q CC J'), to_char(date '2024-12-30', 'IYYY-IW') from dual
    = 5 29 060 5 09 09 1 21 2460370 | 2025-01
select to_char(date '2024-02-29', 'foo') from dual
    ! ORA-01821: date format not recognized
select to_date('2024-02-29', 'YYYY-MM-DD'), to_date('29/FEB/24 13:14', 'DD/MON/RR HH24:MI'), to_date('01:02:03 PM', 'HH:MI:SS AM') - trunc(to_date('01:02:03 PM', 'HH:MI:SS AM')) from dual
    = 2024-02-29 | 2024-02-29 13:14:00 | 0.5430902777777777777777777777777777777778
select to_date('20240229131415', 'YYYYMMDDHH24MISS'), to_date('99', 'RR') - to_date('99', 'YY') < 0, to_date('2024/2/9', 'YYYY-MM-DD'), to_date('2024-060', 'YYYY-DDD') from dual
    = 2024-02-29 13:14:15 | True | 2024-02-09 | 2024-02-29
select to_date('2024-13-01', 'YYYY-MM-DD') from dual
    ! ORA-01843: not a valid month
select to_date('2024-02-30', 'YYYY-MM-DD') from dual
    ! ORA-01839: date not valid for month specified
select to_date('2024-02-29 10', 'YYYY-MM-DD') from dual
    ! ORA-01830: date format picture ends before converting entire input string
select to_date('2024-02', 'YYYY-MM-DD') from dual
    ! ORA-01840: input value not long enough for date format
select to_date('2024-XX-01', 'YYYY-MM-DD') from dual
    ! ORA-01843: not a valid month
select to_date('10:61', 'HH24:MI') from dual
    ! ORA-01851: minutes must be between 0 and 59
select to_date('25', 'HH24') from dual
    ! ORA-01850: hour must be between 0 and 23
select to_timestamp('2024-02-29 10:11:12.345', 'YYYY-MM-DD HH24:MI:SS.FF'), to_timestamp('2024-02-29T10:11:12.345Z', 'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"') from dual
    = 2024-02-29 10:11:12.345000 | 2024-02-29 10:11:12.345000
select sys_extract_utc(to_timestamp_tz('2024-02-29 10:00:00 +05:30', 'YYYY-MM-DD HH24:MI:SS TZH:TZM')), sys_extract_utc(from_tz(timestamp '2024-07-01 12:00:00', 'Europe/Paris')), sys_extract_utc(from_tz(timestamp '2024-07-01 12:00:00', '-03:00')) from dual
    = 2024-02-29 04:30:00 | 2024-07-01 10:00:00 | 2024-07-01 15:00:00
select to_char(from_tz(timestamp '2024-07-01 12:00:00', 'UTC') at time zone '+02:00', 'YYYY-MM-DD HH24:MI TZH:TZM'), cast(from_tz(timestamp '2024-07-01 12:00:00', 'UTC') at time zone 'America/New_York' as timestamp) from dual
    = 2024-07-01 14:00 +02:00 | 2024-07-01 08:00:00
select date '2024-03-01' - 1, date '2024-03-01' - date '2024-02-01', date '2024-03-01' + 1/24, (date '2024-03-02' - date '2024-03-01') * 24 from dual
    = 2024-02-29 | 29 | 2024-03-01 01:00:00 | 24
select add_months(date '2024-01-31', 1), add_months(date '2024-02-29', 12), add_months(date '2024-02-29', -1), months_between(date '2024-03-15', date '2024-01-31') from dual
    = 2024-02-29 | 2025-02-28 | 2024-01-31 | 1.483870967741935483870967741935483870968
select last_day(date '2023-02-01'), next_day(date '2024-02-29', 'THURSDAY'), trunc(date '2024-02-29', 'YYYY'), trunc(date '2024-02-29', 'Q'), trunc(date '2024-02-29', 'IW'), trunc(date '2024-02-29', 'DAY') from dual
    = 2023-02-28 | 2024-03-07 | 2024-01-01 | 2024-01-01 | 2024-02-26 | 2024-02-25
select round(date '2024-02-16', 'MM'), round(date '2024-07-01', 'YYYY'), round(timestamp '2024-02-29 12:00:00'), trunc(timestamp '2024-02-29 12:34:56', 'MI') from dual
    = 2024-03-01 | 2025-01-01 | 2024-03-01 | 2024-02-29 12:34:00
select timestamp '2024-02-29 12:00:00' - timestamp '2024-02-28 11:59:59.5', timestamp '2024-02-29 12:00:00' + 0.5, timestamp '2024-02-29 12:00:00' - interval '90' minute from dual
    = 1 day, 0:00:00.500000 | 2024-03-01 | 2024-02-29 10:30:00
select extract(year from date '2024-02-29'), extract(second from timestamp '2024-02-29 10:11:12.5'), extract(hour from interval '1 02:03:04' day to second), extract(day from interval '400' hour(3)) from dual
    = 2024 | 12.5 | 2 | 16
select numtodsinterval(1.5, 'HOUR'), numtoyminterval(14, 'MONTH'), to_dsinterval('2 03:04:05'), to_yminterval('01-06'), interval '10' day / 4 from dual
    = 1:30:00 | 14 months | 2 days, 3:04:05 | 18 months | 2 days, 12:00:00
select to_char(interval '1 2:3:4.5' day to second), to_char(numtoyminterval(14, 'MONTH')) from dual
    = +000000001 02:03:04.500000000 | +000000001-02
-- conversions
select case when '10' > 9 then 'number' end, '5' + '6', '2' * 3, case when date '2024-02-29' = '29-FEB-24' then 'date' end from dual
    = number | 11 | 6 | date
select cast('2024' as number), cast(12.345 as number(4,1)), cast('abcdef' as varchar2(3)), cast(date '2024-02-29' as timestamp), cast('x' as char(3)) || '|' from dual
    = 2024 | 12.3 | abc | 2024-02-29 00:00:00 | x  |
select cast(123456 as number(3)) from dual
    ! ORA-01438: value larger than specified precision allowed for this column
select rawtohex('414'), hextoraw('414'), utl_raw.cast_to_varchar2(hextoraw('4142')), utl_raw.cast_to_raw('AB'), utl_raw.length(hextoraw('4142')) from dual
    = 343134 | 0414 | AB | 4142 | 2
select nvl(null, 5), nvl('', 'a'), nvl2(1, 'set', 'unset'), coalesce(null, '', 'c'), nullif(1, 2), decode(null, null, 'null', 'other'), decode(3, 1, 'a', 2, 'b') from dual
    = 5 | a | set | c | 1 | null | null
select to_clob('abc') || 'def', dbms_lob.getlength(empty_clob()), dbms_lob.substr(to_clob('abcdef'), 3, 2), dbms_lob.instr(to_clob('abc'), 'c') from dual
    = abcdef | 0 | bcd | 3
-- JSON
select json_value('{"a":{"b":"x"}}', '$.a.b'), json_value('{"a":1.50}', '$.a' returning number), json_value('no', '$.a'), json_value('{"a":""}', '$.a'), json_value('{}', '$.a' default 'd' on empty) from dual
    = x | 1.5 | null | null | d
select json_value('no', '$.a' error on error) from dual
    ! ORA-40441: JSON syntax error
select json_query('{"a":[1, {"b" : 2}]}', '$.a'), json_query('{"a":1}', '$.a'), json_query('{"a":[1,2]}', '$.a[*]' with wrapper) from dual
    = [1,{"b":2}] | null | [1,2]
select json_object('n' value 1.50, 's' value 'a"b', 'd' value date '2024-02-29', 'z' value null absent on null), json_array(1, 'a', null), json_array('a', null null on null) from dual
    = {"n":1.5,"s":"a\"b","d":"2024-02-29T00:00:00"} | [1,"a"] | ["a",null]
select json_object('k' value '{"x":1}' format json, 'l' value json_array(1, 2)) from dual
    = {"k":{"x":1},"l":[1,2]}
select j.id, j.name, j.n from json_table('[{"id":1,"name":"a"},{"id":2,"sub":{"n":"7"}}]', '$[*]' columns (id number path '$.id', name varchar2(10) path '$.name', n number path '$.sub.n')) j
    = 1 | a | null
    = 2 | null | 7
select rn, typ, dbms_lob.getlength(doc) from json_table('{"r":[{"t":"x","d":{"a":1}}]}', '$.r[*]' columns (rn for ordinality, typ varchar2(5) path '$.t', doc clob format json path '$.d'))
    = 1 | x | 7
-- DUMP: the type's code, the length, the bytes as Oracle has them; a constant DATE is type 13.
select dump('abc'), dump('abc', 1016), dump('abc', 17, 2, 1), dump(100), dump(-123.45), dump(0), dump(0.001), dump(null) from dual
    = Typ=96 Len=3: 97,98,99 | Typ=96 Len=3 CharacterSet=AL32UTF8: 61,62,63 | Typ=96 Len=3: b | Typ=2 Len=2: 194,2 | Typ=2 Len=5: 61,100,78,56,102 | Typ=2 Len=1: 128 | Typ=2 Len=2: 191,11 | NULL
create table dumped (c char(3), v varchar2(5), d date, r raw(2))
    ~
insert into dumped values ('a', 'ä', timestamp '2024-02-29 10:11:12', 'FF00')
    # 1
select dump(c), dump(v, 16), dump(d), dump(r), dump(date '2024-02-29') from dumped
    = Typ=96 Len=3: 97,32,32 | Typ=1 Len=2: c3,a4 | Typ=12 Len=7: 120,124,2,29,11,12,13 | Typ=23 Len=2: 255,0 | Typ=13 Len=8: 232,7,2,29,0,0,0,0
select dump(systimestamp) from dual
    ! ORA-03001: unimplemented feature: DUMP of a TIMESTAMP WITH TIME ZONE
select soundex('Smith'), soundex('SMYTHE'), soundex('Ashcraft'), soundex('Pfister'), soundex('Lloyd'), soundex('1'), bin_to_num(1, 0, 1, 0) from dual
    = S530 | S530 | A261 | P236 | L300 | null | 10
select bin_to_num(2) from dual
    ! ORA-01428: argument '2' is out of range
select asciistr('aä\') || nchr(228), width_bucket(5, 0, 10, 5), width_bucket(-1, 0, 10, 5), sinh(0), cosh(0), tanh(0), to_char(12300, '9.99EEEE') from dual
    = a\00E4\005Cä | 3 | 0 | 0 | 1 | 0 |  1.23E+04
-- Datetime/Interval Arithmetic: months lead to the same day, or to an error.
select date '2024-01-30' - interval '1' year, timestamp '2024-02-29 10:00:00' + interval '4' year, date '2024-01-31' + interval '1' day from dual
    = 2023-01-30 | 2028-02-29 10:00:00 | 2024-02-01
select date '2024-01-31' + interval '1' month from dual
    ! ORA-01839: date not valid for month specified
select timestamp '2024-03-31 00:00:00' - interval '1' month from dual
    ! ORA-01839: date not valid for month specified
