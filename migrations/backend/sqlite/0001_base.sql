-- The backend's books, SQLite. Older programs may open: no (this is the first).
--
-- Every key leads with the company, so that the schema shards by company. Documents are stored
-- whole as JSON beside the columns that keys, checks and queries need. Ids are text: UUIDs, or 13
-- characters of Crockford base32. Times are milliseconds since 1970, money is whole fen.

CREATE TABLE company (
  company  TEXT NOT NULL PRIMARY KEY,
  settings TEXT NOT NULL
) STRICT;

-- Where the feed stands. One row per company is what makes its numbers gap-free and
-- commit-ordered: whoever writes changes holds it until the commit.
CREATE TABLE head (
  company TEXT    NOT NULL PRIMARY KEY REFERENCES company (company),
  epoch   INTEGER NOT NULL CHECK (epoch >= 1),
  seq     INTEGER NOT NULL CHECK (seq >= 0)
) STRICT;

-- Numbers that are handed out one after the other: distributors, the backend's own documents.
CREATE TABLE counter (
  company TEXT    NOT NULL,
  name    TEXT    NOT NULL,
  value   INTEGER NOT NULL CHECK (value >= 0),
  PRIMARY KEY (company, name)
) STRICT;

-- The feed. `grp` is the first number of the transaction; `scope` is the only terminal that may
-- see it, or null; `latest` marks the change that holds the document as it stands.
CREATE TABLE change (
  company   TEXT    NOT NULL,
  seq       INTEGER NOT NULL,
  tag       INTEGER NOT NULL,
  grp       INTEGER NOT NULL,
  scope     TEXT,
  doc       TEXT    NOT NULL,
  doc_key   TEXT    NOT NULL,
  caused_by TEXT,
  latest    INTEGER NOT NULL CHECK (latest IN (0, 1)),
  body      TEXT    NOT NULL,
  PRIMARY KEY (company, seq)
) STRICT;
CREATE UNIQUE INDEX change_latest ON change (company, doc, doc_key) WHERE latest = 1;
CREATE INDEX change_snapshot ON change (company, seq) WHERE latest = 1;

CREATE TABLE staff (
  company TEXT NOT NULL,
  staff   TEXT NOT NULL,
  body    TEXT NOT NULL,
  PRIMARY KEY (company, staff)
) STRICT;

-- A terminal in its present incarnation, and how far its log reached here (rule 4.9).
-- `head_damaged`: the last operation came damaged, so its hash can't be compared.
CREATE TABLE terminal (
  company      TEXT    NOT NULL,
  terminal     TEXT    NOT NULL,
  base_code    TEXT    NOT NULL,
  code         TEXT    NOT NULL,
  incarnation  INTEGER NOT NULL CHECK (incarnation >= 1),
  head_seq     INTEGER NOT NULL CHECK (head_seq >= 0),
  head_hash    TEXT    NOT NULL,
  head_damaged INTEGER NOT NULL CHECK (head_damaged IN (0, 1)),
  revoked      INTEGER NOT NULL CHECK (revoked IN (0, 1)),
  PRIMARY KEY (company, terminal),
  UNIQUE (company, base_code)
) STRICT;

CREATE TABLE incarnation (
  company     TEXT    NOT NULL,
  terminal    TEXT    NOT NULL,
  incarnation INTEGER NOT NULL,
  code        TEXT    NOT NULL,
  public_key  TEXT    NOT NULL,
  enrolled_at INTEGER NOT NULL,
  PRIMARY KEY (company, terminal, incarnation),
  UNIQUE (company, code),
  FOREIGN KEY (company, terminal) REFERENCES terminal (company, terminal)
) STRICT;

CREATE TABLE enrolment_code (
  company    TEXT    NOT NULL,
  code_hash  TEXT    NOT NULL,
  base_code  TEXT    NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at    INTEGER,
  PRIMARY KEY (company, code_hash)
) STRICT;

