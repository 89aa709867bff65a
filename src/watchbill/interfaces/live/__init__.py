"""Live updates: server-sent events from a small process of their own."""
