-- Counts what an account has under way without reading all its scans.

CREATE INDEX scans_under_way ON scans (account_id) WHERE status IN ('queued', 'running');
