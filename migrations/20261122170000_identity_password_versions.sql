-- Hashes of passwords that are made anew when their cost has changed.

-- Grows with each new password, and not when the same one is hashed anew.
ALTER TABLE identity.user_account ADD COLUMN password_version integer NOT NULL DEFAULT 1;
GRANT UPDATE (password_version) ON identity.user_account TO sys_identity;
