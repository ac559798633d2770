"""Harvesting feeds on a schedule."""
