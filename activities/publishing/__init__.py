"""Activities of a publication: its quota, the post, what is added to it."""
