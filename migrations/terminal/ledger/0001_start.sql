-- Old programs: must refuse.
-- ledger.db: what must never be lost (rule 4.4). Ids are 16 bytes; amounts are integer fen; times
-- are milliseconds since 1970 in UTC.

-- Who this terminal is. One row once it is enrolled.
CREATE TABLE identity (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  company TEXT NOT NULL,
  terminal TEXT NOT NULL,
  incarnation INTEGER NOT NULL,
  seed BLOB NOT NULL,
  backend_key TEXT NOT NULL,
  backend_url TEXT NOT NULL
) STRICT;

-- The newest lease, as the backend signed it.
CREATE TABLE lease (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  text TEXT NOT NULL,
  signature TEXT NOT NULL
) STRICT;

-- The log's counters, one row per incarnation: a counter of its own, never a reused rowid (4.5).
CREATE TABLE log (
  incarnation INTEGER PRIMARY KEY,
  head_seq INTEGER NOT NULL,
  head_hash BLOB NOT NULL,
  -- How far the backend said it has the log; operations above it are sent.
  backend_seq INTEGER NOT NULL,
  -- Runs through the incarnation and is never reset (5.2).
  next_number INTEGER NOT NULL
) STRICT;

-- The highest times ever seen (7.3), and what the user switched on.
CREATE TABLE device (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  backend_at INTEGER NOT NULL,
  high_water_at INTEGER NOT NULL,
  work_offline INTEGER NOT NULL
) STRICT;
INSERT INTO device (one, backend_at, high_water_at, work_offline) VALUES (1, 0, 0, 0);

-- Operations, byte for byte as signed. position = incarnation * 2^40 + seq: log order.
CREATE TABLE operation (
  position INTEGER PRIMARY KEY,
  op_id BLOB NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  staff BLOB NOT NULL,
  at INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  signature BLOB NOT NULL,
  -- The backend's last signed word, as JSON.
  verdict TEXT,
  -- The change that carried a final verdict through the feed; NULL while pending (4.1).
  settled_by INTEGER,
  -- 1: rejected or applied with a difference, and nobody has looked at it yet.
  needs_look INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX operation_pending ON operation (position) WHERE settled_by IS NULL;
CREATE INDEX operation_needs_look ON operation (position) WHERE needs_look = 1;

-- Which documents an operation folds into. state: 1 pending, 2 settled and to be looked at, 0 done.
CREATE TABLE touch (
  kind TEXT NOT NULL,
  id BLOB NOT NULL,
  position INTEGER NOT NULL,
  state INTEGER NOT NULL,
  PRIMARY KEY (kind, id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX touch_by_position ON touch (position);

-- A document is the backend's last word plus the fold of its pending operations (4.1).
-- view is NULL while nothing is pending: then base is the view.
CREATE TABLE document (
  kind TEXT NOT NULL,
  id BLOB NOT NULL,
  base TEXT,
  base_epoch INTEGER NOT NULL,
  base_seq INTEGER NOT NULL,
  view TEXT,
  marks TEXT,
  pending INTEGER NOT NULL,
  number TEXT,
  distributor BLOB,
  state TEXT NOT NULL,
  payment_state TEXT,
  total_fen INTEGER NOT NULL,
  paid_fen INTEGER NOT NULL,
  waiting_fen INTEGER NOT NULL DEFAULT 0,
  asked_fen INTEGER NOT NULL DEFAULT 0,
  at INTEGER NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX document_by_time ON document (kind, at DESC);
CREATE INDEX document_by_distributor ON document (kind, distributor, at DESC);
CREATE INDEX document_by_number ON document (number) WHERE number IS NOT NULL;
CREATE INDEX document_unpaid ON document (kind, distributor, at)
  WHERE payment_state IN ('unpaid', 'partly_paid') AND state <> 'cancelled';

-- What a collection or an intent does to an order: asked, waiting or applied (5.4).
CREATE TABLE claim (
  order_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  id BLOB NOT NULL,
  state TEXT NOT NULL,
  amount_fen INTEGER NOT NULL,
  PRIMARY KEY (order_id, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_by_source ON claim (kind, id);

-- Drafts are local rows, no operations (5.3). Their number is taken when they are first saved.
CREATE TABLE draft (
  id BLOB PRIMARY KEY,
  number TEXT NOT NULL,
  staff BLOB NOT NULL,
  body TEXT NOT NULL,
  saved_at INTEGER NOT NULL
) STRICT;

-- Tickets issued by the backend; each makes one QR (6.2).
CREATE TABLE ticket (
  id BLOB PRIMARY KEY,
  body TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  taken INTEGER NOT NULL DEFAULT 0,
  wrong_codes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX ticket_free ON ticket (expires_at) WHERE taken = 0;

-- Where this file is in the feed, and how far a snapshot has come.
CREATE TABLE cursor (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  at TEXT NOT NULL,
  snapshot_cursor TEXT,
  snapshot_next TEXT
) STRICT;
INSERT INTO cursor (one, at) VALUES (1, '0.0.0');

-- Small records of the terminal's own, as JSON: how it looks.
CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Wrong PINs since the last right one (9.3).
CREATE TABLE unlock_failure (
  staff BLOB PRIMARY KEY,
  count INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
