"""The processes: one entry point per pool, the wiring of concrete things into activities, and the local stack."""
