"""Who takes what: gather the facts of a desk, let the engine decide, apply or propose, and take people's answers."""
