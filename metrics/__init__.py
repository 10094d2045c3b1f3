"""Numbers: what is it worth? Cube, catalogue, values, scores, rankings. Knows nothing of pages."""
