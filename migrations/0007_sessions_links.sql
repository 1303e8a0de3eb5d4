-- Sessions get a number to be shown and ended by, and the time they were last used. The `sid` of the
-- JWT stays inside.

CREATE TABLE numbered_sessions (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sid TEXT NOT NULL UNIQUE,
    user_id BIGINT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    last_seen_at BIGINT NOT NULL,
    ip TEXT,
    agent TEXT
);
INSERT INTO numbered_sessions (sid, user_id, created_at, expires_at, ended_at, last_seen_at, ip, agent)
SELECT id, user_id, created_at, expires_at, ended_at, created_at, ip, agent FROM sessions ORDER BY created_at;
DROP TABLE sessions;
ALTER TABLE numbered_sessions RENAME TO sessions;
CREATE INDEX sessions_by_user ON sessions (user_id, id);

-- What a link in a letter proves: that its holder reads the mail of that address. Only a keyed hash
-- of the token is here; a user has one good link for each purpose.
CREATE TABLE user_tokens (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id BIGINT NOT NULL REFERENCES users (id),
    purpose TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    -- The address the letter went to: a link is void once the user has another one.
    email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    UNIQUE (user_id, purpose)
);
