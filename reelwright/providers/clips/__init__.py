"""Moving pictures made by providers: submit, ask until it is done, fetch."""
