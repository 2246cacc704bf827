-- The four tables of the documentation, with every column under its name. Amounts are whole
-- cents, rates parts per million, JSON is text; predictions hold their numbers as measured.

CREATE TABLE reorder_subscriptions (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id),
    tier TEXT NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1,
    stripe_subscription_id TEXT,
    stripe_customer_id TEXT,
    billing_amount_cad INTEGER NOT NULL,
    gst_rate INTEGER NOT NULL,
    pst_hst_rate INTEGER NOT NULL,
    total_tax_rate INTEGER NOT NULL,
    features TEXT NOT NULL DEFAULT '{}',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE consumption_predictions (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    child_id BLOB NOT NULL REFERENCES children (id),
    model_version TEXT NOT NULL,
    prediction_date INTEGER NOT NULL,
    prediction_horizon_days INTEGER NOT NULL,
    confidence_level TEXT NOT NULL,
    mean_absolute_error REAL,
    r_squared_score REAL,
    current_consumption_rate REAL NOT NULL,
    predicted_consumption_30d INTEGER NOT NULL,
    predicted_runout_date INTEGER,       -- day
    recommended_reorder_date INTEGER,    -- day
    size_change_probability REAL,
    predicted_new_size TEXT,
    size_change_estimated_date INTEGER,  -- day
    growth_adjustment_factor REAL NOT NULL,
    seasonal_adjustment_factor REAL NOT NULL,
    feature_importance TEXT NOT NULL,
    training_data_points INTEGER NOT NULL,
    training_period_days INTEGER NOT NULL,
    last_usage_date INTEGER,             -- day
    runout_earliest_date INTEGER,        -- day
    runout_latest_date INTEGER,          -- day
    runout_confidence TEXT NOT NULL,
    demand_30d_lower INTEGER NOT NULL,
    demand_30d_upper INTEGER NOT NULL,
    interval_coverage REAL,
    model_kind TEXT NOT NULL,
    notes TEXT NOT NULL,                 -- message keys, separated by blanks
    stock_at_prediction INTEGER NOT NULL,
    log_level REAL NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX predictions_of_child ON consumption_predictions (child_id, seq);

CREATE TABLE consumption_prediction_days (
    prediction_seq INTEGER NOT NULL REFERENCES consumption_predictions (seq) ON DELETE CASCADE,
    local_day INTEGER NOT NULL,
    expected REAL NOT NULL,
    lower REAL NOT NULL,
    upper REAL NOT NULL,
    PRIMARY KEY (prediction_seq, local_day)
) STRICT, WITHOUT ROWID;

CREATE TABLE retailer_configurations (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id),
    retailer_type TEXT NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1,
    api_endpoint TEXT NOT NULL,
    rate_limit_per_hour INTEGER NOT NULL,
    total_successful_orders INTEGER NOT NULL DEFAULT 0,
    consecutive_failures INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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
