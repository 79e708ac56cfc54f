"""What should be in the zone for one service, with the reasons for it."""
