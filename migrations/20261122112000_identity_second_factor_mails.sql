-- A user is told when a second factor is turned on or off, as they are of a changed password.

ALTER TABLE identity.mail
  DROP CONSTRAINT mail_kind_check,
  ADD CONSTRAINT mail_kind_check CHECK (kind IN (
    'verify_email', 'reset_password', 'password_changed', 'invitation',
    'second_factor_on', 'second_factor_off'
  ));
