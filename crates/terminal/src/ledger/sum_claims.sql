UPDATE document SET
  waiting_fen = (SELECT coalesce(sum(amount_fen), 0) FROM claim
                  WHERE order_id = ?1 AND state = 'waiting'),
  asked_fen = (SELECT coalesce(sum(amount_fen), 0) FROM claim
                WHERE order_id = ?1 AND state = 'asked')
WHERE kind = 'sales_order' AND id = ?1
