"""Sources that are harvested on a schedule, and what becomes of their entries."""
