"""Import of history: read a file into a desk, infer what it says about people, release what was held back."""
