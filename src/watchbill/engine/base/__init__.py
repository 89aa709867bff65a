"""Words that several stages share."""
