SELECT seq, tag, grp, caused_by, body
FROM change
WHERE company = ?1 AND seq > ?2 AND (scope IS NULL OR scope = ?3)
ORDER BY seq
LIMIT ?4