-- Every operation that ever arrived, byte for byte, with its verdict. Quarantined ones (past a
-- fork, or of an incarnation that has ended) may share a number with another.
CREATE TABLE operation (
  company     TEXT    NOT NULL,
  op_id       TEXT    NOT NULL,
  terminal    TEXT    NOT NULL,
  incarnation INTEGER NOT NULL,
  seq         INTEGER NOT NULL,
  quarantined INTEGER NOT NULL CHECK (quarantined IN (0, 1)),
  hash        TEXT    NOT NULL,
  kind        TEXT    NOT NULL,
  staff       TEXT,
  replaces    TEXT,
  bytes       BLOB    NOT NULL,
  signature   TEXT    NOT NULL,
  received_at INTEGER NOT NULL,
  settled     INTEGER NOT NULL CHECK (settled IN (0, 1)),
  applied     INTEGER NOT NULL CHECK (applied IN (0, 1)),
  wait_for    TEXT,
  wait_id     TEXT,
  verdict     TEXT    NOT NULL,
  PRIMARY KEY (company, op_id)
) STRICT;
CREATE UNIQUE INDEX operation_log ON operation (company, terminal, incarnation, seq)
  WHERE quarantined = 0;
CREATE INDEX operation_hash ON operation (company, terminal, hash);
CREATE INDEX operation_waiting ON operation (company, wait_for, wait_id) WHERE settled = 0;
CREATE INDEX operation_replaces ON operation (company, replaces) WHERE replaces IS NOT NULL;

CREATE TABLE product (
  company TEXT NOT NULL,
  product TEXT NOT NULL,
  code    TEXT NOT NULL,
  body    TEXT NOT NULL,
  PRIMARY KEY (company, product),
  UNIQUE (company, code)
) STRICT;

CREATE TABLE price_book (
  company    TEXT NOT NULL,
  price_book TEXT NOT NULL,
  body       TEXT NOT NULL,
  PRIMARY KEY (company, price_book)
) STRICT;

CREATE TABLE price (
  company    TEXT    NOT NULL,
  price_book TEXT    NOT NULL,
  product    TEXT    NOT NULL,
  valid_from INTEGER NOT NULL,
  body       TEXT    NOT NULL,
  PRIMARY KEY (company, price_book, product, valid_from)
) STRICT;

-- `served_by` is the terminal that dealt with the distributor last: allotments follow it (7.2).
CREATE TABLE distributor (
  company     TEXT    NOT NULL,
  distributor TEXT    NOT NULL,
  number      INTEGER NOT NULL CHECK (number >= 1),
  code        TEXT    NOT NULL,
  served_by   TEXT,
  owed_fen    INTEGER NOT NULL DEFAULT 0 CHECK (owed_fen >= 0),
  body        TEXT    NOT NULL,
  PRIMARY KEY (company, distributor),
  UNIQUE (company, number),
  UNIQUE (company, code)
) STRICT;
CREATE INDEX distributor_served ON distributor (company, served_by) WHERE served_by IS NOT NULL;

-- Every document number ever used, thrown-away drafts included (rule 5.2).
CREATE TABLE number (
  company TEXT NOT NULL,
  number  TEXT NOT NULL,
  owner   TEXT NOT NULL,
  PRIMARY KEY (company, number)
) STRICT;

CREATE TABLE sales_order (
  company     TEXT    NOT NULL,
  sales_order TEXT    NOT NULL,
  distributor TEXT    NOT NULL,
  number      TEXT    NOT NULL,
  state       TEXT    NOT NULL,
  revision    INTEGER NOT NULL CHECK (revision >= 1),
  total_fen   INTEGER NOT NULL,
  paid_fen    INTEGER NOT NULL CHECK (paid_fen >= 0),
  -- Taken over from an earlier system: what paid it is not in these books.
  history     INTEGER NOT NULL CHECK (history IN (0, 1)),
  body        TEXT    NOT NULL,
  PRIMARY KEY (company, sales_order)
) STRICT;
CREATE INDEX sales_order_distributor ON sales_order (company, distributor);
CREATE INDEX sales_order_number ON sales_order (company, number);

