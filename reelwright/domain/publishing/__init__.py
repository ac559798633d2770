"""Posts, accounts and quotas: what goes where, when, and at what cost."""
