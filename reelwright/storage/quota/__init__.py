"""The quota ledger in PostgreSQL."""
