"""Recovery options: plans for the rest of a shift, each simulated from the desk as it is."""
