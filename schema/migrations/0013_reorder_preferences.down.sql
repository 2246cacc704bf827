-- loses: reorder_preferences
DROP TABLE reorder_preferences;
