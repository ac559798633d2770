"""Deterministic orchestration: what happens in which order. No I/O, no clock and no chance but Temporal's own."""
