-- With the domain, so that a walk from the newest scan on skips those of other domains without a look
-- at the rows themselves.
DROP INDEX scans_by_account;
CREATE INDEX scans_by_account ON scans (account_id, id, domain);
