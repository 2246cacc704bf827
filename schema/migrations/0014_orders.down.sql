-- loses: order_lines, order_needs, order_events, spending_limits
DROP TABLE spending_limits;
DROP TABLE order_events;
DROP TABLE order_needs;
DROP TABLE order_lines;
DROP TRIGGER order_as_agreed;
DROP INDEX transactions_of_child;
DROP INDEX transactions_of_status;
DROP INDEX transactions_waiting;
DROP INDEX transactions_agreed;
ALTER TABLE reorder_transactions RENAME TO transactions_after;
CREATE TABLE reorder_transactions (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    subscription_id BLOB REFERENCES reorder_subscriptions (id),
    child_id BLOB NOT NULL REFERENCES children (id),
    order_number TEXT NOT NULL UNIQUE,
    retailer_order_id TEXT,
    status TEXT NOT NULL,
    products TEXT NOT NULL,
    total_amount_cad INTEGER NOT NULL,
    stripe_payment_intent_id TEXT,
    tracking_number TEXT,
    estimated_delivery_date INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX transactions_of_child ON reorder_transactions (child_id, seq);

INSERT INTO reorder_transactions (seq, id, subscription_id, child_id, order_number, retailer_order_id, status, products, total_amount_cad, stripe_payment_intent_id, tracking_number, estimated_delivery_date, created_at)
SELECT seq, id, subscription_id, child_id, order_number, retailer_order_id, status, products, total_amount_cad, stripe_payment_intent_id, tracking_number, estimated_delivery_date, created_at FROM transactions_after;
DROP TABLE transactions_after;
