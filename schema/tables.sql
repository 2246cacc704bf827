-- The schema as it shall be: the newest migration leads here (a test compares the two). To change
-- it, edit this file, then run: ./dev migration NAME

-- The home, its people and devices, what they agreed to, and the audit trail.
-- Ids are 16 bytes, instants microseconds since 1970 UTC, days numbers since 1970-01-01.

CREATE TABLE users (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    email TEXT NOT NULL,
    first_name TEXT,
    last_name TEXT,
    display_name TEXT NOT NULL,
    phone_number TEXT,
    timezone TEXT NOT NULL,
    language TEXT NOT NULL,
    currency TEXT NOT NULL DEFAULT 'CAD',
    province TEXT,
    postal_code TEXT,
    status TEXT NOT NULL,
    role TEXT NOT NULL,
    email_verified INTEGER NOT NULL DEFAULT 0,
    onboarding_completed INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- One row: a store serves one home.
CREATE TABLE household (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    id BLOB NOT NULL CHECK (length(id) = 16),
    province TEXT NOT NULL,
    timezone TEXT NOT NULL,
    language TEXT NOT NULL,
    demo INTEGER NOT NULL,
    owner_id BLOB NOT NULL REFERENCES users (id),
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE devices (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    platform TEXT,
    last_address TEXT,
    paired_at INTEGER NOT NULL,
    last_seen_at INTEGER,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX devices_of_user ON devices (user_id, name);

-- A ledger: the newest line of a kind counts, older ones stay.
CREATE TABLE consents (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id),
    consent_type TEXT NOT NULL,
    granted INTEGER NOT NULL,
    at INTEGER NOT NULL,
    expires_at INTEGER,
    consent_version TEXT NOT NULL,
    language TEXT NOT NULL,
    device_id BLOB
) STRICT;
CREATE INDEX consents_newest ON consents (user_id, consent_type, seq);

CREATE TABLE audit_log (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL CHECK (length(id) = 16),
    at INTEGER NOT NULL,
    actor_id BLOB,
    device_id BLOB,
    action TEXT NOT NULL,
    entity TEXT NOT NULL,
    entity_id BLOB,
    detail TEXT,
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;
CREATE INDEX audit_of_entity ON audit_log (entity, seq);
CREATE INDEX audit_of_actor ON audit_log (actor_id, seq);

-- The newest line, kept apart so that a cut tail shows.
CREATE TABLE audit_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    seq INTEGER NOT NULL,
    digest BLOB NOT NULL
) STRICT;

CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit_log
BEGIN SELECT raise(ABORT, 'audit lines cannot be changed'); END;
CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit_log
BEGIN SELECT raise(ABORT, 'audit lines cannot be removed'); END;
CREATE TRIGGER consents_never_change BEFORE UPDATE ON consents
BEGIN SELECT raise(ABORT, 'consent lines cannot be changed'); END;

-- Children, the cupboard, the log, what parents said about days, imports, undo.

CREATE TABLE children (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    name TEXT NOT NULL,
    date_of_birth INTEGER NOT NULL,
    gender TEXT,
    current_diaper_size TEXT NOT NULL,
    current_weight_g INTEGER CHECK (current_weight_g > 0),
    current_height_mm INTEGER CHECK (current_height_mm > 0),
    daily_usage_count INTEGER NOT NULL CHECK (daily_usage_count BETWEEN 1 AND 20),
    has_sensitive_skin INTEGER NOT NULL DEFAULT 0,
    has_allergies INTEGER NOT NULL DEFAULT 0,
    allergies_notes TEXT,
    preferred_brands TEXT, -- JSON array
    special_needs TEXT,
    onboarding_completed INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    deleted_at INTEGER
) STRICT;

CREATE TABLE inventory_items (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    child_id BLOB NOT NULL REFERENCES children (id),
    product_type TEXT NOT NULL,
    brand TEXT NOT NULL,
    product_name TEXT,
    size TEXT NOT NULL,
    quantity_total INTEGER NOT NULL CHECK (quantity_total >= 0),
    quantity_remaining INTEGER NOT NULL,
    quantity_reserved INTEGER NOT NULL DEFAULT 0 CHECK (quantity_reserved >= 0),
    purchase_date INTEGER NOT NULL,
    cost_cents INTEGER CHECK (cost_cents >= 0),
    expiry_date INTEGER,
    expiry_day INTEGER,
    storage_location TEXT,
    opened_date INTEGER,
    notes TEXT,
    quality_rating INTEGER CHECK (quality_rating BETWEEN 1 AND 5),
    would_rebuy INTEGER,
    initial INTEGER NOT NULL DEFAULT 0, -- stock on the shelf at the start
    created_at INTEGER NOT NULL,
    deleted_at INTEGER,
    CHECK (quantity_remaining BETWEEN 0 AND quantity_total)
) STRICT;
CREATE INDEX inventory_of_child ON inventory_items (child_id, purchase_date);
CREATE INDEX inventory_to_take ON inventory_items (child_id, product_type, size);

CREATE TABLE imports (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    child_id BLOB NOT NULL REFERENCES children (id),
    file_name TEXT NOT NULL,
    format TEXT NOT NULL,
    state TEXT NOT NULL,
    day_order TEXT NOT NULL,
    day_reason TEXT NOT NULL,
    first_day INTEGER,
    last_day INTEGER,
    days INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    gap_days INTEGER NOT NULL,
    refused_lines INTEGER NOT NULL,
    written INTEGER NOT NULL DEFAULT 0,
    total INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- The events of a staged import, 2,000 a row, in time order (agent/household/import.c).
CREATE TABLE import_events (
    import_id BLOB NOT NULL REFERENCES imports (id),
    chunk INTEGER NOT NULL,
    events BLOB NOT NULL,
    PRIMARY KEY (import_id, chunk)
) STRICT, WITHOUT ROWID;

CREATE TABLE import_problems (
    import_id BLOB NOT NULL REFERENCES imports (id),
    n INTEGER NOT NULL,
    line INTEGER NOT NULL,
    message TEXT NOT NULL, -- catalogue key
    arg0 TEXT,
    arg1 TEXT,
    arg2 TEXT,
    PRIMARY KEY (import_id, n)
) STRICT, WITHOUT ROWID;

-- How many lines of an import were refused for each reason, the most frequent first.
CREATE TABLE import_reasons (
    import_id BLOB NOT NULL REFERENCES imports (id),
    n INTEGER NOT NULL,
    message TEXT NOT NULL, -- catalogue key of the problem
    lines INTEGER NOT NULL,
    PRIMARY KEY (import_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_logs (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    child_id BLOB NOT NULL REFERENCES children (id),
    inventory_item_id BLOB REFERENCES inventory_items (id),
    usage_type TEXT NOT NULL,
    is_change INTEGER NOT NULL,
    logged_at INTEGER NOT NULL,
    local_day INTEGER NOT NULL, -- in the household's zone
    quantity_used INTEGER NOT NULL CHECK (quantity_used > 0),
    context TEXT,
    caregiver_name TEXT,
    was_wet INTEGER,
    was_soiled INTEGER,
    had_leakage INTEGER,
    diaper_condition TEXT,
    product_rating INTEGER,
    change_duration INTEGER,
    notes TEXT,
    health_notes TEXT,
    client_key BLOB,
    import_id BLOB REFERENCES imports (id),
    user_id BLOB,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX usage_in_time ON usage_logs (child_id, logged_at);
CREATE INDEX usage_by_day ON usage_logs (child_id, local_day);
CREATE UNIQUE INDEX usage_client_key ON usage_logs (client_key) WHERE client_key IS NOT NULL;
CREATE INDEX usage_of_import ON usage_logs (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX usage_of_item ON usage_logs (inventory_item_id) WHERE inventory_item_id IS NOT NULL;

-- What a parent said about a day.
CREATE TABLE usage_days (
    child_id BLOB NOT NULL REFERENCES children (id),
    local_day INTEGER NOT NULL,
    status TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (child_id, local_day)
) STRICT, WITHOUT ROWID;

-- Weighings and heights; the newest is also the child's current one.
CREATE TABLE measurements (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    child_id BLOB NOT NULL REFERENCES children (id),
    local_day INTEGER NOT NULL,
    weight_g INTEGER CHECK (weight_g > 0),
    height_mm INTEGER CHECK (height_mm > 0),
    created_at INTEGER NOT NULL,
    CHECK (weight_g IS NOT NULL OR height_mm IS NOT NULL)
) STRICT;
CREATE INDEX measurements_of_child ON measurements (child_id, local_day, seq);

-- What a family marks in the calendar: illness, daycare, travel, a size that pinches.
CREATE TABLE child_marks (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    child_id BLOB NOT NULL REFERENCES children (id),
    kind TEXT NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER CHECK (last_day >= first_day), -- null: open end
    weekdays INTEGER NOT NULL DEFAULT 0 CHECK (weekdays BETWEEN 0 AND 127), -- bit 0 is Monday
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX marks_of_child ON child_marks (child_id, first_day);

-- A child born before term is measured by the age counted from term.
CREATE TABLE birth_terms (
    child_id BLOB PRIMARY KEY REFERENCES children (id),
    days_early INTEGER NOT NULL CHECK (days_early BETWEEN 0 AND 125)
) STRICT, WITHOUT ROWID;

-- How long a delivery takes here: one in ten comes by the first, half by the second, nine in ten
-- by the third number of days.
CREATE TABLE delivery_times (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    early_days INTEGER NOT NULL CHECK (early_days BETWEEN 0 AND 14),
    usual_days INTEGER NOT NULL CHECK (usual_days BETWEEN early_days AND 14),
    late_days INTEGER NOT NULL CHECK (late_days BETWEEN usual_days AND 14)
) STRICT;

-- The last fifty acts that can be taken back; data is what the way back needs, as JSON.
CREATE TABLE actions (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    step TEXT NOT NULL, -- LOG, LOG_FIX, ITEM_NEW, ITEM_CHANGE, INITIAL, CHILD_NEW, CHILD_CHANGE, IMPORT
    child_id BLOB,
    entity_id BLOB NOT NULL,
    data TEXT NOT NULL,
    at INTEGER NOT NULL,
    user_id BLOB,
    undone_at INTEGER
) STRICT;

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
    updated_at INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'ACTIVE',
    source TEXT NOT NULL DEFAULT 'STRIPE',
    stripe_price_id TEXT,
    stripe_item_id TEXT,
    yearly INTEGER NOT NULL DEFAULT 0,
    province TEXT NOT NULL DEFAULT 'ON',
    next_tier TEXT,
    trial_start INTEGER,
    trial_end INTEGER,
    period_start INTEGER,
    period_end INTEGER,
    cooling_off_end INTEGER,
    consent_at INTEGER,
    grace_until INTEGER,
    cancelled_at INTEGER,
    cancel_at_period_end INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_live_subscription ON reorder_subscriptions (user_id) WHERE is_active = 1;
CREATE UNIQUE INDEX subscription_at_stripe ON reorder_subscriptions (stripe_subscription_id)
    WHERE stripe_subscription_id IS NOT NULL;
CREATE INDEX subscriptions_of_user ON reorder_subscriptions (user_id, created_at);

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

-- What a prediction was made from, to make it again bit for bit, and what it says of buying.
CREATE TABLE prediction_records (
    prediction_seq INTEGER PRIMARY KEY REFERENCES consumption_predictions (seq) ON DELETE CASCADE,
    seed INTEGER NOT NULL,               -- 0: nothing is drawn
    data_hash TEXT NOT NULL,             -- SHA-256 of record, hexadecimal
    result_hash TEXT NOT NULL,
    settings TEXT NOT NULL,              -- JSON
    packs_to_buy INTEGER,
    pack_pieces INTEGER NOT NULL,
    packs_held_back INTEGER NOT NULL,
    weighings INTEGER NOT NULL,
    week_accuracy REAL,
    record BLOB NOT NULL                 -- agent/forecast/record.c
) STRICT;

CREATE TABLE retailer_configurations (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id),
    retailer_type TEXT NOT NULL,
    is_active INTEGER NOT NULL DEFAULT 1,
    api_endpoint TEXT NOT NULL,
    rate_limit_per_hour INTEGER NOT NULL,
    total_successful_orders INTEGER NOT NULL DEFAULT 0,
    consecutive_failures INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    retailer_name TEXT NOT NULL DEFAULT '',
    api_version TEXT,
    client_id TEXT, -- sealed for the owner
    client_secret TEXT, -- sealed for the owner
    partner_tag TEXT,
    store_id TEXT,
    requests_this_hour INTEGER NOT NULL DEFAULT 0,
    tokens INTEGER, -- left in the bucket, thousandths; NULL: full
    tokens_at INTEGER,
    open_until INTEGER, -- of the circuit breaker
    last_successful_request INTEGER,
    total_requests_made INTEGER NOT NULL DEFAULT 0,
    average_response_time_ms INTEGER,
    last_error_message TEXT,
    last_error_date INTEGER,
    updated_at INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

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

-- Plans, bills, cards, what is asked of the payment processor, and what it told.

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
CREATE INDEX bills_of_payment ON billing_records (stripe_payment_id) WHERE stripe_payment_id IS NOT NULL;

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
CREATE INDEX outbox_of_purpose ON outbox (purpose, state);
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
    run INTEGER NOT NULL DEFAULT 0,
    heard INTEGER NOT NULL DEFAULT 0,
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
CREATE INDEX events_of_object ON stripe_events (object_id, received_at) WHERE state = 'STORED';
CREATE TABLE stripe_state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    cursor TEXT,
    polled_at INTEGER,
    reconciled_at INTEGER,
    webhook_at INTEGER,
    webhook_refused_at INTEGER,
    customer TEXT,                       -- of the household
    purchase TEXT,                       -- not finished: a checkout session or an incomplete subscription
    purchase_tier TEXT,
    purchase_until INTEGER,
    watch_until INTEGER                  -- news is looked for often until then
) STRICT;
-- What the tax rates of the account in use are.
CREATE TABLE stripe_tax_rates (
    id TEXT PRIMARY KEY,
    kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 3), -- GST, HST, PST, QST
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

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
-- Folders besides the home's own that backups go to, and whose law they lie under.
CREATE TABLE backup_targets (
    seq INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    jurisdiction TEXT NOT NULL CHECK (length(jurisdiction) = 2),
    network INTEGER NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;

-- A data key for each child; the texts that say who somebody is are sealed under it.
CREATE TABLE person_keys (
    person_id BLOB PRIMARY KEY CHECK (length(person_id) = 16),
    key BLOB NOT NULL CHECK (length(key) = 32),
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What a client named when it asked for a change, kept 30 days: asked again, the same answer.
CREATE TABLE client_mutations (
    user_id BLOB NOT NULL REFERENCES users (id),
    client_id TEXT NOT NULL,
    field TEXT NOT NULL,
    digest INTEGER NOT NULL, -- of the arguments
    at INTEGER NOT NULL,
    answer TEXT, -- NULL: done, its answer not kept
    PRIMARY KEY (user_id, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_mutations_by_age ON client_mutations (at);

-- The window in which one device may pair, and the tries of the day; one row.
CREATE TABLE pairing (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    run BLOB NOT NULL CHECK (length(run) = 16), -- of the agent that opened it: a restart closes it
    code_hash BLOB NOT NULL CHECK (length(code_hash) = 32),
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    closes_steady_us INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    used INTEGER NOT NULL,
    day INTEGER NOT NULL, -- of day_tries, in the household's zone
    day_tries INTEGER NOT NULL
) STRICT;

-- Refresh tokens, as hashes. A spent one stays, so that its second use is noticed.
CREATE TABLE sessions (
    refresh_hash BLOB PRIMARY KEY CHECK (length(refresh_hash) = 32),
    device_id BLOB NOT NULL REFERENCES devices (id),
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    spent_at INTEGER,
    successor BLOB, -- hash of what it was traded for
    again INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_device ON sessions (device_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- What a parent asked not to be reminded of for a while.
CREATE TABLE reorder_pauses (
    child_id BLOB PRIMARY KEY CHECK (length(child_id) = 16) REFERENCES children (id),
    kind TEXT NOT NULL CHECK (kind IN ('SNOOZE', 'SKIP', 'PAUSE')),
    until INTEGER, -- local day, the first on which it no longer holds; NULL: until taken back
    set_by BLOB REFERENCES users (id),
    set_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How far the agent may go on its own for one child, and what its forecast shall reckon with.
CREATE TABLE reorder_preferences (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    child_id BLOB NOT NULL UNIQUE REFERENCES children (id),
    auto_reorder_enabled INTEGER NOT NULL CHECK (auto_reorder_enabled IN (0, 1)),
    reorder_threshold_days INTEGER NOT NULL CHECK (reorder_threshold_days BETWEEN 1 AND 60),
    max_order_amount_cad INTEGER NOT NULL CHECK (max_order_amount_cad > 0), -- cents
    preferred_retailers TEXT NOT NULL, -- of RetailerTypeEnum, best first, commas between
    preferred_brands TEXT NOT NULL, -- JSON array
    size_preferences TEXT NOT NULL, -- JSON object
    preferred_delivery_days INTEGER NOT NULL CHECK (preferred_delivery_days BETWEEN 0 AND 127), -- bit 0 is Sunday
    delivery_instructions TEXT, -- sealed for the child
    emergency_contact_on_delivery INTEGER NOT NULL CHECK (emergency_contact_on_delivery IN (0, 1)),
    notify_before_order INTEGER NOT NULL CHECK (notify_before_order IN (0, 1)),
    notify_order_placed INTEGER NOT NULL CHECK (notify_order_placed IN (0, 1)),
    notify_delivery_updates INTEGER NOT NULL CHECK (notify_delivery_updates IN (0, 1)),
    notification_advance_hours INTEGER NOT NULL CHECK (notification_advance_hours BETWEEN 0 AND 168),
    use_growth_prediction INTEGER NOT NULL CHECK (use_growth_prediction IN (0, 1)),
    use_seasonal_adjustments INTEGER NOT NULL CHECK (use_seasonal_adjustments IN (0, 1)),
    prediction_confidence_threshold TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is bought, whoever sells it.
CREATE TABLE products (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    gtin TEXT UNIQUE CHECK (length(gtin) = 14), -- fourteen digits
    brand TEXT NOT NULL,
    title TEXT NOT NULL,
    folded TEXT NOT NULL, -- brand and title without capitals and accents
    size TEXT, -- of DiaperSizeType
    pieces INTEGER NOT NULL CHECK (pieces BETWEEN 0 AND 10000), -- in a pack; 0: not known
    class TEXT NOT NULL, -- of the tax tables
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX products_of_size ON products (class, size);
CREATE INDEX products_by_text ON products (folded, pieces);

-- The number of a product at a shop.
CREATE TABLE product_mappings (
    retailer_type TEXT NOT NULL,
    sku TEXT NOT NULL,
    product_id BLOB NOT NULL REFERENCES products (id),
    url TEXT,
    PRIMARY KEY (retailer_type, sku)
) STRICT, WITHOUT ROWID;
CREATE INDEX mappings_of_product ON product_mappings (product_id);

-- The newest price of a product at each shop, and how it came to be known.
CREATE TABLE offers (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    product_id BLOB NOT NULL REFERENCES products (id),
    retailer_type TEXT NOT NULL,
    shop TEXT NOT NULL, -- as shown
    min_packs INTEGER NOT NULL CHECK (min_packs BETWEEN 1 AND 1000), -- the price is of each, from so many on
    sku TEXT,
    price_cents INTEGER NOT NULL CHECK (price_cents > 0), -- of one pack, before tax
    currency TEXT NOT NULL CHECK (currency = 'CAD'),
    regular_cents INTEGER,
    delivery_cents INTEGER, -- NULL: not known
    free_from_cents INTEGER, -- NULL: never
    delivery_days INTEGER,
    availability INTEGER NOT NULL CHECK (availability BETWEEN 0 AND 3),
    source TEXT NOT NULL CHECK (source IN ('MANUAL', 'RECEIPT', 'API', 'LINK')),
    url TEXT,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (product_id, retailer_type, shop, min_packs)
) STRICT, WITHOUT ROWID;

-- Every price that was ever seen.
CREATE TABLE price_history (
    seq INTEGER PRIMARY KEY,
    offer_id BLOB NOT NULL REFERENCES offers (id),
    seen_at INTEGER NOT NULL,
    price_cents INTEGER NOT NULL,
    source TEXT NOT NULL
) STRICT;
CREATE INDEX prices_of_offer ON price_history (offer_id, seen_at);

-- Products whose fall in price somebody wants to hear of.
CREATE TABLE price_watches (
    product_id BLOB PRIMARY KEY REFERENCES products (id),
    below_milli INTEGER, -- thousandths of a cent for a piece, all in; NULL: any fall
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE notice_preferences (
    user_id BLOB PRIMARY KEY REFERENCES users (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    switches INTEGER NOT NULL, -- bits of agent/store/notices.h
    quiet_from INTEGER CHECK (quiet_from BETWEEN 0 AND 1439), -- minutes of the local day
    quiet_until INTEGER CHECK (quiet_until BETWEEN 0 AND 1439),
    stock_days INTEGER NOT NULL CHECK (stock_days BETWEEN 1 AND 30),
    change_hours INTEGER NOT NULL CHECK (change_hours BETWEEN 1 AND 12),
    expiry_days INTEGER NOT NULL CHECK (expiry_days BETWEEN 1 AND 90),
    daily_limit INTEGER NOT NULL CHECK (daily_limit BETWEEN 1 AND 50),
    timezone TEXT, -- NULL: of the household
    consent_at INTEGER,
    marketing_consent_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE notice_tokens (
    user_id BLOB NOT NULL REFERENCES users (id),
    token TEXT NOT NULL,
    platform TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user_id, token)
) STRICT, WITHOUT ROWID;
-- What a person was told, and what waits until they may be. No name stands here: the words are
-- made when it is read.
CREATE TABLE notices (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    user_id BLOB NOT NULL REFERENCES users (id),
    kind TEXT NOT NULL,
    subject TEXT NOT NULL, -- what it is about: told once while it is so
    child_id BLOB REFERENCES children (id),
    amount INTEGER NOT NULL,
    local_day INTEGER,
    words TEXT,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    delivered_at INTEGER,
    opened_at INTEGER,
    clicked_at INTEGER,
    dismissed_at INTEGER,
    ended_at INTEGER -- it is so no longer
) STRICT;
CREATE UNIQUE INDEX notices_standing ON notices (user_id, kind, subject)
    WHERE ended_at IS NULL AND channel = 'IN_APP';
CREATE INDEX notices_of_user ON notices (user_id, created_at);
CREATE INDEX notices_by_age ON notices (created_at);
CREATE INDEX notices_of_child ON notices (child_id) WHERE child_id IS NOT NULL;
