SELECT o.op_id, t.base_code, o.incarnation, o.seq, o.kind, o.staff, o.received_at, o.wait_id,
  o.bytes, o.signature
FROM operation o
JOIN terminal t ON t.company = o.company AND t.terminal = o.terminal
WHERE o.company = ?1 AND o.op_id = ?2 AND o.settled = 0 AND o.wait_for = 'review'
