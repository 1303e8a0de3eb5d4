-- Who may use the service: plans, accounts, users, sessions, API keys.
-- Times are milliseconds since 1970 (UTC), lists are JSON, ids come from the database.

CREATE TABLE plans (
    id TEXT PRIMARY KEY,
    per_minute BIGINT NOT NULL,
    per_hour BIGINT NOT NULL,
    per_day BIGINT NOT NULL,
    concurrent_scans BIGINT NOT NULL,
    scans_per_month BIGINT NOT NULL,
    domains BIGINT NOT NULL,
    seats BIGINT NOT NULL,
    gates TEXT NOT NULL
);

INSERT INTO plans (id, per_minute, per_hour, per_day, concurrent_scans, scans_per_month, domains, seats, gates) VALUES
    ('free', 120, 1200, 5000, 5, 10, 1, 1,
     '["scan","history","badge"]'),
    ('starter', 180, 3000, 15000, 10, 100, 10, 3,
     '["scan","history","badge","webhooks","batch","compare","monitor_daily","csv"]'),
    ('professional', 300, 10000, 50000, 20, 1000, 50, 10,
     '["scan","history","badge","webhooks","batch","compare","monitor_daily","csv","pdf","html","sarif","monitor_hourly","hooks","restricted_keys"]'),
    ('enterprise', 600, 30000, 200000, 50, 5000, 200, 50,
     '["scan","history","badge","webhooks","batch","compare","monitor_daily","csv","pdf","html","sarif","monitor_hourly","hooks","restricted_keys","slack","teams","audit_export","sso"]'),
    ('msp', 600, 30000, 200000, 50, 5000, 500, 100,
     '["scan","history","badge","webhooks","batch","compare","monitor_daily","csv","pdf","html","sarif","monitor_hourly","hooks","restricted_keys","slack","teams","audit_export","sso","workspaces","white_label"]'),
    ('custom', 1000, 100000, 1000000, 100, 1000000, 10000, 1000,
     '["scan","history","badge","webhooks","batch","compare","monitor_daily","csv","pdf","html","sarif","monitor_hourly","hooks","restricted_keys","slack","teams","audit_export","sso","workspaces","white_label"]');

-- The billing and owning unit. Keys, scans and quota belong to it.
CREATE TABLE accounts (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id TEXT NOT NULL REFERENCES plans (id),
    subscription_status TEXT NOT NULL,
    state TEXT NOT NULL,
    state_reason TEXT,
    created_at BIGINT NOT NULL
);

-- A person who signs in.
CREATE TABLE users (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    email TEXT NOT NULL UNIQUE,
    name TEXT,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    email_verified_at BIGINT,
    tokens_valid_after BIGINT NOT NULL
);

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    ip TEXT,
    agent TEXT
);
CREATE INDEX sessions_by_user ON sessions (user_id);

-- Revoked keys stay: that a key existed is part of the record. Nothing of a secret is stored but
-- its HMAC.
CREATE TABLE api_keys (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    key_id TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL,
    pepper_version BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    environment TEXT,
    scopes TEXT NOT NULL,
    ip_allowlist TEXT NOT NULL,
    domains TEXT NOT NULL,
    per_minute BIGINT,
    enabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by BIGINT REFERENCES users (id),
    expires_at BIGINT,
    last_used_at BIGINT,
    last_used_ip TEXT,
    last_used_agent TEXT,
    last_used_endpoint TEXT,
    rotated_from BIGINT,
    rotated_to BIGINT,
    revoked_at BIGINT,
    revoked_by TEXT
);
CREATE INDEX api_keys_by_account ON api_keys (account_id, id);

-- One row. Raised by every change that can decide who may enter; caches compare it.
CREATE TABLE auth_generation (n BIGINT NOT NULL);
INSERT INTO auth_generation (n) VALUES (1);
