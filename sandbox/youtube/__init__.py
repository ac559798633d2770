"""YouTube Data API v3 and Analytics v2 at wire level."""
