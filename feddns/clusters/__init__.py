"""How clusters are observed: sources that watch, and the views that they keep."""
