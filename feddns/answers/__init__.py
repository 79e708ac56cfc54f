"""The DNS server's mind: a zone in memory and the rules by which a query's octets become an answer's octets."""
