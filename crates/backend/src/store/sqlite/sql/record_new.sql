INSERT INTO transaction_record (
  company, channel, provider_no, record, intent, collection, gross_fen, held, body, proof)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
