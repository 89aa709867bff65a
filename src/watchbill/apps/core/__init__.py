"""The installation's clock, audit log, locks, idempotency, and the signal that something changed."""
