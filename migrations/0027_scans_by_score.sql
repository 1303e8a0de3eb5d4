-- The best and the worst scans of an account. With the domain, for a search among them.
CREATE INDEX scans_by_score ON scans (account_id, score, id, domain);
