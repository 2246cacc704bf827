-- Plans, bills, cards, what is asked of the payment processor, and what it told. Amounts are
-- cents, rates parts per million. A subscription changes only to what the processor was seen to
-- hold (or by a trial, which nobody bills).

ALTER TABLE reorder_subscriptions ADD COLUMN status TEXT NOT NULL DEFAULT 'ACTIVE';
ALTER TABLE reorder_subscriptions ADD COLUMN source TEXT NOT NULL DEFAULT 'STRIPE';
ALTER TABLE reorder_subscriptions ADD COLUMN stripe_price_id TEXT;
ALTER TABLE reorder_subscriptions ADD COLUMN stripe_item_id TEXT;
ALTER TABLE reorder_subscriptions ADD COLUMN yearly INTEGER NOT NULL DEFAULT 0;
ALTER TABLE reorder_subscriptions ADD COLUMN province TEXT NOT NULL DEFAULT 'ON';
ALTER TABLE reorder_subscriptions ADD COLUMN next_tier TEXT;          -- a downgrade that waits
ALTER TABLE reorder_subscriptions ADD COLUMN trial_start INTEGER;
ALTER TABLE reorder_subscriptions ADD COLUMN trial_end INTEGER;
ALTER TABLE reorder_subscriptions ADD COLUMN period_start INTEGER;
ALTER TABLE reorder_subscriptions ADD COLUMN period_end INTEGER;
ALTER TABLE reorder_subscriptions ADD COLUMN cooling_off_end INTEGER;
ALTER TABLE reorder_subscriptions ADD COLUMN consent_at INTEGER;
ALTER TABLE reorder_subscriptions ADD COLUMN grace_until INTEGER;
ALTER TABLE reorder_subscriptions ADD COLUMN cancelled_at INTEGER;
ALTER TABLE reorder_subscriptions ADD COLUMN cancel_at_period_end INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX one_live_subscription ON reorder_subscriptions (user_id) WHERE is_active = 1;
CREATE UNIQUE INDEX subscription_at_stripe ON reorder_subscriptions (stripe_subscription_id)
    WHERE stripe_subscription_id IS NOT NULL;
CREATE INDEX subscriptions_of_user ON reorder_subscriptions (user_id, created_at);

CREATE TABLE trials (
    user_id BLOB PRIMARY KEY REFERENCES users (id), -- once
    id BLOB NOT NULL CHECK (length(id) = 16),
    tier TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    converted_at INTEGER,
    cancelled_at INTEGER,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the trial was used for, a feature a day.
CREATE TABLE trial_uses (
    user_id BLOB NOT NULL REFERENCES users (id),
    local_day INTEGER NOT NULL,
    feature TEXT NOT NULL,
    event_type TEXT NOT NULL,
    times INTEGER NOT NULL,
    value_saved INTEGER NOT NULL,
    PRIMARY KEY (user_id, local_day, feature, event_type)
) STRICT, WITHOUT ROWID;

CREATE TABLE billing_records (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id),
    subscription_id BLOB REFERENCES reorder_subscriptions (id),
    kind TEXT NOT NULL,                  -- TransactionType
    status TEXT NOT NULL,                -- TransactionStatus
    tier TEXT NOT NULL,
    subtotal INTEGER NOT NULL,
    gst INTEGER,                         -- NULL: not levied
    hst INTEGER,
    pst INTEGER,
    qst INTEGER,
    total INTEGER NOT NULL,
    province TEXT,
    stripe_invoice_id TEXT UNIQUE,       -- one record an invoice
    stripe_payment_id TEXT,
    invoice_number TEXT,
    invoice_url TEXT,
    pdf_url TEXT,
    period_start INTEGER,
    period_end INTEGER,
    refunded INTEGER NOT NULL DEFAULT 0, -- cents given back
    refund_reason TEXT,
    practice INTEGER NOT NULL DEFAULT 0, -- no money moved
    created_at INTEGER NOT NULL,
    CHECK (refunded BETWEEN 0 AND total),
    CHECK (total >= subtotal)
) STRICT;
CREATE INDEX bills_of_user ON billing_records (user_id, seq);

