-- The objects that the tests of the driver's suite mention, as far as its files count for the floors.
-- Each statement ends at a line with a slash; `&name` and `&name.` are replaced by users and passwords.
alter session set nls_date_format = 'YYYY-MM-DD HH24:MI:SS'
/
alter session set time_zone = '+00:00'
/
-- users
create user &main_user identified by "&main_password"
/
create user &proxy_user identified by "&proxy_password"
/
grant create session to &proxy_user
/
alter user &proxy_user grant connect through &main_user
/
grant create session, create table, create procedure, create type, create view,
    select any dictionary, unlimited tablespace to &main_user
/
create edition &edition_name
/
grant use on edition &edition_name to &main_user
/
-- object types
create type &main_user..udt_SubObject as object (SubNumberValue number, SubStringValue varchar2(60));
/
create type &main_user..udt_ObjectArray as varray(10) of &main_user..udt_SubObject;
/
create type &main_user..udt_Array as varray(10) of number;
/
create type &main_user..udt_Object as object (
    NumberValue number, StringValue varchar2(60), FixedCharValue char(10), NStringValue nvarchar2(60),
    NFixedCharValue nchar(10), RawValue raw(16), IntValue integer, SmallIntValue smallint,
    RealValue real, DoublePrecisionValue double precision, FloatValue float,
    BinaryFloatValue binary_float, BinaryDoubleValue binary_double, DateValue date,
    TimestampValue timestamp, TimestampTZValue timestamp with time zone,
    TimestampLTZValue timestamp with local time zone, CLOBValue clob, NCLOBValue nclob,
    BLOBValue blob, SubObjectValue &main_user..udt_SubObject,
    SubObjectArray &main_user..udt_ObjectArray
);
/
-- tables
create table &main_user..TestNumbers (
    IntCol number(9) not null, LongIntCol number(16) not null, NumberCol number(9, 2) not null,
    FloatCol float not null, UnconstrainedCol number not null, NullableCol number(38)
)
/
create table &main_user..TestStrings (
    IntCol number(9) not null, StringCol varchar2(20) not null, RawCol raw(30) not null,
    FixedCharCol char(40) not null, NullableCol varchar2(50)
)
/
create table &main_user..TestUnicodes (
    IntCol number(9) not null, UnicodeCol nvarchar2(20) not null,
    FixedUnicodeCol nchar(40) not null, NullableCol nvarchar2(50)
)
/
create table &main_user..TestDates (
    IntCol number(9) not null, DateCol date not null, NullableCol date
)
/
create table &main_user..TestCLOBs (
    IntCol number(9) not null, CLOBCol clob not null, ExtraNumCol1 number(9),
    ExtraCLOBCol1 clob, ExtraNumCol2 number(9), ExtraCLOBCol2 clob
)
/
create table &main_user..TestNCLOBs (
    IntCol number(9) not null, NCLOBCol nclob not null, ExtraNumCol1 number(9),
    ExtraNCLOBCol1 nclob, ExtraNumCol2 number(9), ExtraNCLOBCol2 nclob
)
/
create table &main_user..TestBLOBs (
    IntCol number(9) not null, BLOBCol blob not null, ExtraNumCol1 number(9),
    ExtraBLOBCol1 blob, ExtraNumCol2 number(9), ExtraBLOBCol2 blob
)
/
create table &main_user..TestXML (IntCol number(9) not null, XMLCol xmltype not null)
/
create table &main_user..TestTempXML (IntCol number(9) not null, XMLCol xmltype not null)
/
create table &main_user..TestLongs (IntCol number(9) not null, LongCol long) nocompress
/
create table &main_user..TestLongRaws (IntCol number(9) not null, LongRawCol long raw) nocompress
/
create table &main_user..TestTempTable (
    IntCol number(9) not null, StringCol1 varchar2(400), StringCol2 varchar2(400),
    NumberCol number(25, 2), constraint TestTempTable_pk primary key (IntCol)
)
/
create table &main_user..TestArrayDML (
    IntCol number(9) not null, StringCol varchar2(100), IntCol2 number(3),
    constraint TestArrayDML_pk primary key (IntCol)
)
/
create table &main_user..TestObjects (
    IntCol number(9) not null, ObjectCol &main_user..udt_Object, ArrayCol &main_user..udt_Array
)
/
create table &main_user..TestTimestamps (
    IntCol number(9) not null, TimestampCol timestamp not null, NullableCol timestamp,
    TimestampPrecisionCol timestamp(4)
)
/
create table &main_user..TestTimestampLTZs (
    IntCol number(9) not null, TimestampLTZCol timestamp with local time zone not null,
    NullableCol timestamp with local time zone,
    TimestampLTZPrecisionCol timestamp(5) with local time zone
)
/
create table &main_user..TestTimestampTZs (
    IntCol number(9) not null, TimestampTZCol timestamp with time zone not null,
    NullableCol timestamp with time zone, TimestampTZPrecisionCol timestamp(7) with time zone
)
/
create table &main_user..TestIntervals (
    IntCol number(9) not null, IntervalCol interval day to second not null,
    NullableCol interval day to second, IntervalPrecisionCol interval day(7) to second,
    IntervalPrecisionScaleCol interval day(8) to second(9)
)
/
create table &main_user..TestIntervalYMs (
    IntCol number(9) not null, IntervalCol interval year to month not null,
    NullableCol interval year to month, IntervalPrecisionCol interval year(3) to month
)
/
create table &main_user..TestUniversalRowids (
    IntCol number(9) not null, StringCol varchar2(250) not null, DateCol date not null,
    constraint TestUniversalRowids_pk primary key (IntCol, StringCol, DateCol)
) organization index
/
create table &main_user..TestRowids (IntCol number(9) not null, RowidCol rowid, URowidCol urowid)
/
create table &main_user..TestJsonCols (
    IntCol number(9) not null, JsonVarchar varchar2(4000) not null, JsonClob clob not null,
    JsonBlob blob not null,
    constraint TestJsonCols_ck_1 check (JsonVarchar is json),
    constraint TestJsonCols_ck_2 check (JsonClob is json),
    constraint TestJsonCols_ck_3 check (JsonBlob is json)
)
/
create table &main_user..TestJson (IntCol number(9) not null, JsonCol json not null)
/
create table &main_user..TestAllTypes (
    NumberValue number, StringValue varchar2(60), FixedCharValue char(10),
    NStringValue nvarchar2(60), NFixedCharValue nchar(10), RawValue raw(16), IntValue integer,
    SmallIntValue smallint, RealValue real, DecimalValue number(20, 6),
    DoublePrecisionValue double precision, FloatValue float, BinaryFloatValue binary_float,
    BinaryDoubleValue binary_double, DateValue date, TimestampValue timestamp,
    TimestampTZValue timestamp with time zone, TimestampLTZValue timestamp with local time zone,
    IntervalDSValue interval day to second, IntervalYMValue interval year to month,
    CLOBValue clob, NCLOBValue nclob, BLOBValue blob, InvisibleValue number invisible
)
/
create table &main_user..TestBooleans (
    IntCol number(9) not null, BooleanCol1 boolean not null, BooleanCol2 boolean,
    BooleanCol3 boolean
)
/
create table &main_user..PlsqlSessionCallbacks (
    RequestedTag varchar2(250), ActualTag varchar2(250), FixupTimestamp timestamp
)
/
-- rows
begin
  for i in 1 .. 10 loop
    insert into &main_user..TestNumbers
    values (i, power(38, i), i * 1.25, i * 1.75, power(i, 3) + i / 2,
        case mod(i, 2) when 1 then power(143, i) end);
    insert into &main_user..TestStrings
    values (i, 'String ' || i, utl_raw.cast_to_raw('Raw ' || i), 'Fixed Char ' || i,
        case mod(i, 2) when 1 then 'Nullable ' || i end);
    insert into &main_user..TestDates
    values (i, date '2002-12-09' + i * 1.1,
        case mod(i, 2) when 1 then date '2002-12-09' + i * 2.15 end);
  end loop;
  commit;
