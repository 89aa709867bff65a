"""Customers, with tier and sensitivity."""
