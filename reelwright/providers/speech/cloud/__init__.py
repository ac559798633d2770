"""Voices of vendors: long text in parts, word times, and one file a vendor."""
