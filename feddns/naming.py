"""A service's DNS name at each scope, and back."""
