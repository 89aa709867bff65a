"""What the templates take: frozen dataclasses, one module per page, with every figure already decided."""
