-- Refunds. Older programs may open: no (they would not count what has gone back).
--
-- What has gone back or is set aside to go back on a payment, as a running total: never more than
-- was paid, whatever a rule believes.
ALTER TABLE transaction_record ADD COLUMN refunded_fen INTEGER NOT NULL DEFAULT 0
  CHECK (refunded_fen BETWEEN 0 AND gross_fen);

-- `counted_fen` is the refund's part of that total. `out_refund_no` is fixed by the approval and
-- names one refund for ever; `proof` is the channel's own word on how it ended.
CREATE TABLE refund (
  company       TEXT    NOT NULL,
  refund        TEXT    NOT NULL,
  record        TEXT    NOT NULL,
  distributor   TEXT    NOT NULL,
  out_refund_no TEXT,
  state         TEXT    NOT NULL,
  amount_fen    INTEGER NOT NULL CHECK (amount_fen > 0),
  counted_fen   INTEGER NOT NULL CHECK (counted_fen BETWEEN 0 AND amount_fen),
  body          TEXT    NOT NULL,
  proof         TEXT,
  PRIMARY KEY (company, refund),
  FOREIGN KEY (company, record) REFERENCES transaction_record (company, record)
) STRICT;
CREATE INDEX refund_record ON refund (company, record);
CREATE UNIQUE INDEX refund_number ON refund (company, out_refund_no)
  WHERE out_refund_no IS NOT NULL;
