-- What an account wants to be told of and how; one without a row has the defaults.
CREATE TABLE alert_settings (
    account_id BIGINT PRIMARY KEY REFERENCES accounts (id),
    rules TEXT NOT NULL,
    preferences TEXT NOT NULL
);

-- Rules that have fired and hold their tongue until what they watch has fallen far enough.
CREATE TABLE alert_holds (
    account_id BIGINT NOT NULL,
    rule TEXT NOT NULL,
    -- The public half of a key, or another word for what is watched.
    subject TEXT NOT NULL,
    fired_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, rule, subject)
);

-- How many letters about alerts were queued on a day: about a key, and with an empty subject in all.
CREATE TABLE alert_letters (
    account_id BIGINT NOT NULL,
    subject TEXT NOT NULL,
    -- Days since 1970.
    day BIGINT NOT NULL,
    letters BIGINT NOT NULL,
    PRIMARY KEY (account_id, subject, day)
);
CREATE INDEX alert_letters_by_day ON alert_letters (day);

-- 1: the next digest tells of it.
ALTER TABLE alerts ADD COLUMN letter_waits BIGINT NOT NULL DEFAULT 0;
CREATE INDEX alerts_that_wait ON alerts (account_id, id) WHERE letter_waits = 1;

-- When it was decided whether the owner is to be told of a network; those seen before this was kept
-- are old news.
ALTER TABLE key_networks ADD COLUMN settled_at BIGINT;
UPDATE key_networks SET settled_at = first_seen_at;
CREATE INDEX key_networks_to_settle ON key_networks (api_key_id) WHERE settled_at IS NULL;

-- Up to when the use of the service was looked at.
CREATE TABLE usage_watch (
    watched_until BIGINT NOT NULL
);
INSERT INTO usage_watch (watched_until) VALUES (0);
