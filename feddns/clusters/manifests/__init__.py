"""A cluster observed through a folder of manifests."""
