"""Measurements, run by hand; `benchmarks/README.md` tells how and what was seen."""
