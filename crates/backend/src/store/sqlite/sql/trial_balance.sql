SELECT a.account, a.balance_fen,
  (SELECT coalesce(sum(p.amount_fen), 0) FROM posting p
   WHERE p.company = a.company AND p.account = a.account)
FROM account a
WHERE a.company = ?1
ORDER BY a.account
