INSERT INTO payment_intent (company, intent, live, closing, pay_code, link, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (company, intent) DO UPDATE SET
  live = excluded.live, closing = excluded.closing, pay_code = excluded.pay_code,
  link = excluded.link, body = excluded.body
