"""What things are: frozen values that every other part speaks in.

Values are `msgspec.Struct`s: as frozen as a dataclass, eight times faster to make and half the memory, which counts
with tens of thousands of record sets.
"""