end;
/
begin
  for i in 1 .. 10 loop
    insert into &main_user..TestUnicodes
    values (i, 'Unicode ' || unistr('\3042') || ' ' || i, 'Fixed Unicode ' || i,
        case mod(i, 2) when 1 then 'Nullable ' || i end);
  end loop;
  commit;
end;
/
begin
  for i in 1 .. 10 loop
    insert into &main_user..TestTimestamps
    values (i,
        timestamp '2002-12-09 00:00:00' + to_dsinterval(i || ' 00:00:' || i * 2 || '.' || i * 50),
        case mod(i, 2) when 1 then timestamp '2002-12-09 00:00:00'
            + to_dsinterval((i + 1) || ' 00:00:' || i * 3 || '.' || i * 125) end,
        timestamp '2009-12-14 00:00:00');
  end loop;
  commit;
end;
/
declare
  l_zone varchar2(6);
begin
  for i in 1 .. 10 loop
    l_zone := case mod(i, 2) when 0 then '-' else '+' end || to_char(i, 'fm00') || ':'
      || case mod(i, 4) when 0 then '00' else '30' end;
    insert into &main_user..TestTimestampLTZs
    values (i,
        to_timestamp_tz('2022-06-02 ' || l_zone, 'YYYY-MM-DD TZH:TZM')
            + to_dsinterval(i || ' 00:00:' || i * 2 || '.' || i * 50),
        case mod(i, 2) when 1 then to_timestamp_tz('2022-06-02 00:00', 'YYYY-MM-DD TZH:TZM')
            + to_dsinterval((i + 1) || ' 00:00:' || i * 3 || '.' || i * 125) end,
        to_timestamp_tz('2009-12-14 00:00', 'YYYY-MM-DD TZH:TZM'));
    insert into &main_user..TestTimestampTZs
    values (i,
        to_timestamp_tz('2022-06-03 ' || l_zone, 'YYYY-MM-DD TZH:TZM')
            + to_dsinterval(i || ' 00:00:' || i * 2 || '.' || i * 50),
        case mod(i, 2) when 1 then to_timestamp_tz('2022-06-03 00:00', 'YYYY-MM-DD TZH:TZM')
            + to_dsinterval((i + 1) || ' 00:00:' || i * 3 || '.' || i * 125) end,
        to_timestamp_tz('2009-12-14 00:00', 'YYYY-MM-DD TZH:TZM'));
  end loop;
  commit;
