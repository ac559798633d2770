"""X: API v2, chunked media upload."""
