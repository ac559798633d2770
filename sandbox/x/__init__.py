"""X API v2 at wire level."""
