-- Texts to patients who are erased are emptied, those in flight when they are no longer.
ALTER TABLE notification.message ADD COLUMN erased boolean NOT NULL DEFAULT false;
