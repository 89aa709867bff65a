"""Thinking: facts in, outcome out. No framework, no clock, no network, no disk."""
