"""Consent pages: what a person sees of a platform when an application asks for access, and the codes that follow."""
