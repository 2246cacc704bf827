-- loses: stripe_state.customer, stripe_state.purchase, stripe_state.purchase_tier, stripe_state.purchase_until, stripe_state.watch_until, stripe_tax_rates
DROP INDEX bills_of_payment;
DROP INDEX events_of_object;
ALTER TABLE stripe_state DROP COLUMN customer;
ALTER TABLE stripe_state DROP COLUMN purchase;
ALTER TABLE stripe_state DROP COLUMN purchase_tier;
ALTER TABLE stripe_state DROP COLUMN purchase_until;
ALTER TABLE stripe_state DROP COLUMN watch_until;
DROP TABLE stripe_tax_rates;
