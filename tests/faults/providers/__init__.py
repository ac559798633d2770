"""Every provider of every capability on the wire, well and failing in each way: `make providers`."""
