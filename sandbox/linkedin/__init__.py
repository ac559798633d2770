"""LinkedIn's REST API at wire level."""
