-- What has been counted, and how far. Times are UTC without a zone.

CREATE SEQUENCE public.transactions_summary_id_seq;

-- One row a window and store: the table everyone may query.
CREATE TABLE public.transactions_summary (
  id integer PRIMARY KEY DEFAULT nextval('public.transactions_summary_id_seq'),
  window_start timestamp NOT NULL,
  window_end timestamp NOT NULL,
  store_id integer NOT NULL,
  total_transactions integer,
  total_revenue decimal(12, 2),
  unique_customers integer,
  avg_transaction_value decimal(10, 2),
  created_at timestamp DEFAULT current_timestamp,
  UNIQUE (window_start, store_id)
);

CREATE INDEX idx_window_start ON public.transactions_summary (window_start);

-- The same windows, exact, with what their rows were made from.
CREATE TABLE storepulse.windows (
  window_start timestamp NOT NULL,
  window_end timestamp NOT NULL,
  store_id integer NOT NULL,
  transactions bigint NOT NULL,
  cents decimal(38, 0) NOT NULL,
  unique_customers integer NOT NULL,
  revision bigint NOT NULL,
  final boolean NOT NULL,
  PRIMARY KEY (window_start, store_id)
);

-- The distinct sketches of final windows, for sales that are re-admitted later.
CREATE TABLE storepulse.sketches (
  window_start timestamp NOT NULL,
  store_id integer NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (window_start, store_id)
);

-- The committed epochs in order; ranges is a JSON array of {topic, partition, from, until}.
CREATE TABLE storepulse.epochs (
  epoch bigint PRIMARY KEY,
  kind text NOT NULL,
  ranges text NOT NULL,
  from_sequence bigint NOT NULL,
  until_sequence bigint NOT NULL,
  records bigint NOT NULL,
  watermark timestamp,
  read_at timestamp NOT NULL
);

-- Cumulative since the first epoch. Topic '*': over all topics; name 'offset/n': next offset to read of partition n.
CREATE TABLE storepulse.counters (
  slot integer PRIMARY KEY,
  topic text NOT NULL,
  name text NOT NULL,
  value bigint NOT NULL,
  UNIQUE (topic, name)
);

CREATE VIEW storepulse.offsets AS
  SELECT topic, CAST(substring(name FROM 8) AS integer) AS partition, value AS next_offset
  FROM storepulse.counters WHERE name LIKE 'offset/%';

-- Sales whose window had closed.
CREATE TABLE storepulse.late (
  topic text NOT NULL,
  partition integer NOT NULL,
  record_offset bigint NOT NULL,
  store_id integer NOT NULL,
  transaction_id text NOT NULL,
  event_time timestamp NOT NULL,
  cents bigint NOT NULL,
  lateness_ms bigint NOT NULL,
  appended_at timestamp NOT NULL,
  epoch bigint NOT NULL,
  readmitted_at timestamp,
  PRIMARY KEY (topic, partition, record_offset)
);

-- Records that were no events: their first 64 KiB, and the hash of the whole.
CREATE TABLE storepulse.quarantine (
  topic text NOT NULL,
  partition integer NOT NULL,
  record_offset bigint NOT NULL,
  reason text NOT NULL,
  path text NOT NULL,
  bytes bytea NOT NULL,
  size_bytes bigint NOT NULL,
  sha256 text NOT NULL,
  seen_at timestamp NOT NULL,
  epoch bigint NOT NULL,
  readmitted_at timestamp,
  PRIMARY KEY (topic, partition, record_offset)
);

-- Duplicates whose content was not that of the record counted under their id.
CREATE TABLE storepulse.conflicts (
  topic text NOT NULL,
  partition integer NOT NULL,
  record_offset bigint NOT NULL,
  id text NOT NULL,
  epoch bigint NOT NULL,
  PRIMARY KEY (topic, partition, record_offset)
);

-- The one process that may commit. Slot is always 1.
CREATE TABLE storepulse.owner (
  slot integer PRIMARY KEY,
  fencing_token text NOT NULL,
  process_id bigint NOT NULL,
  command text NOT NULL,
  claimed_at timestamp NOT NULL,
  committed_at timestamp
);

-- Settings the rows depend on.
CREATE TABLE storepulse.settings (
  name text PRIMARY KEY,
  value text NOT NULL
);
