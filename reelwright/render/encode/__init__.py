"""Encoding: segments, MP4, HLS, and the inspection of finished files."""
