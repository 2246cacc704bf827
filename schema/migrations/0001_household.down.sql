-- loses: audit_head, audit_log, consents, devices, household, users
DROP TRIGGER consents_never_change;
DROP TRIGGER audit_never_shrinks;
DROP TRIGGER audit_never_changes;
DROP TABLE audit_head;
DROP TABLE audit_log;
DROP TABLE consents;
DROP TABLE devices;
DROP TABLE household;
DROP TABLE users;
