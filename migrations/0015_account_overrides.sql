-- Numbers of an account in place of its plan's; NULL: the plan's own.
ALTER TABLE accounts ADD COLUMN own_per_minute BIGINT;
ALTER TABLE accounts ADD COLUMN own_per_hour BIGINT;
ALTER TABLE accounts ADD COLUMN own_per_day BIGINT;
ALTER TABLE accounts ADD COLUMN own_concurrent_scans BIGINT;
ALTER TABLE accounts ADD COLUMN own_scans_per_month BIGINT;
ALTER TABLE accounts ADD COLUMN own_domains BIGINT;
ALTER TABLE accounts ADD COLUMN own_seats BIGINT;

-- Counts the scans of a day, and the accounts of a plan, without reading all.
CREATE INDEX scans_by_time ON scans (queued_at);
CREATE INDEX accounts_by_plan ON accounts (plan_id);
