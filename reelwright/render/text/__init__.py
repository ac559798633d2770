"""From words to bitmaps: fonts, shaping, line breaks, titles."""
