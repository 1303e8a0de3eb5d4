-- Who did what, when, from where. Rows are only ever added; each is sealed together with the one
-- before it, so that a changed, removed or reordered row shows.
-- No foreign key: the record outlives what it speaks of.

CREATE TABLE audit_log (
    account_id BIGINT NOT NULL,
    -- 1, 2, 3 … within the account, without gaps.
    number BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT,
    ip TEXT,
    detail TEXT NOT NULL,
    seal TEXT NOT NULL,
    PRIMARY KEY (account_id, number)
);

-- The last row of each account's chain. Also what makes writers of one account take turns.
CREATE TABLE audit_heads (
    account_id BIGINT PRIMARY KEY,
    number BIGINT NOT NULL,
    seal TEXT NOT NULL
);
