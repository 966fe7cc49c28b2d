INSERT INTO operation (
  company, op_id, terminal, incarnation, seq, quarantined, hash, kind, staff, replaces, bytes,
  signature, received_at, settled, applied, wait_for, wait_id, verdict)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
