"""What is out of the usual on a desk, told to those who see to it."""
