"""Acts of people on items: each checks the right, keeps the clocks true, notes itself, and tells who has to know."""
