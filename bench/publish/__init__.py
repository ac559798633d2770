"""What publishing costs: bookings, ten thousand waiting ones, and an upload. Run with `make bench-publish`."""
