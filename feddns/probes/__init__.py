"""Active probes: the addresses that clients are led to, asked whether they serve."""
