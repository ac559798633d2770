"""What adapters of all capabilities share: the specification of a provider, and how its HTTP answers are read."""
