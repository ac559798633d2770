"""Spoken words with the time of each."""
