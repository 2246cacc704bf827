-- Sessions.
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
