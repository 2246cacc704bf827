-- loses: actions, usage_days, usage_logs, import_problems, import_events, imports, inventory_items, children
DROP TABLE actions;
DROP TABLE usage_days;
DROP TABLE usage_logs;
DROP TABLE import_problems;
DROP TABLE import_events;
DROP TABLE imports;
DROP TABLE inventory_items;
DROP TABLE children;
