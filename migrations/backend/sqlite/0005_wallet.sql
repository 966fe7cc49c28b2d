-- Old programs: must refuse.
-- Merchant accounts that an administrator bound, each with its keys under the vault's key. What
-- settlement works by stays wallet_binding; activating writes both.
CREATE TABLE wallet_account (
  company     TEXT    NOT NULL,
  binding     TEXT    NOT NULL,
  channel     TEXT    NOT NULL,
  merchant_no TEXT    NOT NULL,
  app_id      TEXT    NOT NULL,
  holder      TEXT    NOT NULL,
  credit_code TEXT    NOT NULL,
  status      TEXT    NOT NULL CHECK (status IN ('draft', 'failed', 'tested', 'active', 'retired')),
  -- Why the last self-test failed.
  refused     TEXT,
  tested_at   INTEGER,
  saved_by    TEXT    NOT NULL,
  saved_at    INTEGER NOT NULL,
  -- AES-256-GCM, nonce first; bound to company, channel, merchant number and app.
  secret      BLOB    NOT NULL,
  PRIMARY KEY (company, binding)
) STRICT;
CREATE UNIQUE INDEX wallet_account_active ON wallet_account (company, channel)
  WHERE status = 'active';

-- Who did what to the wallet. Rows are never changed or deleted.
CREATE TABLE wallet_change (
  company  TEXT    NOT NULL,
  position INTEGER NOT NULL,
  staff    TEXT    NOT NULL,
  terminal TEXT    NOT NULL,
  body     TEXT    NOT NULL,
  PRIMARY KEY (company, position)
) STRICT;

-- The dedicated mini program and what its owner check found.
CREATE TABLE mini_program (
  company TEXT NOT NULL PRIMARY KEY,
  body    TEXT NOT NULL
) STRICT;