CREATE TABLE payment_collection (
  company     TEXT    NOT NULL,
  collection  TEXT    NOT NULL,
  distributor TEXT    NOT NULL,
  number      TEXT    NOT NULL,
  method      TEXT    NOT NULL,
  purpose     TEXT    NOT NULL,
  state       TEXT    NOT NULL,
  amount_fen  INTEGER NOT NULL CHECK (amount_fen > 0),
  unapplied_fen INTEGER NOT NULL CHECK (unapplied_fen BETWEEN 0 AND amount_fen),
  intent      TEXT,
  body        TEXT    NOT NULL,
  PRIMARY KEY (company, collection)
) STRICT;
CREATE INDEX payment_collection_distributor ON payment_collection (company, distributor);
CREATE INDEX payment_collection_intent ON payment_collection (company, intent)
  WHERE intent IS NOT NULL;

-- What confirmed collections pay on orders; `position` counts in the order applied.
CREATE TABLE allocation (
  company     TEXT    NOT NULL,
  sales_order TEXT    NOT NULL,
  collection  TEXT    NOT NULL,
  position    INTEGER NOT NULL,
  amount_fen  INTEGER NOT NULL CHECK (amount_fen >= 0),
  PRIMARY KEY (company, sales_order, collection),
  FOREIGN KEY (company, collection) REFERENCES payment_collection (company, collection),
  FOREIGN KEY (company, sales_order) REFERENCES sales_order (company, sales_order)
) STRICT;

-- Issued once, used once. The receipt code is here and on the payer's phone, nowhere else.
CREATE TABLE ticket (
  company      TEXT    NOT NULL,
  intent       TEXT    NOT NULL,
  terminal     TEXT    NOT NULL,
  receipt_code TEXT    NOT NULL,
  expires_at   INTEGER NOT NULL,
  used         INTEGER NOT NULL CHECK (used IN (0, 1)),
  body         TEXT    NOT NULL,
  PRIMARY KEY (company, intent)
) STRICT;
CREATE INDEX ticket_terminal ON ticket (company, terminal) WHERE used = 0;

-- An ask. `link` is the first offline link body seen for the ticket (rule 6.4); `body` is null
-- until the operation has arrived (rule 6.5).
CREATE TABLE payment_intent (
  company     TEXT    NOT NULL,
  intent      TEXT    NOT NULL,
  live        INTEGER NOT NULL CHECK (live IN (0, 1)),
  closing     INTEGER NOT NULL CHECK (closing IN (0, 1)),
  pay_code    TEXT,
  link        TEXT,
  body        TEXT,
  PRIMARY KEY (company, intent),
  FOREIGN KEY (company, intent) REFERENCES ticket (company, intent)
) STRICT;
CREATE UNIQUE INDEX payment_intent_pay_code ON payment_intent (company, pay_code)
  WHERE pay_code IS NOT NULL;

CREATE TABLE intent_order (
  company     TEXT NOT NULL,
  sales_order TEXT NOT NULL,
  intent      TEXT NOT NULL,
  PRIMARY KEY (company, sales_order, intent)
) STRICT;

-- At most one attempt of an intent is offered (rule 6.8): the index refuses a second.
CREATE TABLE attempt (
  company      TEXT    NOT NULL,
  out_trade_no TEXT    NOT NULL,
  intent       TEXT    NOT NULL,
  channel      TEXT    NOT NULL,
  ordinal      INTEGER NOT NULL,
  state        TEXT    NOT NULL,
  offered      INTEGER NOT NULL CHECK (offered IN (0, 1)),
  body         TEXT    NOT NULL,
  PRIMARY KEY (company, out_trade_no),
  UNIQUE (company, intent, channel, ordinal),
  FOREIGN KEY (company, intent) REFERENCES payment_intent (company, intent)
) STRICT;
CREATE UNIQUE INDEX attempt_offered ON attempt (company, intent) WHERE offered = 1;

