"""Notifications to people about their posts."""
