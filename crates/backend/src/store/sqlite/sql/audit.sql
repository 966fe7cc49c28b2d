-- Each row is a contradiction, as a sentence. None may come.
SELECT 'entry ' || entry || ' leaves ' || sum(amount_fen)
FROM posting WHERE company = ?1 GROUP BY entry HAVING sum(amount_fen) <> 0
UNION ALL
SELECT 'account ' || a.account || ' shows ' || a.balance_fen || ', its postings differ'
FROM account a
WHERE a.company = ?1 AND a.balance_fen <> (
  SELECT coalesce(sum(p.amount_fen), 0) FROM posting p
  WHERE p.company = a.company AND p.account = a.account)
UNION ALL
SELECT 'order ' || o.number || ' is paid ' || o.paid_fen || ', its allocations differ'
FROM sales_order o
WHERE o.company = ?1 AND o.history = 0 AND o.paid_fen <> (
  SELECT coalesce(sum(l.amount_fen), 0) FROM allocation l
  WHERE l.company = o.company AND l.sales_order = o.sales_order)
UNION ALL
SELECT 'distributor ' || d.distributor || ' has ' || a.balance_fen || ' applied, its orders differ'
FROM distributor d
JOIN account a ON a.company = d.company AND a.account = 'applied:' || d.distributor
WHERE d.company = ?1 AND a.balance_fen <> (
  SELECT coalesce(sum(l.amount_fen), 0) FROM allocation l
  JOIN sales_order o ON o.company = l.company AND o.sales_order = l.sales_order
  WHERE l.company = d.company AND o.distributor = d.distributor)
UNION ALL
SELECT 'distributor ' || d.distributor || ' has ' || a.balance_fen
  || ' unapplied, its collections differ'
FROM distributor d
JOIN account a ON a.company = d.company AND a.account = 'unapplied:' || d.distributor
WHERE d.company = ?1 AND a.balance_fen <> (
  SELECT coalesce(sum(c.unapplied_fen), 0) FROM payment_collection c
  WHERE c.company = d.company AND c.distributor = d.distributor)
UNION ALL
SELECT 'channel ' || r.channel || ' reports ' || sum(r.gross_fen) || ', its account differs'
FROM transaction_record r
WHERE r.company = ?1
GROUP BY r.channel
HAVING sum(r.gross_fen) - (
  SELECT coalesce(sum(f.amount_fen), 0) FROM refund f
  JOIN transaction_record g ON g.company = f.company AND g.record = f.record
  WHERE f.company = ?1 AND g.channel = r.channel AND f.state = 'done') <> -(
  SELECT coalesce(sum(a.balance_fen), 0) FROM account a
  WHERE a.company = ?1
    AND a.account IN ('channel_clearing:' || r.channel, 'fees:' || r.channel))
UNION ALL
SELECT 'payment ' || r.provider_no || ' counts ' || r.refunded_fen || ' refunded, its refunds differ'
FROM transaction_record r
WHERE r.company = ?1 AND r.refunded_fen <> (
  SELECT coalesce(sum(f.counted_fen), 0) FROM refund f
  WHERE f.company = r.company AND f.record = r.record)
UNION ALL
SELECT 'distributor ' || d.distributor || ' has refunds under way, account refunding differs'
FROM distributor d
WHERE d.company = ?1 AND (
  SELECT coalesce(sum(f.amount_fen), 0) FROM refund f
  WHERE f.company = d.company AND f.distributor = d.distributor
    AND f.state IN ('approved', 'sending')) <> (
  SELECT coalesce(sum(a.balance_fen), 0) FROM account a
  WHERE a.company = d.company AND a.account = 'refunding:' || d.distributor)
UNION ALL
SELECT 'collection ' || c.number || ' is not its allocations, its rest and its refunds'
FROM payment_collection c
WHERE c.company = ?1 AND c.state = 'confirmed' AND c.purpose <> 'prepaid_deposit'
  AND c.method <> 'deposit' AND c.amount_fen <> c.unapplied_fen
    + CAST(coalesce(json_extract(c.body, '$.refunded_fen'), '0') AS INTEGER)
    + CAST(coalesce(json_extract(c.body, '$.moved_fen'), '0') AS INTEGER) + (
    SELECT coalesce(sum(l.amount_fen), 0) FROM allocation l
    WHERE l.company = c.company AND l.collection = c.collection)
UNION ALL
SELECT 'collection ' || c.number || ' counts ' || c.applied_fen || ' applied, its allocations differ'
FROM payment_collection c
WHERE c.company = ?1 AND c.applied_fen <> (
  SELECT coalesce(sum(l.amount_fen), 0) FROM allocation l
  WHERE l.company = c.company AND l.collection = c.collection)
UNION ALL
SELECT 'channel ' || a.account || ' shows ' || a.balance_fen || ', its payments differ'
FROM account a
WHERE a.company = ?1 AND a.kind = 'unidentified' AND a.balance_fen <> (
  SELECT coalesce(sum(r.gross_fen), 0) FROM transaction_record r
  WHERE r.company = a.company AND a.account = 'unidentified:' || r.channel
    AND r.intent IS NULL AND r.collection IS NULL)
UNION ALL
SELECT 'ticket ' || a.account || ' shows ' || a.balance_fen || ', its payments differ'
FROM account a
WHERE a.company = ?1 AND a.kind = 'held_ticket' AND a.balance_fen <> (
  SELECT coalesce(sum(r.gross_fen), 0) FROM transaction_record r
  WHERE r.company = a.company AND a.account = 'held_ticket:' || r.intent AND r.held = 1)
