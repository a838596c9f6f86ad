-- Numbers that must not be texted.

CREATE TABLE notification.opt_out (
  org_id uuid        NOT NULL,
  phone  text        NOT NULL CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'), -- E.164
  since  timestamptz NOT NULL,
  source text        NOT NULL, -- how it became known: 'twilio' when Twilio refused to send
  PRIMARY KEY (org_id, phone)
);

ALTER TABLE notification.opt_out ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY org_isolation ON notification.opt_out TO svc_notification
  USING (org_id = (SELECT app.current_org()));
GRANT SELECT, INSERT ON notification.opt_out TO svc_notification;
