-- loses: notices, notice_tokens, notice_preferences
DROP TABLE notices;
DROP TABLE notice_tokens;
DROP TABLE notice_preferences;
