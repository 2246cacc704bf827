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
