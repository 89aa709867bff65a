"""Breaches and pauses as they are read from timelines, and what people say of them."""
