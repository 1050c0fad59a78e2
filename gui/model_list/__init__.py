"""What the list of models is made of: an `entry` as data, its `card`, and what is `opened` in the chosen one."""
