"""Servers on loopback that speak the wire of paid and rationed providers."""
