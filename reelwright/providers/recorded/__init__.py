"""The user's own recordings: narrations and music."""