end;
/
begin
  for i in 1 .. 10 loop
    insert into &main_user..TestIntervals
    values (i, to_dsinterval(i || ' ' || i || ':' || i * 2 || ':' || i * 3),
        case mod(i, 2) when 1 then
            to_dsinterval((i + 5) || ' ' || (i + 2) || ':' || (i * 2 + 5) || ':' || (i * 3 + 5)) end,
        interval '8 05:15:00' day to second, interval '10 12:15:15' day to second);
    insert into &main_user..TestIntervalYMs
    values (i, to_yminterval((i - 5) || '-' || i),
        case mod(i, 2) when 1 then to_yminterval((i + 5) || '-' || (i + 2)) end,
        interval '3-8' year to month);
  end loop;
  commit;
end;
/
begin
  for i in 1 .. 100 loop
    insert into &main_user..TestXML
    values (i, '<?xml version="1.0"?><records>' || dbms_random.string('x', 1024) || '</records>');
  end loop;
  commit;
end;
/
insert into &main_user..TestJsonCols
values (1, '[1, 2, 3]', '[4, 5, 6]', utl_raw.cast_to_raw('[7, 8, 9]'))
/
insert into &main_user..TestJsonCols values (2, 'null', empty_clob(), empty_blob())
/
commit
/
-- procedures and functions
create procedure &main_user..proc_Test (
  a_InValue varchar2, a_InOutValue in out number, a_OutValue out number
) as
begin
  a_OutValue := length(a_InValue);
  a_InOutValue := a_InOutValue * a_OutValue;
end;
/
create procedure &main_user..proc_TestNoArgs as begin null; end;
/
create procedure &main_user..myrefcursorproc (a_RefCursor out sys_refcursor) as
begin
  open a_RefCursor for select * from TestTempTable;
