"""Connecting accounts against the sandbox's consent pages, over real HTTP and a real PostgreSQL."""
