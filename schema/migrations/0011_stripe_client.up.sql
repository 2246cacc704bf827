-- The customer of the home at the payment processor, a purchase that is not finished, tax rates by name.
CREATE TABLE stripe_tax_rates (
    id TEXT PRIMARY KEY,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3), -- GST, HST, PST, QST
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE stripe_state ADD COLUMN customer TEXT;
ALTER TABLE stripe_state ADD COLUMN purchase TEXT;
ALTER TABLE stripe_state ADD COLUMN purchase_tier TEXT;
ALTER TABLE stripe_state ADD COLUMN purchase_until INTEGER;
ALTER TABLE stripe_state ADD COLUMN watch_until INTEGER;
CREATE INDEX bills_of_payment ON billing_records (stripe_payment_id) WHERE stripe_payment_id IS NOT NULL;
CREATE INDEX events_of_object ON stripe_events (object_id, received_at) WHERE state = 'STORED';
