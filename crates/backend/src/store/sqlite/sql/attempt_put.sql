INSERT INTO attempt (company, out_trade_no, intent, channel, ordinal, state, offered, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
ON CONFLICT (company, out_trade_no) DO UPDATE SET
  state = excluded.state, offered = excluded.offered, body = excluded.body
