"""Activities of a render."""
