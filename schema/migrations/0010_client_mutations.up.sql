-- Client mutations.
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
