"""What is served: files, work pages. Applications without sockets, chosen by method and path."""
