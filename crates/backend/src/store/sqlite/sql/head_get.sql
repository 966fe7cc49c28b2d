SELECT h.epoch, h.seq, coalesce(c.tag, 0)
FROM head h
LEFT JOIN change c ON c.company = h.company AND c.seq = h.seq
WHERE h.company = ?1
