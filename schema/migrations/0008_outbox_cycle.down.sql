-- loses: outbox_attempts.heard, outbox_attempts.run
ALTER TABLE outbox_attempts DROP COLUMN heard;
ALTER TABLE outbox_attempts DROP COLUMN run;
DROP INDEX outbox_of_purpose;
