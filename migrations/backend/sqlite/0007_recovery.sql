-- Old programs: must refuse.
-- When a backup was put back last, so that what was signed before is known to come a second time.
ALTER TABLE head ADD COLUMN restored_at INTEGER;
