INSERT INTO document (kind, id, base, base_epoch, base_seq, view, marks, pending, number,
                      distributor, state, payment_state, total_fen, paid_fen, at,
                      waiting_fen, asked_fen)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,
        (SELECT coalesce(sum(amount_fen), 0) FROM claim
          WHERE ?1 = 'sales_order' AND order_id = ?2 AND state = 'waiting'),
        (SELECT coalesce(sum(amount_fen), 0) FROM claim
          WHERE ?1 = 'sales_order' AND order_id = ?2 AND state = 'asked'))
ON CONFLICT (kind, id) DO UPDATE SET
  base = excluded.base, base_epoch = excluded.base_epoch, base_seq = excluded.base_seq,
  view = excluded.view, marks = excluded.marks, pending = excluded.pending,
  number = excluded.number, distributor = excluded.distributor, state = excluded.state,
  payment_state = excluded.payment_state, total_fen = excluded.total_fen,
  paid_fen = excluded.paid_fen, at = excluded.at
