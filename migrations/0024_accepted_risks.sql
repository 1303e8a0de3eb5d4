-- Findings that somebody answers for until a day. An acceptance is of a check on a domain, whatever a
-- scan sees there: evidence names addresses, versions and days that change by themselves, so one that
-- was bound to it would end by accident and be given anew unread. Rows are kept when they end.
CREATE TABLE accepted_risks (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    domain TEXT NOT NULL,
    check_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    -- The user who answers for it. No foreign key: the row outlives a place in the team.
    accepted_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    -- Who did it, as in the audit log: that user, or a key of theirs.
    created_by TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- NULL while it is open, and after it expired until the next one of the same check.
    ended_at BIGINT,
    -- As in the audit log; NULL for one that expired.
    ended_by TEXT
);
-- One that is open for a check of a domain.
CREATE UNIQUE INDEX accepted_risks_open ON accepted_risks (account_id, domain, check_id)
    WHERE ended_at IS NULL;
CREATE INDEX accepted_risks_by_account ON accepted_risks (account_id, id);
