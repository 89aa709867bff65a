"""What comes in: how a file of history is read, row by row, and what its history says about people."""
