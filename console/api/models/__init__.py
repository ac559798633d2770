"""What the API takes and answers. Whatever the domain has a model of is answered as that model."""
