-- The address that a user wants in place of their own, while the letters about it are out.
ALTER TABLE user_tokens ADD COLUMN wanted_email TEXT;
