"""Oracle's network protocol, the server's side: bytes to requests, replies to bytes. No I/O."""
