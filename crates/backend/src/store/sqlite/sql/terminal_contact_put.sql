INSERT INTO terminal_contact (company, terminal, at, leased_at, version, incarnation, seq)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (company, terminal) DO UPDATE SET at = excluded.at,
  leased_at = coalesce(excluded.leased_at, leased_at), version = excluded.version,
  incarnation = excluded.incarnation, seq = excluded.seq
