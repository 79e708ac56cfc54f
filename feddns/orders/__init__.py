"""Where operators' orders are kept, so that a restarted or a second feddns finds them."""
