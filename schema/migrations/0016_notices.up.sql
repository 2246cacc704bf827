-- Notices.
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
