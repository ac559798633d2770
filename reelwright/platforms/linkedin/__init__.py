"""LinkedIn: REST API with dated versions, uploads in parts."""
