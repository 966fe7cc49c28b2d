SELECT seq, tag, grp, caused_by, body
FROM change
WHERE company = ?1 AND latest = 1 AND seq > ?2 AND seq <= ?5
  AND (scope IS NULL OR scope = ?3) AND grp = ?4
ORDER BY seq
