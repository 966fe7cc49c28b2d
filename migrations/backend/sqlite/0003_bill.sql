-- The channels' bills. Older programs may open: no (a migration they don't know).
--
-- A bill is matched as a whole; what became of each sum of money is an item. An item's name says
-- which money it is, whatever day's bill names it, so that a trade at midnight is one item.

CREATE TABLE bill (
  company     TEXT    NOT NULL,
  channel     TEXT    NOT NULL,
  merchant_no TEXT    NOT NULL,
  day         TEXT    NOT NULL,
  imported_at INTEGER NOT NULL,
  summary     TEXT    NOT NULL,
  PRIMARY KEY (company, channel, merchant_no, day)
) STRICT;

CREATE TABLE bill_item (
  company     TEXT    NOT NULL,
  channel     TEXT    NOT NULL,
  merchant_no TEXT    NOT NULL,
  item        TEXT    NOT NULL,
  day         TEXT    NOT NULL,
  found       TEXT    NOT NULL,
  fee_posted  INTEGER NOT NULL CHECK (fee_posted IN (0, 1)),
  attention   TEXT,
  body        TEXT    NOT NULL,
  PRIMARY KEY (company, channel, merchant_no, item)
) STRICT;
CREATE INDEX bill_item_day ON bill_item (company, channel, merchant_no, day);

-- The records of a day, for what no bill names.
CREATE INDEX transaction_record_paid
  ON transaction_record (company, channel, json_extract(body, '$.paid_at'));
