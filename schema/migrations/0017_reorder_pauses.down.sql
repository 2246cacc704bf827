-- loses: reorder_pauses
DROP TABLE reorder_pauses;
