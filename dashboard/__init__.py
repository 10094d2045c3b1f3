"""The pages and papers: pixels and words for numbers that come from `metrics`."""
