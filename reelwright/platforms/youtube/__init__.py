"""YouTube: Data API v3, resumable uploads."""
