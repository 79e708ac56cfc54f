"""A cluster observed through its API server."""
