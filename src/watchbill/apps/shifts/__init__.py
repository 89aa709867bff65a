"""Usual working hours and presence."""
