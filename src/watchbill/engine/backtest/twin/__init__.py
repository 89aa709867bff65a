"""A desk rebuilt from its history: what was learned of it, how sure that is, and models drawn from it."""
