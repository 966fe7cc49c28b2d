INSERT INTO allocation (company, sales_order, collection, position, amount_fen)
SELECT ?1, ?2, ?3, coalesce(max(position), 0) + 1, ?4
FROM allocation WHERE company = ?1 AND sales_order = ?2
ON CONFLICT (company, sales_order, collection) DO UPDATE SET amount_fen = excluded.amount_fen