end;
/
create procedure &main_user..proc_Test2 (
  a_InValue varchar2, a_InOutValue in out number, a_OutValue out boolean
) as
begin
  a_InOutValue := a_InOutValue * length(a_InValue);
  a_OutValue := length(a_InValue) >= 2;
end;
/
create function &main_user..func_Test2 (
  a_String varchar2, a_ExtraAmount number, a_Boolean boolean
) return number as
begin
  return length(a_String) + case when a_Boolean then a_ExtraAmount else -a_ExtraAmount end;
end;
/
create function &main_user..func_Test (a_String varchar2, a_ExtraAmount number) return number as
begin
  return length(a_String) + a_ExtraAmount;
end;
/
create function &main_user..func_TestNoArgs return number as begin return 712; end;
/
create package &main_user..pkg_TestStringArrays as
  type udt_StringList is table of varchar2(100) index by binary_integer;
  function TestInArrays(a_StartingLength number, a_Array udt_StringList) return number;
  procedure TestInOutArrays(a_NumElems number, a_Array in out nocopy udt_StringList);
  procedure TestOutArrays(a_NumElems number, a_Array out nocopy udt_StringList);
end;
/
create package body &main_user..pkg_TestStringArrays as
  function TestInArrays(a_StartingLength number, a_Array udt_StringList) return number is
    l_Total number := a_StartingLength;
  begin
    for i in 1 .. a_Array.count loop
      l_Total := l_Total + length(a_Array(i));
    end loop;
    return l_Total;
  end;
  procedure TestInOutArrays(a_NumElems number, a_Array in out nocopy udt_StringList) is
  begin
    for i in 1 .. a_NumElems loop
      a_Array(i) := 'Converted element # ' || i || ' originally had length ' || length(a_Array(i));
    end loop;
  end;
  procedure TestOutArrays(a_NumElems number, a_Array out nocopy udt_StringList) is
  begin
    for i in 1 .. a_NumElems loop
      a_Array(i) := 'Test out element # ' || i;
    end loop;
  end;
end;
/
create package &main_user..pkg_TestUnicodeArrays as
  type udt_UnicodeList is table of nvarchar2(100) index by binary_integer;
  function TestInArrays(a_StartingLength number, a_Array udt_UnicodeList) return number;
  procedure TestInOutArrays(a_NumElems number, a_Array in out nocopy udt_UnicodeList);
  procedure TestOutArrays(a_NumElems number, a_Array out nocopy udt_UnicodeList);
end;
/
create package body &main_user..pkg_TestUnicodeArrays as
  function TestInArrays(a_StartingLength number, a_Array udt_UnicodeList) return number is
    l_Total number := a_StartingLength;
  begin
    for i in 1 .. a_Array.count loop
      l_Total := l_Total + length(a_Array(i));
    end loop;
    return l_Total;
  end;
  procedure TestInOutArrays(a_NumElems number, a_Array in out nocopy udt_UnicodeList) is
  begin
    for i in 1 .. a_NumElems loop
      a_Array(i) := unistr('Converted element \3042 # ') || i || ' originally had length '
        || length(a_Array(i));
    end loop;
  end;
  procedure TestOutArrays(a_NumElems number, a_Array out nocopy udt_UnicodeList) is
  begin
    for i in 1 .. a_NumElems loop
      a_Array(i) := unistr('Test out element \3042 # ') || i;
    end loop;
  end;
end;
/
create package &main_user..pkg_TestNumberArrays as
  type udt_NumberList is table of number index by binary_integer;
  function TestInArrays(a_StartingValue number, a_Array udt_NumberList) return number;
  procedure TestInOutArrays(a_NumElems number, a_Array in out nocopy udt_NumberList);
  procedure TestOutArrays(a_NumElems number, a_Array out nocopy udt_NumberList);
