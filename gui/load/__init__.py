"""What the load panel is made of: a `count` that is set by a slider or by its digits, and `prose`."""
