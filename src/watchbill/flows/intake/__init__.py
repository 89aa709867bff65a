"""Import of history: stage the file, check it, apply it; held events are released when their time comes."""
