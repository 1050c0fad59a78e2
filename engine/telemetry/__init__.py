"""What the server tells about itself: the wire contract, the recorder that writes it, the traced socket."""
