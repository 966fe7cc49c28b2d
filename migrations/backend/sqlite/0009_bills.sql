-- How bills came, and WeChat Pay's fund-flow bills. Older programs may open: no (a migration they
-- don't know).

ALTER TABLE bill ADD COLUMN origin TEXT NOT NULL DEFAULT '{}';

-- A fund-flow bill is matched with the trade bill of its day; a sum's name says which money it is,
-- whatever day's bill names it.
CREATE TABLE flow_bill (
  company     TEXT    NOT NULL,
  channel     TEXT    NOT NULL,
  merchant_no TEXT    NOT NULL,
  day         TEXT    NOT NULL,
  imported_at INTEGER NOT NULL,
  origin      TEXT    NOT NULL,
  summary     TEXT    NOT NULL,
  PRIMARY KEY (company, channel, merchant_no, day)
) STRICT;

CREATE TABLE flow_item (
  company     TEXT    NOT NULL,
  channel     TEXT    NOT NULL,
  merchant_no TEXT    NOT NULL,
  item        TEXT    NOT NULL,
  day         TEXT    NOT NULL,
  found       TEXT    NOT NULL,
  attention   TEXT,
  body        TEXT    NOT NULL,
  PRIMARY KEY (company, channel, merchant_no, item)
) STRICT;
CREATE INDEX flow_item_day ON flow_item (company, channel, merchant_no, day);
