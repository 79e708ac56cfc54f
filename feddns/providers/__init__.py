"""Where records go: one contract, one file a provider, one writer task a zone."""
