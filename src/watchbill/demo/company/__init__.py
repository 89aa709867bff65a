"""A company that is made up: three regions, its people, its customers, and a year of their cases. Everything from a seed."""
