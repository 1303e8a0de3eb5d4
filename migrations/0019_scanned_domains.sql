-- The domains of an account, the scores of one, and the scans in one state, without a look at every
-- scan.
CREATE INDEX scans_by_status_and_domain ON scans (account_id, status, domain, id);
CREATE INDEX scans_by_status ON scans (account_id, status, id);

-- Since when each finding of the report is found without a break: an object of check ids and times.
-- Empty for reports from before this was kept.
ALTER TABLE reports ADD COLUMN first_seen TEXT NOT NULL DEFAULT '{}';
