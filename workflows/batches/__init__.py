"""Batches of contents."""
