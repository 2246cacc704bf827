-- Orders. Rows of before, which no program wrote, are kept as ended.
DROP INDEX transactions_of_child;
ALTER TABLE reorder_transactions RENAME TO transactions_before;
-- One order from the first intention to the door; state is the machine's, status what is shown.
CREATE TABLE reorder_transactions (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    subscription_id BLOB REFERENCES reorder_subscriptions (id),
    child_id BLOB NOT NULL REFERENCES children (id),
    order_number TEXT NOT NULL UNIQUE,
    retailer_order_id TEXT, -- as a shop or a person told it; never made up
    status TEXT NOT NULL,
    products TEXT NOT NULL, -- JSON array, as it was asked for
    total_amount_cad INTEGER NOT NULL CHECK (total_amount_cad = subtotal_cad + shipping_cad + tax_cad),
    stripe_payment_intent_id TEXT,
    tracking_number TEXT,
    estimated_delivery_date INTEGER,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    retailer_type TEXT NOT NULL,
    order_type TEXT NOT NULL,
    places INTEGER NOT NULL CHECK (places IN (0, 1)), -- the shop takes orders for us
    price_known INTEGER NOT NULL CHECK (price_known IN (0, 1)),
    subtotal_cad INTEGER NOT NULL CHECK (subtotal_cad >= 0),
    shipping_cad INTEGER NOT NULL CHECK (shipping_cad >= 0),
    tax_cad INTEGER NOT NULL CHECK (tax_cad >= 0),
    agreed_cad INTEGER CHECK (agreed_cad > 0), -- no more than this
    paid_cad INTEGER CHECK (paid_cad >= 0),    -- as told
    delivery_address TEXT, -- sealed for the child
    payment_method TEXT,
    checkout_url TEXT,
    tracking_url TEXT,
    prediction_id BLOB,
    runout_day INTEGER,
    explanation TEXT NOT NULL, -- JSON object: what it was decided from
    failure_reason TEXT,
    retry_count INTEGER NOT NULL DEFAULT 0,
    last_retry_at INTEGER,
    created_by BLOB,
    proposed_at INTEGER NOT NULL,
    approved_by BLOB,
    approved_at INTEGER,
    confirmed_at INTEGER,
    shipped_at INTEGER,
    delivered_at INTEGER,
    cancelled_at INTEGER,
    stocked_at INTEGER,
    score INTEGER CHECK (score BETWEEN 1 AND 5),
    score_note TEXT, -- sealed for the child
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX transactions_of_child ON reorder_transactions (child_id, seq);
CREATE INDEX transactions_of_status ON reorder_transactions (status, seq);
CREATE INDEX transactions_waiting ON reorder_transactions (state, proposed_at, approved_at)
    WHERE state IN ('PROPOSED', 'APPROVED');
CREATE INDEX transactions_agreed ON reorder_transactions (approved_at) WHERE approved_at IS NOT NULL;

-- What was agreed to stays as it was agreed to.
CREATE TRIGGER order_as_agreed BEFORE UPDATE OF products, subtotal_cad, shipping_cad, tax_cad, total_amount_cad,
    retailer_type, child_id, delivery_address ON reorder_transactions
WHEN OLD.state <> 'PROPOSED' BEGIN SELECT raise(ABORT, 'an order is not changed after the yes'); END;

CREATE TABLE order_lines (
    order_seq INTEGER NOT NULL REFERENCES reorder_transactions (seq),
    n INTEGER NOT NULL,
    product_id TEXT,
    name TEXT NOT NULL,
    product_type TEXT NOT NULL,
    size TEXT,
    pieces INTEGER CHECK (pieces > 0), -- in a pack; NULL: not known
    packs INTEGER NOT NULL CHECK (packs > 0),
    price_cad INTEGER CHECK (price_cad > 0), -- of a pack
    PRIMARY KEY (order_seq, n)
) STRICT, WITHOUT ROWID;

-- What the household lacks: one open order each.
CREATE TABLE order_needs (
    need BLOB NOT NULL CHECK (length(need) = 32),
    cycle INTEGER NOT NULL,
    order_seq INTEGER NOT NULL REFERENCES reorder_transactions (seq),
    open INTEGER NOT NULL CHECK (open IN (0, 1)),
    PRIMARY KEY (need, cycle)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX needs_open ON order_needs (need) WHERE open = 1;
CREATE INDEX needs_of_order ON order_needs (order_seq);

-- Every step and every report, also those that came late and changed nothing.
CREATE TABLE order_events (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    order_seq INTEGER NOT NULL REFERENCES reorder_transactions (seq),
    event TEXT NOT NULL,
    moved INTEGER NOT NULL CHECK (moved IN (0, 1)),
    previous_status TEXT, -- NULL: its first
    new_status TEXT NOT NULL,
    message TEXT,
    source TEXT NOT NULL,
    external_reference TEXT,
    tracking_number TEXT,
    tracking_url TEXT,
    estimated_delivery INTEGER,
    actor_id BLOB,
    at INTEGER NOT NULL
) STRICT;
CREATE INDEX events_of_order ON order_events (order_seq, seq);

CREATE TABLE spending_limits (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    per_order_cad INTEGER CHECK (per_order_cad > 0), -- NULL: none
    per_month_cad INTEGER CHECK (per_month_cad > 0),
    updated_at INTEGER NOT NULL
) STRICT;

INSERT INTO reorder_transactions (seq, id, subscription_id, child_id, order_number, retailer_order_id, status, products, total_amount_cad, stripe_payment_intent_id, tracking_number, estimated_delivery_date, created_at,
    state, retailer_type, order_type, places, price_known, subtotal_cad, shipping_cad, tax_cad, explanation,
    proposed_at, updated_at)
SELECT seq, id, subscription_id, child_id, order_number, retailer_order_id, status, products, total_amount_cad, stripe_payment_intent_id, tracking_number, estimated_delivery_date, created_at,
    'EXPIRED', '', 'MANUAL', 0, 1, total_amount_cad, 0, 0, '{}', created_at, created_at FROM transactions_before;
DROP TABLE transactions_before;
