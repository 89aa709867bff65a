"""Work items of every kind: events are the truth, the item row is their projection."""
