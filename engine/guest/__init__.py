"""A program of the user's, traced or watched from outside."""
