"""What must not go out."""
