"""Who takes which item: the whole queue at once (`plan`), or one changed item against the current plan (`place`)."""
