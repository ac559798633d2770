"""Background music made on this machine, without samples, models or network."""
