-- The best and the worst scans of an account.
CREATE INDEX scans_by_score ON scans (account_id, score, id);
