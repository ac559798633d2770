"""Finished videos of the user's own: looked at, encoded again where no platform would take them, captioned."""
