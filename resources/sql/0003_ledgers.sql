-- What falls out of the ledgers, so that nothing of it is uncounted.

-- Rows that left the late ledger or the quarantine by its bound, without their bytes, while the log holds their records:
-- these can still be looked into and re-admitted.
CREATE TABLE storepulse.evicted (
  ledger text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  record_offset bigint NOT NULL,
  reason text,
  store_id integer,
  cents bigint,
  epoch bigint NOT NULL,
  readmitted_at timestamp,
  PRIMARY KEY (topic, partition, record_offset)
);

-- Sums of what has left that too, and of what was purged. Name: the store of late sales, the reason of rejected records,
-- the topic of conflicts.
CREATE TABLE storepulse.forgotten (
  ledger text NOT NULL,
  name text NOT NULL,
  records bigint NOT NULL,
  cents decimal(38, 0) NOT NULL,
  readmitted bigint NOT NULL,
  readmitted_cents decimal(38, 0) NOT NULL,
  PRIMARY KEY (ledger, name)
);
