"""Media of the user's own: fetched, decoded to the end by a process of its own, made readable where it is not."""
