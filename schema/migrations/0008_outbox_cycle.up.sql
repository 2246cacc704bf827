-- How often a purpose was asked for: its key follows from that.
CREATE INDEX outbox_of_purpose ON outbox (purpose, state);
-- Which attempts a steady clock can date, and which times the other side's clock agreed with.
ALTER TABLE outbox_attempts ADD COLUMN run INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox_attempts ADD COLUMN heard INTEGER NOT NULL DEFAULT 0;
