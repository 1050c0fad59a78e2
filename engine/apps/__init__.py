"""What is served: files, work pages, an application of the user's. Applications without sockets."""
