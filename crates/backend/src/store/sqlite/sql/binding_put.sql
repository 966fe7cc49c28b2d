INSERT INTO wallet_binding (company, channel, merchant_no, app_id, holder, active)
VALUES (?1, ?2, ?3, ?4, ?5, ?6)
ON CONFLICT (company, channel, merchant_no, app_id) DO UPDATE SET
  holder = excluded.holder, active = excluded.active
