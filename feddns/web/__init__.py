"""What feddns tells over HTTP."""
