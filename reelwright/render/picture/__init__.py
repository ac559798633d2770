"""Pictures: opened, corrected, moved, blended; from stills to YUV frames."""
