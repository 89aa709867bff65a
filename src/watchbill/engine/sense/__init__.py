"""What is coming: which promises are in danger, and how sure that is."""
