-- Whether a claim reaches into a span is decided by the index alone: with the beginnings only, every
-- booking read all claims of the 20 hours before.

CREATE INDEX claim_by_beginning_and_end ON booking.claim (org_id, resource_id, busy_from, busy_to);
DROP INDEX booking.claim_by_time;