CREATE TABLE payment_methods (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id),
    stripe_id TEXT NOT NULL UNIQUE,
    brand TEXT NOT NULL,
    last4 TEXT NOT NULL,
    exp_month INTEGER NOT NULL,
    exp_year INTEGER NOT NULL,
    is_default INTEGER NOT NULL DEFAULT 0,
    is_active INTEGER NOT NULL DEFAULT 1,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX cards_of_user ON payment_methods (user_id, is_active);

-- What is asked of the world: committed with its key and exact body before the first byte goes out.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    destination TEXT NOT NULL,           -- of the egress gate
    purpose TEXT NOT NULL,               -- one open intent each
    kind TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body TEXT NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('NEW', 'SENT', 'UNKNOWN', 'LOOKUP', 'DONE', 'FAILED', 'HUMAN')),
    tries INTEGER NOT NULL DEFAULT 0,
    lookups INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER NOT NULL,
    first_sent_at INTEGER,
    absent_at INTEGER,                   -- a look-up that found nothing: the second must agree
    amount INTEGER,                      -- shown and agreed to; NULL: none
    actor_id BLOB,
    data TEXT,                           -- what the answer is applied to, JSON
    answer TEXT,                         -- reference or refusal, never a body
    request_id TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX outbox_one_open ON outbox (purpose)
    WHERE state IN ('NEW', 'SENT', 'UNKNOWN', 'LOOKUP');
CREATE INDEX outbox_due ON outbox (next_at) WHERE state IN ('NEW', 'SENT', 'UNKNOWN', 'LOOKUP');
CREATE TRIGGER outbox_body_stands BEFORE UPDATE OF body, idempotency_key, path, method ON outbox
BEGIN SELECT raise(ABORT, 'a request is never changed'); END;
CREATE TRIGGER outbox_end_stands BEFORE UPDATE OF state ON outbox
WHEN old.state IN ('DONE', 'FAILED') AND new.state <> old.state
BEGIN SELECT raise(ABORT, 'an ended request is never opened again'); END;

CREATE TABLE outbox_attempts (
    outbox_id BLOB NOT NULL REFERENCES outbox (id),
    n INTEGER NOT NULL,
    at INTEGER NOT NULL,
    steady_us INTEGER NOT NULL,
    body_hash BLOB NOT NULL CHECK (length(body_hash) = 32),
    PRIMARY KEY (outbox_id, n)
) STRICT, WITHOUT ROWID;

-- What the processor told, each id once.
CREATE TABLE stripe_events (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    created INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    via TEXT NOT NULL,                   -- POLL or WEBHOOK
    state TEXT NOT NULL,                 -- STORED, APPLIED, IGNORED, PARKED
    reason TEXT,
    body TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX events_to_apply ON stripe_events (received_at) WHERE state = 'STORED';
CREATE TABLE stripe_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    cursor TEXT,
    polled_at INTEGER,
    reconciled_at INTEGER,
    webhook_at INTEGER,
    webhook_refused_at INTEGER
) STRICT;
INSERT INTO stripe_state (one) VALUES (1);

-- Told once: a trial that ends, a price that rises, a card that failed.
CREATE TABLE billing_notices (
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    at INTEGER NOT NULL,
    detail TEXT,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_in_time ON billing_notices (at);

-- Everything that left the house: where to, what for, which fields. Lines stay.
CREATE TABLE egress_journal (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    destination TEXT NOT NULL,
    purpose TEXT NOT NULL,
    jurisdiction TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,                  -- template, without ids
    fields TEXT NOT NULL,                -- names, separated by blanks
    bytes INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    consent_id BLOB,
    outcome TEXT NOT NULL                -- ALLOWED or the reason it was refused
) STRICT;
CREATE TRIGGER egress_never_changes BEFORE UPDATE ON egress_journal
BEGIN SELECT raise(ABORT, 'egress lines cannot be changed'); END;
CREATE TRIGGER egress_never_shrinks BEFORE DELETE ON egress_journal
BEGIN SELECT raise(ABORT, 'egress lines cannot be removed'); END;

-- Keys of services, inside the sealed store and nowhere else.
CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
