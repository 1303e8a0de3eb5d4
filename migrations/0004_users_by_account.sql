-- Finds the owner of a key that nobody in particular made.

CREATE INDEX users_by_account ON users (account_id, id);
