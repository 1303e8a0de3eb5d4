-- Links under which anybody sees one report. A link that is ended loses its row, so it never comes back.
CREATE TABLE shares (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    scan_id BIGINT NOT NULL REFERENCES scans (id),
    name TEXT NOT NULL,
    -- The keyed hash of the token in the link.
    hash TEXT NOT NULL UNIQUE,
    -- PHC form; NULL for a link that takes no password.
    password_hash TEXT,
    hides_evidence BIGINT NOT NULL,
    hides_addresses BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Who made it, as in the audit log.
    created_by TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    views BIGINT NOT NULL,
    last_viewed_at BIGINT
);
CREATE INDEX shares_by_scan ON shares (account_id, scan_id, id);
CREATE INDEX shares_by_end ON shares (expires_at);

-- Domains whose score anybody may see as a badge.
CREATE TABLE badges (
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    domain TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, domain)
);
CREATE INDEX badges_by_domain ON badges (domain);
