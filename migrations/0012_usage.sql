-- What was asked of the service: single requests, counts of them, and credentials that were refused.
-- No foreign keys: these rows are written in batches and deleted by age, and outlive what they name.

CREATE TABLE request_log (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- 0: a signed-in user, without a key.
    api_key_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    method TEXT NOT NULL,
    -- The template: never what stood in the address.
    path TEXT NOT NULL,
    status BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    ip TEXT,
    agent TEXT,
    duration_us BIGINT NOT NULL,
    request_id TEXT NOT NULL
);
CREATE INDEX request_log_by_account ON request_log (account_id, at, id);
CREATE INDEX request_log_by_time ON request_log (at);

-- How many requests of each kind began in a minute, an hour, a day, and how long they took:
-- `latency_NN` counts those within the bound NN of 1, 2, 5, 10 … 10,000 ms and above.
CREATE TABLE usage_counts (
    account_id BIGINT NOT NULL,
    granularity TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    -- 0: signed-in users, without a key.
    api_key_id BIGINT NOT NULL,
    -- Method and path template.
    route TEXT NOT NULL,
    outcome TEXT NOT NULL,
    requests BIGINT NOT NULL,
    latency_00 BIGINT NOT NULL,
    latency_01 BIGINT NOT NULL,
    latency_02 BIGINT NOT NULL,
    latency_03 BIGINT NOT NULL,
    latency_04 BIGINT NOT NULL,
    latency_05 BIGINT NOT NULL,
    latency_06 BIGINT NOT NULL,
    latency_07 BIGINT NOT NULL,
    latency_08 BIGINT NOT NULL,
    latency_09 BIGINT NOT NULL,
    latency_10 BIGINT NOT NULL,
    latency_11 BIGINT NOT NULL,
    latency_12 BIGINT NOT NULL,
    latency_13 BIGINT NOT NULL,
    PRIMARY KEY (account_id, granularity, starts_at, api_key_id, route, outcome)
);
CREATE INDEX usage_counts_by_time ON usage_counts (granularity, starts_at);

-- Refused credentials that name a key or a user of an account, one row for a minute.
CREATE TABLE failed_attempts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL,
    minute BIGINT NOT NULL,
    -- 0: none, or too many in that minute to keep apart.
    api_key_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    -- Empty: not known, not kept, or too many to keep apart.
    ip TEXT NOT NULL,
    agent TEXT,
    first_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    UNIQUE (account_id, minute, api_key_id, user_id, reason, ip)
);
CREATE INDEX failed_attempts_by_time ON failed_attempts (minute);

-- Networks that a key was used from.
CREATE TABLE key_networks (
    api_key_id BIGINT NOT NULL,
    -- A /24 of IPv4 or a /48 of IPv6.
    network TEXT NOT NULL,
    account_id BIGINT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (api_key_id, network)
);

-- Batches that were written, so that one sent twice counts once.
CREATE TABLE usage_batches (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL
);
