"""Channels: versioned configuration that requests inherit from. See docs/channels.md."""
