-- loses: reorder_transactions, retailer_configurations, consumption_prediction_days, consumption_predictions, reorder_subscriptions
DROP TABLE reorder_transactions;
DROP TABLE retailer_configurations;
DROP TABLE consumption_prediction_days;
DROP TABLE consumption_predictions;
DROP TABLE reorder_subscriptions;
