-- catalogue.db 1: what is sold, at which price, to whom.
-- Old programs may open: no (this is the first version).
-- Disposable: the file is rebuilt from a snapshot, so a program that finds a newer version rebuilds.
-- `seq` is the number of the change a row came with; an older change never overwrites it.
-- Prices are decimal text in yuan per unit, amounts integer fen, points in time milliseconds UTC.

CREATE TABLE product (
    id          TEXT    NOT NULL PRIMARY KEY,
    code        TEXT    NOT NULL,
    barcode     TEXT    NOT NULL,
    name        TEXT    NOT NULL,
    spec        TEXT    NOT NULL,
    unit        TEXT    NOT NULL,
    list_price  TEXT    NOT NULL,
    floor_price TEXT,
    active      INTEGER NOT NULL CHECK (active IN (0, 1)),
    seq         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX product_by_code ON product (code);
CREATE INDEX product_by_barcode ON product (barcode) WHERE barcode <> '';

CREATE TABLE price_book (
    id   TEXT    NOT NULL PRIMARY KEY,
    name TEXT    NOT NULL,
    seq  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE price (
    price_book_id TEXT    NOT NULL,
    product_id    TEXT    NOT NULL,
    unit_price    TEXT    NOT NULL,
    valid_from    INTEGER NOT NULL,
    valid_to      INTEGER,
    seq           INTEGER NOT NULL,
    PRIMARY KEY (price_book_id, product_id, valid_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE distributor (
    id               TEXT    NOT NULL PRIMARY KEY,
    number           INTEGER NOT NULL,
    code             TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    phone            TEXT    NOT NULL,
    region           TEXT    NOT NULL,
    price_book_id    TEXT,
    credit_limit_fen INTEGER,
    active           INTEGER NOT NULL CHECK (active IN (0, 1)),
    seq              INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX distributor_by_code ON distributor (code) WHERE code <> '';
CREATE INDEX distributor_by_number ON distributor (number) WHERE number <> 0;

-- One row: how far the feed has been applied to this file.
CREATE TABLE meta (
    only   INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    cursor TEXT    NOT NULL
) STRICT;
