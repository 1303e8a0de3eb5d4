-- Raised whenever all of a user's sessions end together: the password or the factors changed, or
-- the user said so. A sign-in that began before does not start a session any more.
ALTER TABLE users ADD COLUMN sign_in_epoch BIGINT NOT NULL DEFAULT 0;
