"""Activities of a content: its records, its words, its material."""
