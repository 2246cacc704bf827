-- Reorder preferences.
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
