-- What a sign-in takes besides the password. Secrets of authenticator apps are sealed, recovery codes
-- hashed, both under a key that is not in the database.

-- A secret that was handed out and that no code has confirmed yet. It changes nothing.
CREATE TABLE totp_enrolments (
    user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- A step is 30 seconds of the clock, counted from 1970 (RFC 6238).
CREATE TABLE totp_factors (
    user_id BIGINT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    secret TEXT NOT NULL,
    confirmed_at BIGINT NOT NULL,
    -- The step whose code was taken last: it and those before are used up.
    last_step BIGINT NOT NULL,
    -- The step that ran when a code was last tried, and how many were wrong while it ran.
    tried_step BIGINT NOT NULL,
    failures BIGINT NOT NULL
);

-- A code that was used is gone; the audit log tells of it.
CREATE TABLE recovery_codes (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);
