INSERT INTO terminal_change (company, position, staff, terminal, body)
VALUES (?1, (SELECT coalesce(max(position), 0) + 1 FROM terminal_change WHERE company = ?1),
  ?2, ?3, ?4)
