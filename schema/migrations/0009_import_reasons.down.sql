-- loses: import_reasons
DROP TABLE import_reasons;
