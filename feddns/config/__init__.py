"""What the operator asked for: the settings tree, its parser that knows lines, its JSON Schema."""
