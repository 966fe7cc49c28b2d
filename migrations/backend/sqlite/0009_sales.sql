-- Old programs: must refuse.
-- Photos of slips, each once, by the SHA-256 that the collection's operation names.
CREATE TABLE slip (
  company  TEXT    NOT NULL,
  sha256   TEXT    NOT NULL,
  terminal TEXT    NOT NULL,
  at       INTEGER NOT NULL,
  jpeg     BLOB    NOT NULL,
  PRIMARY KEY (company, sha256)
) STRICT;
