INSERT INTO change (company, seq, tag, grp, scope, doc, doc_key, caused_by, latest, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 1, ?9)
