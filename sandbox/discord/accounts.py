"""Where an account's webhook is on the sandbox's Discord. Imports no web framework: workers ask it, too."""

from __future__ import annotations


def sandbox_webhook(name: str, url: str) -> str:
    """The address of an account's webhook on a sandbox at `url`."""
    return f"{url}/api/webhooks/1000000000000000001/sandbox-{name}"
