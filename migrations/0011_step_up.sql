-- When the person behind a session last proved who they are: dangerous acts ask for a fresh proof.
ALTER TABLE sessions ADD COLUMN proved_at BIGINT NOT NULL DEFAULT 0;
UPDATE sessions SET proved_at = created_at;
