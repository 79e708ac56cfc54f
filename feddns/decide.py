"""The whole thought about one service as one function: run, plan, records and explain all call it."""
