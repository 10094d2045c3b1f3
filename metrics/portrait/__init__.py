"""Portraits (画像) of units: where a unit stands in the tree, its score, its course, its rows."""
