"""Discord's webhooks at wire level."""
