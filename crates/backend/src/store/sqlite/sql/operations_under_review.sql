SELECT o.op_id, t.base_code, o.incarnation, o.seq, o.kind, o.staff, o.received_at, o.wait_id,
  o.bytes, o.signature
FROM operation o
JOIN terminal t ON t.company = o.company AND t.terminal = o.terminal
WHERE o.company = ?1 AND o.settled = 0 AND o.wait_for = 'review'
ORDER BY t.base_code, o.incarnation, o.seq, o.received_at
LIMIT ?2