end;
/
create package body &main_user..pkg_TestNumberArrays as
  function TestInArrays(a_StartingValue number, a_Array udt_NumberList) return number is
    l_Total number := a_StartingValue;
  begin
    for i in 1 .. a_Array.count loop
      l_Total := l_Total + a_Array(i);
    end loop;
    return l_Total;
  end;
  procedure TestInOutArrays(a_NumElems number, a_Array in out nocopy udt_NumberList) is
  begin
    for i in 1 .. a_NumElems loop
      a_Array(i) := a_Array(i) * 10;
    end loop;
  end;
  procedure TestOutArrays(a_NumElems number, a_Array out nocopy udt_NumberList) is
  begin
    for i in 1 .. a_NumElems loop
      a_Array(i) := i * 100;
    end loop;
  end;
end;
/
create package &main_user..pkg_TestDateArrays as
  type udt_DateList is table of date index by binary_integer;
  function TestInArrays(a_StartingValue number, a_BaseDate date, a_Array udt_DateList)
    return number;
  procedure TestInOutArrays(a_NumElems number, a_Array in out nocopy udt_DateList);
  procedure TestOutArrays(a_NumElems number, a_Array out nocopy udt_DateList);
end;
/
create package body &main_user..pkg_TestDateArrays as
  function TestInArrays(a_StartingValue number, a_BaseDate date, a_Array udt_DateList)
    return number is
    l_Total number := a_StartingValue;
  begin
    for i in 1 .. a_Array.count loop
      l_Total := l_Total + (a_Array(i) - a_BaseDate);
    end loop;
    return l_Total;
  end;
  procedure TestInOutArrays(a_NumElems number, a_Array in out nocopy udt_DateList) is
  begin
    for i in 1 .. a_NumElems loop
      a_Array(i) := a_Array(i) + 7;
    end loop;
  end;
  procedure TestOutArrays(a_NumElems number, a_Array out nocopy udt_DateList) is
  begin
    for i in 1 .. a_NumElems loop
      a_Array(i) := date '2002-12-12' + i * 1.2;
    end loop;
  end;
end;
/
create package &main_user..pkg_TestRefCursors as
  procedure TestOutCursor(a_MaxIntValue number, a_Cursor out sys_refcursor);
  function TestInCursor(a_Cursor sys_refcursor) return varchar2;
  function TestReturnCursor(a_MaxIntValue number) return sys_refcursor;
  procedure TestLobCursor(a_Value varchar2, a_Cursor out sys_refcursor);
  procedure TestCloseCursor(a_Cursor sys_refcursor);
end;
/
create package body &main_user..pkg_TestRefCursors as
  procedure TestOutCursor(a_MaxIntValue number, a_Cursor out sys_refcursor) is
  begin
    open a_Cursor for
      select IntCol, StringCol from TestStrings where IntCol <= a_MaxIntValue order by IntCol;
  end;
  function TestInCursor(a_Cursor sys_refcursor) return varchar2 is
    l_Text varchar2(100);
  begin
    fetch a_Cursor into l_Text;
    return l_Text || ' (Modified)';
  end;
  function TestReturnCursor(a_MaxIntValue number) return sys_refcursor is
    l_Cursor sys_refcursor;
  begin
    TestOutCursor(a_MaxIntValue, l_Cursor);
    return l_Cursor;
  end;
  procedure TestLobCursor(a_Value varchar2, a_Cursor out sys_refcursor) is
  begin
    open a_Cursor for select to_clob(a_Value) from dual;
  end;
  procedure TestCloseCursor(a_Cursor sys_refcursor) is
    l_Number number;
    l_Text varchar2(400);
  begin
    delete from TestTempTable;
    fetch a_Cursor into l_Number, l_Text;
    if a_Cursor%found then
      insert into TestTempTable (IntCol, StringCol1) values (l_Number, l_Text);
    end if;
    close a_Cursor;
    commit;
  end;
end;
/
create package &main_user..pkg_TestBooleans as
  type udt_BooleanList is table of boolean index by binary_integer;
  function EchoValue(a_Value boolean) return boolean;
  procedure EchoValueOut(a_Value boolean, a_ValueOut out boolean);
  function GetStringRep(a_Value boolean) return varchar2;
  function IsLessThan10(a_Value number) return boolean;
  function TestOutValueNull return boolean;
