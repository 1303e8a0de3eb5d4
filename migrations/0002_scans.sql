-- Scans, their reports, the month's quota, and the queue that runs them.

-- Scans accepted in a calendar month (UTC), refunds taken back.
CREATE TABLE quota_usage (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    month TEXT NOT NULL,
    scans BIGINT NOT NULL,
    PRIMARY KEY (account_id, month)
);

CREATE TABLE scans (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    api_key_id BIGINT REFERENCES api_keys (id),
    domain TEXT NOT NULL,
    status TEXT NOT NULL,
    source TEXT NOT NULL,
    requested_modules TEXT NOT NULL,
    month TEXT NOT NULL,
    queued_at BIGINT NOT NULL,
    started_at BIGINT,
    completed_at BIGINT,
    failure_reason TEXT,
    refunded_at BIGINT,
    progress TEXT NOT NULL,
    score BIGINT,
    grade TEXT,
    critical_issues BIGINT NOT NULL,
    high_issues BIGINT NOT NULL,
    medium_issues BIGINT NOT NULL,
    low_issues BIGINT NOT NULL,
    info_issues BIGINT NOT NULL,
    duration_ms BIGINT
);
CREATE INDEX scans_by_account ON scans (account_id, id);
CREATE INDEX scans_by_account_and_domain ON scans (account_id, domain, id);

-- Apart from the scans, so that lists read short rows.
CREATE TABLE reports (
    scan_id BIGINT PRIMARY KEY REFERENCES scans (id),
    body TEXT NOT NULL
);

-- A job may run twice; each says why that is harmless. `state` is ready, running, done, dead or
-- canceled. A running job whose lease has passed can be claimed again.
CREATE TABLE jobs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    state TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    lease_owner TEXT,
    last_error TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (state, run_at);
