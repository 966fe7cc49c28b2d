INSERT INTO refund (
  company, refund, record, distributor, out_refund_no, state, amount_fen, counted_fen, body, proof)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
ON CONFLICT (company, refund) DO UPDATE SET
  out_refund_no = excluded.out_refund_no, state = excluded.state,
  counted_fen = excluded.counted_fen, body = excluded.body,
  proof = coalesce(excluded.proof, proof)
