-- Pauses of suggestions.
CREATE TABLE reorder_pauses (
    child_id BLOB PRIMARY KEY CHECK (length(child_id) = 16) REFERENCES children (id),
    kind TEXT NOT NULL CHECK (kind IN ('SNOOZE', 'SKIP', 'PAUSE')),
    until INTEGER, -- local day, the first on which it no longer holds; NULL: until taken back
    set_by BLOB REFERENCES users (id),
    set_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
