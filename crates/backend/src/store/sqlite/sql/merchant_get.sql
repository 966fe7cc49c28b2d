SELECT binding, channel, merchant_no, app_id, holder, credit_code, status,
  refused, tested_at, saved_by, saved_at, secret
FROM wallet_account
WHERE company = ?1 AND binding = ?2
