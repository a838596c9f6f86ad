-- Used refresh tokens are forgotten after a day: an older one is known by the mark it carries.
GRANT DELETE ON identity.refresh_token TO svc_identity;
