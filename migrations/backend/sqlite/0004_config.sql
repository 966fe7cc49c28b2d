-- Old programs: must refuse.
-- Every version of the company's configuration, whole, with who decided it and when. Rows are never
-- changed or deleted: what a version replaced is the row before it.
CREATE TABLE config_version (
  company TEXT    NOT NULL,
  version INTEGER NOT NULL CHECK (version > 0),
  at      INTEGER NOT NULL,
  -- NULL: the program was set up with it.
  author  TEXT,
  op_id   TEXT,
  config  TEXT    NOT NULL,
  PRIMARY KEY (company, version)
) STRICT;

-- What was a part of the company's settings becomes the first version.
INSERT INTO config_version (company, version, at, author, op_id, config)
SELECT company, 1, 0, NULL, NULL, json_object(
  'online_payment_enabled',
  json(CASE WHEN json_extract(settings, '$.online_payment') THEN 'true' ELSE 'false' END),
  'intent_lifetime_s',
  min(86400, max(60, coalesce(json_extract(settings, '$.intent_life_ms'), 900000) / 1000)))
FROM company;
