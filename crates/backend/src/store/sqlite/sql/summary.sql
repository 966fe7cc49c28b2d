SELECT
  (SELECT coalesce(max(seq), 0) FROM head WHERE company = ?1),
  (SELECT count(*) FROM operation WHERE company = ?1),
  (SELECT count(*) FROM operation WHERE company = ?1 AND settled = 0),
  (SELECT count(*) FROM sales_order WHERE company = ?1),
  (SELECT count(*) FROM payment_collection WHERE company = ?1 AND state = 'confirmed'),
  (SELECT count(*) FROM payment_intent WHERE company = ?1 AND live = 1),
  (SELECT count(*) FROM job WHERE company = ?1),
  (SELECT count(*) FROM attention WHERE company = ?1 AND done = 0),
  (SELECT coalesce(sum(amount_fen), 0) FROM posting WHERE company = ?1)
