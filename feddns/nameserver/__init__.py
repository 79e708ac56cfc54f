"""An authoritative DNS server: its sockets, who may transfer the zone, and the file that the zone is kept in."""
