"""The pages: one module per screen, each with its `urls`. Parse, authorise, call, render."""
