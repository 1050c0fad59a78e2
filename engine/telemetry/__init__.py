"""What the server reports: the wire contract, the recorder that writes it, exact counters, and the sinks."""
