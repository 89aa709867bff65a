"""Drafts of a clock policy replayed over the whole history of a desk. Imports nothing: see `processes`."""
