"""The answer of a backtest for people: lines, one HTML file, a PDF, all made from its JSON, without database or Django."""
