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

-- The last fifty acts that can be taken back; data is what the way back needs, as JSON.
CREATE TABLE actions (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    step TEXT NOT NULL, -- LOG, ITEM_NEW, ITEM_CHANGE, INITIAL, CHILD_NEW, CHILD_CHANGE, IMPORT
    child_id BLOB,
    entity_id BLOB NOT NULL,
    data TEXT NOT NULL,
    at INTEGER NOT NULL,
    user_id BLOB,
    undone_at INTEGER
) STRICT;
