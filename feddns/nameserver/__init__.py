"""The authoritative DNS server: its listeners, and its zone on disk."""
