"""What is coming on a desk: its log and promises gathered for the engine."""
