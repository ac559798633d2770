"""Everything of Reelwright that would still make sense without Temporal."""
