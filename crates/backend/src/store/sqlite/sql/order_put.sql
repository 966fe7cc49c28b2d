INSERT INTO sales_order (
  company, sales_order, distributor, number, state, revision, total_fen, paid_fen, history,
  body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (company, sales_order) DO UPDATE SET
  state = excluded.state, revision = excluded.revision, total_fen = excluded.total_fen,
  paid_fen = excluded.paid_fen, body = excluded.body
