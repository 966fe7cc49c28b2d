SELECT d.distributor, a.balance_fen
FROM distributor d
JOIN account a ON a.company = d.company AND a.account = 'deposit_available:' || d.distributor
WHERE d.company = ?1 AND d.served_by = ?2 AND a.balance_fen > 0
ORDER BY d.distributor
