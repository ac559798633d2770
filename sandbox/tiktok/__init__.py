"""TikTok's Content Posting API v2 at wire level."""
