"""Meta's Graph API at wire level: Instagram and Facebook on one host."""
