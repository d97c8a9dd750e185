-- What the app remembers of itself: alerts, the tiles' trends, who did what, and whether the owner is alive.

ALTER TABLE storepulse.owner ADD COLUMN seen_at timestamp;

-- Alerts as they were raised; resolved_at is null while one holds.
CREATE TABLE storepulse.alerts (
  id text NOT NULL,
  raised_at timestamp NOT NULL,
  kind text NOT NULL,
  severity text NOT NULL,
  message text NOT NULL,
  store_id integer,
  resolved_at timestamp,
  PRIMARY KEY (id, raised_at)
);

-- Figures of the board that no other table holds, one row in ten seconds.
CREATE TABLE storepulse.trends (
  measured_at timestamp PRIMARY KEY,
  customers bigint,
  p50_ms double precision,
  data_quality double precision
);

-- Commands that changed something. Only ever added to.
CREATE TABLE storepulse.audit (
  entry bigint PRIMARY KEY,
  done_at timestamp NOT NULL,
  who text NOT NULL,
  action text NOT NULL,
  subject text NOT NULL,
  detail text NOT NULL
);

-- Recovery state where it is not kept in files: `state` in pieces, in order.
CREATE TABLE storepulse.snapshots (
  epoch bigint NOT NULL,
  piece integer NOT NULL,
  pieces integer NOT NULL,
  offsets text NOT NULL,
  until_sequence bigint NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (epoch, piece)
);
