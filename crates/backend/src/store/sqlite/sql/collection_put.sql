INSERT INTO payment_collection (
  company, collection, distributor, number, method, purpose, state, amount_fen, unapplied_fen,
  intent, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
ON CONFLICT (company, collection) DO UPDATE SET
  applied_fen = 0, state = excluded.state, unapplied_fen = excluded.unapplied_fen, body = excluded.body
