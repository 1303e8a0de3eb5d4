-- Requests that are to take effect once, however often they are sent (`Idempotency-Key`). A row is
-- written in the transaction that makes the thing, so neither is there without the other.

CREATE TABLE idempotency_keys (
    account_id BIGINT NOT NULL,
    -- SHA-256 of what the client chose.
    key TEXT NOT NULL,
    -- SHA-256 of method, path and body.
    fingerprint TEXT NOT NULL,
    -- The row that was made.
    thing BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
