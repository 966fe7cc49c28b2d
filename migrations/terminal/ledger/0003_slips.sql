-- Old programs: must refuse.
-- Photos of slips recorded here, by the SHA-256 that their operation names. They go with it, and stay
-- as long as it does.
CREATE TABLE slip (
  sha256 TEXT PRIMARY KEY,
  jpeg BLOB NOT NULL
) STRICT, WITHOUT ROWID;
