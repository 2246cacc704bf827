-- Folders besides the home's own that backups go to, and whose law they lie under.
CREATE TABLE backup_targets (
    seq INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    jurisdiction TEXT NOT NULL CHECK (length(jurisdiction) = 2),
    network INTEGER NOT NULL,
    added_at INTEGER NOT NULL
) STRICT;
