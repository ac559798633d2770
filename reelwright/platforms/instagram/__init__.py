"""Instagram: reels and stories over Meta's Graph API."""
