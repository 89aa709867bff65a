"""Calendars, clock policies with versions, and the clock of each promise on each item."""
