-- What asks for a job twice gets it once: a schedule and its due time, say. NULL: as often as asked.

ALTER TABLE jobs ADD COLUMN unique_key TEXT;
CREATE UNIQUE INDEX jobs_once ON jobs (unique_key);
