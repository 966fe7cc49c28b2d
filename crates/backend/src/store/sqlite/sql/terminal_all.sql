SELECT t.base_code, t.code, t.incarnation, t.head_seq, t.revoked, i.enrolled_at,
  c.at, c.leased_at, c.version, c.incarnation, c.seq,
  (SELECT count(*) FROM operation o
   WHERE o.company = t.company AND o.settled = 0 AND o.wait_for = 'review'
     AND o.terminal = t.terminal)
FROM terminal t
JOIN incarnation i ON i.company = t.company AND i.terminal = t.terminal
  AND i.incarnation = t.incarnation
LEFT JOIN terminal_contact c ON c.company = t.company AND c.terminal = t.terminal
WHERE t.company = ?1
ORDER BY t.base_code
