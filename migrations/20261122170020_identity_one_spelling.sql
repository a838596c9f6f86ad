-- The service alone gives an address its one spelling (NFC, lower case by Unicode's rules). What
-- this database calls lower case depends on its version and collation, and refused letters that the
-- service had lowered otherwise. The ASCII letters of an address are alike everywhere.

ALTER TABLE identity.user_account DROP CONSTRAINT user_account_email_check;
ALTER TABLE identity.invitation DROP CONSTRAINT invitation_email_check;

-- The owner of a table is held to its policies, too.
ALTER TABLE identity.user_account NO FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.invitation NO FORCE ROW LEVEL SECURITY;
-- Of two accounts with two spellings of one address, both stay as they are: the one that is spelt so
-- already is the address's.
UPDATE identity.user_account account SET email = normalize(email, NFC)
  WHERE email IS NOT NFC NORMALIZED AND NOT EXISTS (
    SELECT FROM identity.user_account other
    WHERE other.id <> account.id AND normalize(other.email, NFC) = normalize(account.email, NFC)
  );
UPDATE identity.invitation open SET email = normalize(email, NFC)
  WHERE email IS NOT NFC NORMALIZED AND NOT EXISTS (
    SELECT FROM identity.invitation other
    WHERE other.org_id = open.org_id AND other.id <> open.id
      AND normalize(other.email, NFC) = normalize(open.email, NFC)
  );
ALTER TABLE identity.user_account FORCE ROW LEVEL SECURITY;
ALTER TABLE identity.invitation FORCE ROW LEVEL SECURITY;

ALTER TABLE identity.user_account
  ADD CONSTRAINT user_account_email_check CHECK (email = lower(email COLLATE "C"));
ALTER TABLE identity.invitation
  ADD CONSTRAINT invitation_email_check CHECK (email = lower(email COLLATE "C"));
