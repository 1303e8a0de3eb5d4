-- What an account should look at. Rows are made by the service and marked as read by people.

CREATE TABLE alerts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    alert_type TEXT NOT NULL,
    severity TEXT NOT NULL,
    title TEXT NOT NULL,
    message TEXT NOT NULL,
    old_value TEXT,
    new_value TEXT,
    is_read BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    scan_id BIGINT,
    domain_id BIGINT,
    domain TEXT,
    -- The public half of the key it is about.
    key_id TEXT,
    -- What it tells of and in which period, so that several nodes tell of it once.
    occasion TEXT NOT NULL,
    UNIQUE (account_id, occasion)
);

CREATE INDEX alerts_by_account ON alerts (account_id, id);
