INSERT INTO job (company, kind, subject, due_at, tries)
VALUES (?1, ?2, ?3, ?4, 0)
ON CONFLICT (company, kind, subject) DO UPDATE SET due_at = min(due_at, excluded.due_at)
