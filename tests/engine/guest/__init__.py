"""Guests: real servers of others, and programs as people write them."""
