INSERT INTO bill_item
  (company, channel, merchant_no, item, day, found, fee_posted, attention, body)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
ON CONFLICT (company, channel, merchant_no, item) DO UPDATE SET
  day = excluded.day,
  found = excluded.found,
  fee_posted = excluded.fee_posted,
  attention = excluded.attention,
  body = excluded.body