-- What channels say happened: once per channel and provider number (rule 6.7). `proof` holds the
-- channel's own bytes, to be verified again; `held` marks money waiting for its operation.
CREATE TABLE transaction_record (
  company     TEXT    NOT NULL,
  channel     TEXT    NOT NULL,
  provider_no TEXT    NOT NULL,
  record      TEXT    NOT NULL,
  intent      TEXT,
  collection  TEXT,
  gross_fen   INTEGER NOT NULL CHECK (gross_fen > 0),
  held        INTEGER NOT NULL CHECK (held IN (0, 1)),
  body        TEXT    NOT NULL,
  proof       TEXT    NOT NULL,
  PRIMARY KEY (company, channel, provider_no),
  UNIQUE (company, record)
) STRICT;
CREATE INDEX transaction_record_intent ON transaction_record (company, intent)
  WHERE intent IS NOT NULL;

-- Double entry: running totals, and every posting that made them.
CREATE TABLE account (
  company     TEXT    NOT NULL,
  account     TEXT    NOT NULL,
  kind        TEXT    NOT NULL,
  distributor TEXT,
  terminal    TEXT,
  balance_fen INTEGER NOT NULL,
  PRIMARY KEY (company, account),
  CHECK (balance_fen >= 0
         OR kind IN ('channel_clearing', 'cash_in_hand', 'fees', 'suspense'))
) STRICT;
CREATE INDEX account_distributor ON account (company, distributor)
  WHERE distributor IS NOT NULL;

CREATE TABLE posting (
  company    TEXT    NOT NULL,
  entry      TEXT    NOT NULL,
  line       INTEGER NOT NULL,
  account    TEXT    NOT NULL,
  amount_fen INTEGER NOT NULL CHECK (amount_fen <> 0),
  cause      TEXT    NOT NULL,
  at         INTEGER NOT NULL,
  PRIMARY KEY (company, entry, line),
  FOREIGN KEY (company, account) REFERENCES account (company, account)
) STRICT;
CREATE INDEX posting_account ON posting (company, account);

CREATE TABLE attention (
  company   TEXT    NOT NULL,
  attention TEXT    NOT NULL,
  done      INTEGER NOT NULL CHECK (done IN (0, 1)),
  body      TEXT    NOT NULL,
  PRIMARY KEY (company, attention)
) STRICT;

CREATE TABLE wallet_binding (
  company     TEXT    NOT NULL,
  channel     TEXT    NOT NULL,
  merchant_no TEXT    NOT NULL,
  app_id      TEXT    NOT NULL,
  holder      TEXT    NOT NULL,
  active      INTEGER NOT NULL CHECK (active IN (0, 1)),
  PRIMARY KEY (company, channel, merchant_no, app_id)
) STRICT;
CREATE UNIQUE INDEX wallet_binding_active ON wallet_binding (company, channel) WHERE active = 1;

-- Background work, claimed with leases so that it runs once however many instances there are.
CREATE TABLE job (
  company      TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  subject      TEXT    NOT NULL,
  due_at       INTEGER NOT NULL,
  tries        INTEGER NOT NULL CHECK (tries >= 0),
  leased_by    TEXT,
  leased_until INTEGER,
  PRIMARY KEY (company, kind, subject)
) STRICT;
CREATE INDEX job_due ON job (company, due_at);

-- Raw callbacks, stored before they are answered.
CREATE TABLE callback (
  company     TEXT    NOT NULL,
  callback    TEXT    NOT NULL,
  channel     TEXT    NOT NULL,
  headers     TEXT    NOT NULL,
  body        BLOB    NOT NULL,
  received_at INTEGER NOT NULL,
  outcome     TEXT,
  PRIMARY KEY (company, callback)
) STRICT;
