-- Old programs: must refuse.
-- Where money without a home belongs: proposed by one person, decided by another, once.
CREATE TABLE money_match (
  company     TEXT    NOT NULL,
  money_match TEXT    NOT NULL,
  distributor TEXT    NOT NULL,
  record      TEXT,
  state       TEXT    NOT NULL CHECK (state IN ('proposed', 'rejected', 'approved')),
  amount_fen  INTEGER NOT NULL CHECK (amount_fen > 0),
  moved_fen   INTEGER NOT NULL CHECK (moved_fen BETWEEN 0 AND amount_fen
                                      AND (moved_fen > 0) = (state = 'approved')),
  body        TEXT    NOT NULL,
  PRIMARY KEY (company, money_match),
  FOREIGN KEY (company, record) REFERENCES transaction_record (company, record)
) STRICT;
-- A payment becomes somebody's once.
CREATE UNIQUE INDEX money_match_record ON money_match (company, record)
  WHERE record IS NOT NULL AND state = 'approved';

-- What a collection pays on orders, as a running total: with its unapplied rest never more than
-- came, whatever a rule believes.
CREATE INDEX allocation_collection ON allocation (company, collection);
ALTER TABLE payment_collection ADD COLUMN applied_fen INTEGER NOT NULL DEFAULT 0
  CHECK (applied_fen >= 0 AND applied_fen + unapplied_fen <= amount_fen);
UPDATE payment_collection SET applied_fen = (
  SELECT coalesce(sum(l.amount_fen), 0) FROM allocation l
  WHERE l.company = payment_collection.company AND l.collection = payment_collection.collection);

-- The money that an item is about, `kind:id`.
ALTER TABLE attention ADD COLUMN concern TEXT;
CREATE INDEX attention_concern ON attention (company, concern)
  WHERE concern IS NOT NULL AND done = 0;
