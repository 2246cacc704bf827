-- Retailers, products, offers, prices.
ALTER TABLE retailer_configurations ADD COLUMN retailer_name TEXT NOT NULL DEFAULT '';
ALTER TABLE retailer_configurations ADD COLUMN api_version TEXT;
ALTER TABLE retailer_configurations ADD COLUMN client_id TEXT; -- sealed for the owner
ALTER TABLE retailer_configurations ADD COLUMN client_secret TEXT; -- sealed for the owner
ALTER TABLE retailer_configurations ADD COLUMN partner_tag TEXT;
ALTER TABLE retailer_configurations ADD COLUMN store_id TEXT;
ALTER TABLE retailer_configurations ADD COLUMN requests_this_hour INTEGER NOT NULL DEFAULT 0;
ALTER TABLE retailer_configurations ADD COLUMN tokens INTEGER; -- left in the bucket, thousandths; NULL: full
ALTER TABLE retailer_configurations ADD COLUMN tokens_at INTEGER;
ALTER TABLE retailer_configurations ADD COLUMN open_until INTEGER; -- of the circuit breaker
ALTER TABLE retailer_configurations ADD COLUMN last_successful_request INTEGER;
ALTER TABLE retailer_configurations ADD COLUMN total_requests_made INTEGER NOT NULL DEFAULT 0;
ALTER TABLE retailer_configurations ADD COLUMN average_response_time_ms INTEGER;
ALTER TABLE retailer_configurations ADD COLUMN last_error_message TEXT;
ALTER TABLE retailer_configurations ADD COLUMN last_error_date INTEGER;
ALTER TABLE retailer_configurations ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;

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

CREATE TABLE product_mappings (
    retailer_type TEXT NOT NULL,
    sku TEXT NOT NULL,
    product_id BLOB NOT NULL REFERENCES products (id),
    url TEXT,
    PRIMARY KEY (retailer_type, sku)
) STRICT, WITHOUT ROWID;
CREATE INDEX mappings_of_product ON product_mappings (product_id);

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

CREATE TABLE price_history (
    seq INTEGER PRIMARY KEY,
    offer_id BLOB NOT NULL REFERENCES offers (id),
    seen_at INTEGER NOT NULL,
    price_cents INTEGER NOT NULL,
    source TEXT NOT NULL
) STRICT;
CREATE INDEX prices_of_offer ON price_history (offer_id, seen_at);

CREATE TABLE price_watches (
    product_id BLOB PRIMARY KEY REFERENCES products (id),
    below_milli INTEGER, -- thousandths of a cent for a piece, all in; NULL: any fall
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
