UPDATE job SET leased_by = ?2, leased_until = ?3
WHERE company = ?1 AND (kind, subject) IN (
  SELECT kind, subject FROM job
  WHERE company = ?1 AND due_at <= ?4 AND (leased_until IS NULL OR leased_until <= ?4)
  ORDER BY due_at
  LIMIT ?5)
RETURNING kind, subject, tries
