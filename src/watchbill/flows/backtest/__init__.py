"""Backtest: a history read, a twin learned and graded, policies compared, the answer written."""
