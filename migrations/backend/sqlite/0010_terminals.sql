-- Older programs may open: no (what waits for a review names why).
--
-- When each terminal was last in touch, by which program, and how far its log reached then. Written
-- now and then: what was heard since is in the memory of the program.
CREATE TABLE terminal_contact (
  company     TEXT    NOT NULL,
  terminal    TEXT    NOT NULL,
  at          INTEGER NOT NULL,
  -- When its leave to work was last renewed.
  leased_at   INTEGER,
  version     TEXT    NOT NULL,
  incarnation INTEGER NOT NULL,
  seq         INTEGER NOT NULL CHECK (seq >= 0),
  PRIMARY KEY (company, terminal),
  FOREIGN KEY (company, terminal) REFERENCES terminal (company, terminal)
) STRICT;

-- Who did what about terminals and about work under review. Rows are never changed or deleted.
CREATE TABLE terminal_change (
  company  TEXT    NOT NULL,
  position INTEGER NOT NULL,
  staff    TEXT    NOT NULL,
  terminal TEXT    NOT NULL,
  body     TEXT    NOT NULL,
  PRIMARY KEY (company, position)
) STRICT;
