"""Remembering: one Django app per noun. Tables are private to the app that owns them."""
