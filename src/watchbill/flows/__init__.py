"""Acting: gather the facts, let the engine decide, apply. One module or package per stage."""
