"""The side effects: small classes that are handed what they need (ports of `reelwright.domain`)."""
