"""Background music made by providers."""
