"""Bluesky in the sandbox: an account's server (PDS) and the video service."""
