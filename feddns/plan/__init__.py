"""The way from what is in the zone to what should be: changes, claim, batches, budget, and how they print."""
