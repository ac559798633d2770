"""How much speech costs, and how well its word times fit."""
