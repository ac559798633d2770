"""The soundtrack: tracks, mixing, loudness."""
