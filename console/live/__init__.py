"""News: what has changed, told to browsers and programs as it happens."""
