-- loses: backup_targets
DROP TABLE backup_targets;
