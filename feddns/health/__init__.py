"""What we believe: evidence and memory in, verdicts out."""
