"""Somebody's own program, traced or watched from outside."""
