"""What Instagram and Facebook share: Meta's Graph API, its errors and its upload host."""
