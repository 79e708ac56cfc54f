"""The mind of the DNS server: queries in, answers out, as bytes; it opens no socket."""
