-- Family inputs.
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
CREATE TABLE birth_terms (
    child_id BLOB PRIMARY KEY REFERENCES children (id),
    days_early INTEGER NOT NULL CHECK (days_early BETWEEN 0 AND 125)
) STRICT, WITHOUT ROWID;
CREATE TABLE delivery_times (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    early_days INTEGER NOT NULL CHECK (early_days BETWEEN 0 AND 14),
    usual_days INTEGER NOT NULL CHECK (usual_days BETWEEN early_days AND 14),
    late_days INTEGER NOT NULL CHECK (late_days BETWEEN usual_days AND 14)
) STRICT;
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
CREATE INDEX measurements_of_child ON measurements (child_id, local_day, seq);
CREATE INDEX marks_of_child ON child_marks (child_id, first_day);
