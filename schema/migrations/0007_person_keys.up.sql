-- A data key for each child; the texts that say who somebody is are sealed under it
-- (agent/store/person.c gives person_key, person_seal and person_open to SQL).
CREATE TABLE person_keys (
    person_id BLOB PRIMARY KEY CHECK (length(person_id) = 16),
    key BLOB NOT NULL CHECK (length(key) = 32),
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO person_keys (person_id, key, made_at) SELECT id, person_key(), created_at FROM children;
UPDATE children SET name = person_seal(id, name), allergies_notes = person_seal(id, allergies_notes),
    special_needs = person_seal(id, special_needs);
UPDATE usage_logs SET caregiver_name = person_seal(child_id, caregiver_name),
    notes = person_seal(child_id, notes), health_notes = person_seal(child_id, health_notes)
    WHERE caregiver_name IS NOT NULL OR notes IS NOT NULL OR health_notes IS NOT NULL;
UPDATE inventory_items SET notes = person_seal(child_id, notes) WHERE notes IS NOT NULL;
