-- Import reasons.
CREATE TABLE import_reasons (
    import_id BLOB NOT NULL REFERENCES imports (id),
    n INTEGER NOT NULL,
    message TEXT NOT NULL, -- catalogue key of the problem
    lines INTEGER NOT NULL,
    PRIMARY KEY (import_id, n)
) STRICT, WITHOUT ROWID;

-- Packs whose brand nobody named bore these words in the language of that day.
UPDATE inventory_items SET brand = '' WHERE brand IN ('No brand', 'Sans marque');
