create or replace package dbms_aq authid current_user as
  -- visibility
  immediate              constant binary_integer := 1;
  on_commit              constant binary_integer := 2;

  -- dequeue_mode
  browse                 constant binary_integer := 1;
  locked                 constant binary_integer := 2;
  remove                 constant binary_integer := 3;
  remove_nodata          constant binary_integer := 4;
  getsignature           constant binary_integer := 5;

  -- navigation
  first_message             constant binary_integer := 1;
  next_transaction          constant binary_integer := 2;
  next_message              constant binary_integer := 3;
  first_message_multi_group constant binary_integer := 4;
  next_message_multi_group  constant binary_integer := 5;

  -- wait
  forever                constant binary_integer := -1;
  no_wait                constant binary_integer := 0;

  -- delay and expiration
  no_delay               constant binary_integer := 0;
  never                  constant binary_integer := -1;

  -- state
  ready                  constant binary_integer := 0;
  waiting                constant binary_integer := 1;
  processed              constant binary_integer := 2;
  expired                constant binary_integer := 3;

  -- sequence_deviation
  before                 constant binary_integer := 2;
  top                    constant binary_integer := 3;

  -- delivery_mode
  persistent             constant binary_integer := 1;
  buffered               constant binary_integer := 2;
  persistent_or_buffered constant binary_integer := 3;

  type enqueue_options_t is record (
    visibility         binary_integer := 2,
    relative_msgid     raw(16)        := null,
    sequence_deviation binary_integer := null,
    transformation     varchar2(261)  := null,
    delivery_mode      pls_integer    not null := 1
  );

  type dequeue_options_t is record (
    consumer_name  varchar2(128)  := null,
    dequeue_mode   binary_integer := 3,
    navigation     binary_integer := 3,
    visibility     binary_integer := 2,
    wait           binary_integer := -1,
    msgid          raw(16)        := null,
    correlation    varchar2(128)  := null,
    deq_condition  varchar2(4000) := null,
    signature      raw(2000)      := null,
    transformation varchar2(261)  := null,
    delivery_mode  pls_integer    := 1
  );

  type message_properties_t is record (
    priority          binary_integer not null := 1,
    delay             binary_integer not null := 0,
    expiration        binary_integer not null := -1,
    correlation       varchar2(128)  := null,
    attempts          binary_integer,
    exception_queue   varchar2(261)  := null,
    enqueue_time      date,
    state             binary_integer,
    original_msgid    raw(16)        := null,
    transaction_group varchar2(30)   := null,
    delivery_mode     pls_integer    not null := 1
  );

  type message_properties_array_t is varray(2147483647) of message_properties_t;
  type msgid_array_t is table of raw(16) index by binary_integer;

  type error_record_t is record (
    error_position binary_integer,
    error_num      binary_integer,
    error_msg      varchar2(4000)
  );
  type error_array_t is varray(2147483647) of error_record_t;

  procedure enqueue(
    queue_name         in  varchar2,
    enqueue_options    in  enqueue_options_t,
    message_properties in  message_properties_t,
    payload            in  raw,
    msgid              out raw
  );

  procedure dequeue(
    queue_name         in  varchar2,
    dequeue_options    in  dequeue_options_t,
    message_properties out message_properties_t,
    payload            out raw,
    msgid              out raw
  );

  function enqueue_array(
    queue_name               in  varchar2,
    enqueue_options          in  enqueue_options_t,
    array_size               in  pls_integer,
    message_properties_array in  message_properties_array_t,
    payload_array            in  "<COLLECTION_1>",
    msgid_array              out msgid_array_t
  ) return pls_integer;

  function enqueue_array(
    queue_name               in  varchar2,
    enqueue_options          in  enqueue_options_t,
    array_size               in  pls_integer,
    message_properties_array in  message_properties_array_t,
    payload_array            in  "<COLLECTION_1>",
    msgid_array              out msgid_array_t,
    error_array              out error_array_t
  ) return pls_integer;

  function dequeue_array(
    queue_name               in  varchar2,
    dequeue_options          in  dequeue_options_t,
    array_size               in  pls_integer,
    message_properties_array out message_properties_array_t,
    payload_array            out "<COLLECTION_1>",
    msgid_array              out msgid_array_t
  ) return pls_integer;

  function dequeue_array(
    queue_name               in  varchar2,
    dequeue_options          in  dequeue_options_t,
    array_size               in  pls_integer,
    message_properties_array out message_properties_array_t,
    payload_array            out "<COLLECTION_1>",
    msgid_array              out msgid_array_t,
    error_array              out error_array_t
  ) return pls_integer;
end dbms_aq;
/
