-- What happens to a key after it was made: rotation, exposure, notices to its owner, and what an
-- account demands of its keys.

-- When a successor was made.
ALTER TABLE api_keys ADD COLUMN rotated_at BIGINT;
-- When somebody showed that they have the whole key.
ALTER TABLE api_keys ADD COLUMN exposed_at BIGINT;

-- Notices that were queued, so that each is sent once.
CREATE TABLE key_notices (
    api_key_id BIGINT NOT NULL REFERENCES api_keys (id),
    notice TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (api_key_id, notice)
);

-- An account without a row has the defaults: leaked keys are revoked, keys may live for ever.
CREATE TABLE key_policies (
    account_id BIGINT PRIMARY KEY REFERENCES accounts (id),
    leak_policy TEXT NOT NULL,
    max_lifetime_days BIGINT
);
