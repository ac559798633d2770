"""Facebook pages: reels, videos and stories over Meta's Graph API."""
