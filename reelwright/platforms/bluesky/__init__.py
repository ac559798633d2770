"""Bluesky: the AT Protocol's repositories, and Bluesky's video service."""