end;
/
create package body &main_user..pkg_TestBooleans as
  function EchoValue(a_Value boolean) return boolean is
  begin
    return a_Value;
  end;
  procedure EchoValueOut(a_Value boolean, a_ValueOut out boolean) is
  begin
    a_ValueOut := a_Value;
  end;
  function GetStringRep(a_Value boolean) return varchar2 is
  begin
    return case when a_Value is null then 'NULL' when a_Value then 'TRUE' else 'FALSE' end;
  end;
  function IsLessThan10(a_Value number) return boolean is
  begin
    return a_Value < 10;
  end;
  function TestOutValueNull return boolean is
  begin
    return null;
  end;
end;
/
create package &main_user..pkg_TestRecords as
  type udt_Record is record (
    NumberValue number, StringValue varchar2(30), DateValue date, TimestampValue timestamp,
    BooleanValue boolean, PlsIntegerValue pls_integer, BinaryIntegerValue binary_integer
  );
  type udt_RecordArray is table of udt_Record index by binary_integer;
  procedure TestInOutArrays(
    a_NumberValue number, a_StringValue varchar2, a_Array in out nocopy udt_RecordArray
  );
end;
/
create package body &main_user..pkg_TestRecords as
  procedure TestInOutArrays(
    a_NumberValue number, a_StringValue varchar2, a_Array in out nocopy udt_RecordArray
  ) is
    l_Index binary_integer := nvl(a_Array.last + 1, 0);
  begin
    a_Array(l_Index).NumberValue := a_NumberValue;
    a_Array(l_Index).StringValue := a_StringValue;
  end;
end;
/
-- Called by a pool that is told so: brings a session from the state of its tag to the wanted one.
create package &main_user..pkg_SessionCallback as
  procedure TheCallback(a_RequestedTag varchar2, a_ActualTag varchar2);
end;
/
create package body &main_user..pkg_SessionCallback as
  procedure LogCall(a_RequestedTag varchar2, a_ActualTag varchar2) is
    pragma autonomous_transaction;
  begin
    insert into PlsqlSessionCallbacks values (a_RequestedTag, a_ActualTag, systimestamp);
    commit;
  end;
  procedure TheCallback(a_RequestedTag varchar2, a_ActualTag varchar2) is
  begin
    LogCall(a_RequestedTag, a_ActualTag);
  end;
end;
/
create package &main_user..pkg_TestLOBs as
  procedure GetSize(a_BLOB blob, a_Size out number);
  procedure GetSize(a_CLOB clob, a_Size out number);
  procedure TestInOut(a_CLOB in out clob, a_SearchValue varchar2, a_ReplaceValue varchar2);
  function GetLOB(a_Num number, a_Format varchar2) return clob;
end;
/
create package body &main_user..pkg_TestLOBs as
  procedure GetSize(a_BLOB blob, a_Size out number) is
  begin
    a_Size := dbms_lob.getlength(a_BLOB);
  end;
  procedure GetSize(a_CLOB clob, a_Size out number) is
  begin
    a_Size := dbms_lob.getlength(a_CLOB);
  end;
  procedure TestInOut(a_CLOB in out clob, a_SearchValue varchar2, a_ReplaceValue varchar2) is
  begin
    if a_SearchValue is not null then
      a_CLOB := replace(a_CLOB, a_SearchValue, a_ReplaceValue);
    end if;
  end;
  function GetLOB(a_Num number, a_Format varchar2) return clob is
  begin
    return to_clob(replace(a_Format, '{}', to_char(a_Num)));
  end;
end;
/

-- queues
begin
    dbms_aqadm.create_queue_table(
        queue_table => '&main_user..RAW_QUEUE_TAB',
        queue_payload_type => 'RAW'
    );
    dbms_aqadm.create_queue(
        queue_name => '&main_user..TEST_RAW_QUEUE',
        queue_table => '&main_user..RAW_QUEUE_TAB'
    );
    dbms_aqadm.start_queue(queue_name => '&main_user..TEST_RAW_QUEUE');
end;
/
