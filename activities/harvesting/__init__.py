"""Harvesting feeds."""
