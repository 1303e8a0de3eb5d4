-- The page of a key, and the sparklines in the list of keys, without reading all that the account did.

CREATE INDEX usage_counts_by_key ON usage_counts (account_id, api_key_id, granularity, starts_at);
CREATE INDEX request_log_by_key ON request_log (account_id, api_key_id, at, id);
CREATE INDEX request_log_refused ON request_log (account_id, api_key_id, at, id)
    WHERE outcome IN ('unauthorized', 'forbidden', 'quota_exceeded', 'rate_limited');
