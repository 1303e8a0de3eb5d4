-- People who share an account. So far each account has one user, who is its owner.

-- owner, admin, member or viewer. The default is for nobody: every INSERT names a role.
ALTER TABLE users ADD COLUMN team_role TEXT NOT NULL DEFAULT 'viewer';
UPDATE users SET team_role = 'owner';

-- Open invitations. The row goes when the invitation is accepted or withdrawn.
CREATE TABLE team_invitations (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    -- Lower case.
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    invited_by BIGINT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- The keyed hash of the token in the letter; NULL until that is written.
    hash TEXT UNIQUE,
    UNIQUE (account_id, email)
);
