"""What feddns says while it runs: every log event in one list, and how lines are written."""
