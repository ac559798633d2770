"""`make faults`: hundreds of publications through the real workflows, each with a fault, under kill -9."""
