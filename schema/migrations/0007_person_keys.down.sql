-- loses: person_keys
UPDATE inventory_items SET notes = person_open(child_id, notes) WHERE notes IS NOT NULL;
UPDATE usage_logs SET caregiver_name = person_open(child_id, caregiver_name),
    notes = person_open(child_id, notes), health_notes = person_open(child_id, health_notes)
    WHERE caregiver_name IS NOT NULL OR notes IS NOT NULL OR health_notes IS NOT NULL;
UPDATE children SET name = person_open(id, name), allergies_notes = person_open(id, allergies_notes),
    special_needs = person_open(id, special_needs);
DROP TABLE person_keys;
