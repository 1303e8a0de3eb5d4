-- The domains of an account, and the scores of one, without a look at every scan.
CREATE INDEX completed_scans_by_domain ON scans (account_id, domain, id) WHERE status = 'completed';

-- Since when each finding of the report is found without a break: an object of check ids and times.
-- Empty for reports from before this was kept.
ALTER TABLE reports ADD COLUMN first_seen TEXT NOT NULL DEFAULT '{}';
